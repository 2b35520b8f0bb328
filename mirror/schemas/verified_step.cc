#include "mirror/schemas/verified_step.h"

#include <algorithm>
#include <utility>

#include "mirror/schemas/config_difference.h"
#include "mirror/schemas/timing.h"

namespace longspan {
namespace {

using Kind = StepTrouble::Kind;
using Trouble = std::optional<StepTrouble>;

constexpr int kNotFound = 404;

Trouble failed(RegistryError error) { return StepTrouble{Kind::error, std::move(error), {}}; }

Trouble told(Kind kind, std::string what) { return StepTrouble{kind, {}, std::move(what)}; }

// An answer of somebody who may not have heard of the change yet.
bool is_behind(const StepTrouble& trouble) {
  if (trouble.kind == Kind::error) return trouble.answer.status == kNotFound;
  return trouble.kind == Kind::not_there;
}

// What it did, if anything, only reading tells.
template <class Answer>
bool is_unanswered(const Answer& written) {
  return !written && written.error().kind == RegistryError::Kind::unreachable &&
         !written.error().is_own_failure();
}

// Of a change that was not refused, by what was read back.
template <class Answer>
Trouble judged(const Answer& written, Trouble read) {
  if (written || !read) return read;
  const RegistryError& lost = written.error();
  if (read->kind == Kind::not_there) {
    return StepTrouble{Kind::no_answer, lost, lost.text() + "; it was not carried out"};
  }
  if (read->kind != Kind::error) return read;
  if (read->answer.kind == RegistryError::Kind::unreachable) return failed(lost);
  return StepTrouble{Kind::no_answer, lost,
                     lost.text() + "; whether it was carried out: " + read->text()};
}

// An import, by its own answer.
Trouble refused(const RegistryResult<std::int32_t>& id, const RegisteredSchema& what) {
  if (!id) return is_unanswered(id) ? std::nullopt : failed(id.error());
  if (*id == what.id) return std::nullopt;
  return told(Kind::other_id, "it was answered with 200 and id " + std::to_string(*id));
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

}  // namespace

VerifiedSteps::VerifiedSteps(Registry& target, Pauses read_again, std::stop_token stop)
    : target_(target), read_again_(std::move(read_again)), stop_(std::move(stop)) {}

std::optional<StepTrouble> VerifiedSteps::carry_out(const SchemaStep& step) const {
  const auto& what = step.what;
  switch (step.kind) {
    case StepKind::set_import_mode:
      return set_import_mode(what.subject, step.is_new);
    case StepKind::import_version:
      return import_version(what.unpacked(), step.was_deleted);
    case StepKind::soft_delete:
      return soft_delete({what.subject, what.version});
    case StepKind::set_config:
      return step.is_all ? replace_config(what.subject, step.config)
                         : set_config(what.subject, step.config);
    case StepKind::unset_config:
      return unset_config(what.subject);
    case StepKind::reserve_ids:
      return reserve(what.unpacked());
  }
  return std::nullopt;
}

// Once more after each pause, while the answer may be a follower's.
template <class Read>
Trouble VerifiedSteps::settled(const Read& read) const {
  Trouble trouble = read();
  for (const auto pause : read_again_) {
    if (!trouble || !is_behind(*trouble) || stop_.stop_requested()) break;
    SystemTiming().pause(pause, stop_);
    trouble = read();
  }
  return trouble;
}

// A subject that no list names may have a mode all the same; of others the plan has seen it.
Trouble VerifiedSteps::set_import_mode(const Subject& subject, bool is_new) const {
  if (is_new) {
    const auto before = target_.mode(subject);
    const bool is_set = before && before->has_value();
    if (!before && before.error().kind == RegistryError::Kind::unreachable) {
      return failed(before.error());
    }
    if (is_set && is_read_only(**before)) {
      return told(Kind::read_only, "its mode is " + **before +
                                       ", so nothing is written; when that "
                                       "may end: DELETE /mode/" +
                                       subject.text() + ", and run this again");
    }
    if (is_set && **before == kImportMode) return std::nullopt;
  }
  const auto set = target_.set_mode(subject, std::string(kImportMode));
  if (!set && !is_unanswered(set)) return failed(set.error());
  if (set && is_new && trusts_modes_) return std::nullopt;
  auto trouble = settled([&]() -> Trouble {
    const auto mode = target_.mode(subject);
    if (!mode) return failed(mode.error());
    if (*mode == kImportMode) return std::nullopt;
    return told(Kind::not_there,
                "IMPORT was answered with 200, and its mode is " + mode->value_or("not set"));
  });
  if (set && trouble && trouble->kind == Kind::not_there) trouble->kind = Kind::other_id;
  return judged(set, std::move(trouble));
}

std::optional<StepTrouble> VerifiedSteps::send(const KeptVersion& kept) const {
  const RegisteredSchema what = kept.unpacked();
  const auto id = target_.import_schema(what);
  if (auto trouble = refused(id, what)) return trouble;
  return id ? std::nullopt : judged(id, find_everywhere(what));
}

std::optional<StepTrouble> VerifiedSteps::find(const KeptVersion& what) const {
  return find_everywhere(what.unpacked());
}

Trouble VerifiedSteps::import_version(const RegisteredSchema& what, bool was_deleted) const {
  const auto id = target_.import_schema(what);
  if (auto trouble = refused(id, what)) return trouble;
  if (auto trouble = find_everywhere(what)) return judged(id, std::move(trouble));
  if (was_deleted) return judged(id, expect_live({what.subject, what.version}, true));
  return std::nullopt;
}

// By both ways to it.
Trouble VerifiedSteps::find_everywhere(const RegisteredSchema& what) const {
  if (auto trouble = find_by_version(what)) return trouble;
  return find_by_id(what);
}

Trouble VerifiedSteps::find_by_version(const RegisteredSchema& what) const {
  return settled([&]() -> Trouble {
    const auto version = target_.version({what.subject, what.version});
    if (!version) return failed(version.error());
    if (!*version) return told(Kind::not_there, "it was answered with 200 and is not there");
    if ((*version)->id != what.id) {
      return told(Kind::other_id, "it is there under id " + std::to_string((*version)->id));
    }
    if ((*version)->schema == what.schema) return std::nullopt;
    return told(Kind::not_kept, "it was answered with 200 and not kept as it was sent: " +
                                    difference_of(what.schema, (*version)->schema));
  });
}

// By its text alone, which is quickly read, and if that is not it by all that its id stands for.
Trouble VerifiedSteps::find_by_id(const RegisteredSchema& what) const {
  if (has_texts_) {
    const auto text = target_.schema_text(what.id, what.subject);
    if (text && *text && **text == what.schema.text) return std::nullopt;
    if (!text && text.error().kind == RegistryError::Kind::unsupported) has_texts_ = false;
  }
  return settled([&]() -> Trouble {
    const auto by_id = target_.schema(what.id, what.subject);
    if (!by_id) return failed(by_id.error());
    if (!*by_id) return told(Kind::not_there, "it was answered with 200 and its id is not known");
    // By id some registries leave out everything but the text.
    if (is_same_text(what.schema.type, (*by_id)->text, what.schema.text)) return std::nullopt;
    return told(Kind::other_id, "its id stands for another schema");
  });
}

Trouble VerifiedSteps::soft_delete(const SubjectVersion& which) const {
  const auto deleted = target_.soft_delete(which);
  if (!deleted && !is_unanswered(deleted)) return failed(deleted.error());
  return judged(deleted, expect_live(which, false));
}

Trouble VerifiedSteps::expect_live(const SubjectVersion& which, bool is_wanted) const {
  return settled([&]() -> Trouble {
    const auto live = target_.versions(which.subject, false);
    if (!live) return failed(live.error());
    const bool is_live = std::find(live->begin(), live->end(), which.version) != live->end();
    if (is_live == is_wanted) return std::nullopt;
    return told(Kind::not_there, is_wanted
                                     ? "it was answered with 200 and is still softly deleted"
                                     : "its deletion was answered with 200 and it is still there");
  });
}

Trouble VerifiedSteps::set_config(const Subject& subject, const std::string& config) const {
  const auto set = target_.set_config(subject, config);
  if (!set && !is_unanswered(set)) return failed(set.error());
  auto trouble = settled([&]() -> Trouble {
    const auto found = target_.config(subject);
    if (!found) return failed(found.error());
    const auto dropped = dropped_settings(config, *found);
    if (dropped.empty()) return std::nullopt;
    return told(Kind::not_there,
                "settings were answered with 200 and not kept: " + joined(dropped));
  });
  return judged(set, std::move(trouble));
}

// Set first: what is refused has taken nothing away.
Trouble VerifiedSteps::replace_config(const Subject& subject, const std::string& config) const {
  const auto merged = target_.set_config(subject, config);
  if (!merged && !is_unanswered(merged)) return failed(merged.error());
  const auto unset = target_.unset_config(subject);
  if (!unset && !is_unanswered(unset)) return failed(unset.error());
  return set_config(subject, config);
}

Trouble VerifiedSteps::unset_config(const Subject& subject) const {
  const auto unset = target_.unset_config(subject);
  if (!unset && !is_unanswered(unset)) return failed(unset.error());
  auto trouble = settled([&]() -> Trouble {
    const auto found = target_.config(subject);
    if (!found) return failed(found.error());
    const auto left = dropped_settings(*found, std::nullopt);
    if (left.empty()) return std::nullopt;
    return told(Kind::not_there,
                "settings were taken back with 200 and are still there: " + joined(left));
  });
  return judged(unset, std::move(trouble));
}

Trouble VerifiedSteps::reserve(const RegisteredSchema& what) const {
  if (auto trouble = import_version(what, false)) return trouble;
  return soft_delete({what.subject, what.version});
}

}  // namespace longspan
