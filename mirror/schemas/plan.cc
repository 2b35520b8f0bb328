#include "mirror/schemas/plan.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "mirror/schemas/config_difference.h"
#include "mirror/schemas/difference_words.h"
#include "mirror/schemas/renamed_references.h"
#include "mirror/schemas/reserved_ids.h"
#include "mirror/schemas/step_order.h"
#include "mirror/schemas/target_access.h"
#include "mirror/schemas/target_ids.h"

namespace longspan {
namespace {

std::string text(const SubjectVersion& which) {
  return which.subject.text() + " version " + std::to_string(which.version);
}

class Planning {
 public:
  Planning(const Inventory& source, const Inventory& target, const SchemaRules& rules)
      : source_(source), target_(target), rules_(rules) {}

  SchemaPlan plan() {
    for (const auto& [subject, entry] : source_.subjects) name_target(subject);
    make_room();
    add_troubles();
    compare_default_configs();
    for (const auto& [subject, entry] : source_.subjects) plan_subject(subject, entry);
    refuse_differing_references();
    refuse_cycles();
    for (const auto& [subject, entry] : source_.subjects) plan_mode(subject, entry);
    for (const auto& [subject, entry] : source_.subjects) plan_deletions(subject, entry);
    plan_gone();
    link_deletions();
    for (const auto& [subject, entry] : source_.subjects) plan_config(subject, entry);
    reserve_ids();
    delete_placeholders();
    for (auto& each : access_.waiting()) out_.differences.push_back(std::move(each));
    return std::move(out_);
  }

 private:
  struct Planned {
    std::size_t import = 0;
    std::size_t difference = 0;  // which it ends
  };

  void name_target(const Subject& subject) {
    const Subject named = rules_.rename(subject);
    if (!target_.can_hold(named)) {
      tell(DifferenceKind::no_context, named, 0, 0,
           no_context_words(subject, named, *target_.no_contexts));
      left_out_[subject] = DifferenceKind::no_context;
      return;
    }
    const auto [at, is_new] = origins_.try_emplace(named, &subject);
    if (is_new) return;
    tell(DifferenceKind::same_name, named, 0, 0,
         "both " + at->second->text() + " and " + subject.text() +
             " of the source have this name on the target; the second is left out");
    left_out_[subject] = DifferenceKind::same_name;
  }

  // For a first sync's steps: a list that grows is held twice.
  void make_room() {
    std::size_t subjects = 0;
    std::size_t versions = 0;
    for (const auto& [named, subject] : origins_) {
      if (target_.subjects.contains(named)) continue;
      ++subjects;
      versions += source_.subjects.at(*subject).versions.size();
    }
    out_.imports.reserve(subjects + versions);
    out_.differences.reserve(versions);
  }

  void add_troubles() {
    for (const auto& [subject, error] : source_.troubles) {
      tell(DifferenceKind::unreadable, rules_.rename(subject), 0, 0,
           "the source does not answer about " + subject.text() + ": " + error.text());
    }
    for (const auto& [subject, error] : target_.troubles) {
      if (!origins_.contains(subject)) continue;
      tell(DifferenceKind::unreadable, subject, 0, 0,
           "the target does not answer: " + error.text());
      left_out_[*origins_.at(subject)] = DifferenceKind::unreadable;
    }
  }

  void compare_default_configs() {
    if (!source_.default_config || !target_.default_config) return;
    const auto what = config_difference(target_.default_config, source_.default_config);
    if (what.empty()) return;
    tell(DifferenceKind::default_config, {}, 0, 0, "of the registry's own settings " + what);
  }

  void plan_subject(const Subject& subject, const InventorySubject& entry) {
    if (const auto why = left_out_.find(subject); why != left_out_.end()) {
      for (const auto& [number, version] : entry.versions) barred_[{subject, number}] = why->second;
      return;
    }
    const Subject named = rules_.rename(subject);
    const auto there = target_.subjects.find(named);
    previous_.reset();
    closed_ = access_.closed({*origins_.at(named), named}, entry);
    is_in_import_ = there != target_.subjects.end() && there->second.mode == kImportMode;
    has_live_ = there != target_.subjects.end() && there->second.is_live();
    for (const auto& [number, version] : entry.versions) {
      plan_version({subject, number}, version, named);
    }
    if (closed_) closed_subjects_[subject] = *closed_;
  }

  // Of a subject that no import puts into IMPORT, or none that is left.
  void plan_mode(const Subject& subject, const InventorySubject& entry) {
    if (left_out_.contains(subject) || closed_subjects_.contains(subject)) return;
    const Subject named = rules_.rename(subject);
    const auto there = target_.subjects.find(named);
    if (there == target_.subjects.end() || modes_.contains(named)) return;
    // With its last live version a subject loses its mode.
    if (!entry.is_live() || there->second.mode == kImportMode) return;
    tell(DifferenceKind::mode, named, 0, 0,
         "it is not in IMPORT, so new versions could get other ids here", true);
    need_import_mode(named);
  }

  void plan_version(const SubjectVersion& from, const InventoryVersion& version,
                    const Subject& named) {
    const SubjectVersion at{named, from.version};
    auto schema = renamed(version.schema, from.subject, named);
    const auto refers = references_of(version.schema, from.subject, schema, named);
    const auto missing = std::find_if(refers.begin(), refers.end(), [this](const auto& each) {
      return source_.find(each.source) == nullptr && target_.find(each.target) == nullptr;
    });
    if (missing != refers.end()) {
      return bar(from, DifferenceKind::reference_missing,
                 "it refers to " + text(missing->source) + ", which neither side has");
    }
    if (const auto* there = target_.find(at)) return compare(from, version, schema, *there);
    const auto* kept = schema.references().empty() ? &version.schema : &schema;
    const auto* use =
        ids_.take(named.context, version.id, {kept, &origins_.find(named)->first, at.version});
    if (use != nullptr) {
      return bar(from, DifferenceKind::id_taken,
                 "id " + std::to_string(version.id) + " is " + text({*use->subject, use->version}) +
                     " here, another schema");
    }
    const std::string absent = version.is_deleted
                                   ? "the target does not have it; it is softly deleted"
                                   : "the target does not have it";
    if (closed_) {
      if (closed_ == Closed::read_only) access_.wait_for_mode(named);
      return bar(from, DifferenceKind::missing, absent + std::string(words_of(*closed_)));
    }
    tell(DifferenceKind::missing, named, at.version, version.id, absent, true);
    import(from, {named, at.version, version.id, std::move(schema)});
    out_.imports.back().is_checked = has_live_ && !version.is_deleted;
  }

  void compare(const SubjectVersion& from, const InventoryVersion& source, const KeptSchema& schema,
               const InventoryVersion& target) {
    if (target.schema != schema) {
      return bar(from, DifferenceKind::other_schema,
                 "the target has another schema of this version: " +
                     difference_of(schema.unpacked(), target.schema.unpacked()) +
                     remedy({rules_.rename(from.subject), from.version}));
    }
    if (target.id != source.id) {
      return bar(from, DifferenceKind::other_id,
                 "its id is " + std::to_string(target.id) + " here, so records of id " +
                     std::to_string(source.id) + " are misread" +
                     remedy({rules_.rename(from.subject), from.version}));
    }
    // By chance ids may be the same anywhere, but not in a mode that is for giving them.
    if (is_in_import_) out_.keeps_ids = true;
    if (target.is_deleted && !source.is_deleted && closed_ != Closed::foreign) {
      const Subject named = rules_.rename(from.subject);
      if (closed_) access_.wait_for_mode(named);
      tell(DifferenceKind::deleted_on_target, named, from.version, source.id,
           "it is softly deleted on the target only", !closed_);
      if (closed_) return;
      import(from, {named, from.version, source.id, schema});
      out_.imports.back().was_deleted = true;
    }
  }

  // Of a version that this flow has mirrored, as far as is known.
  std::string remedy(const SubjectVersion& at) const {
    return is_in_import_ ? registered_anew_words(at) : std::string();
  }

  // A version of the source that no step brings; who refers to it is not imported either.
  void bar(const SubjectVersion& from, DifferenceKind kind, std::string reason) {
    barred_[from] = kind;
    tell(kind, rules_.rename(from.subject), from.version, source_.find(from)->id,
         std::move(reason));
  }

  // Right after its difference was told.
  void import(const SubjectVersion& from, KeptVersion what) {
    SchemaStep step{StepKind::import_version, std::move(what), ""};
    step.after.push_back(need_import_mode(step.what.subject));
    if (previous_) step.after.push_back(*previous_);
    imports_[source_.find(from)] = {out_.imports.size(), out_.differences.size() - 1};
    previous_ = out_.imports.size();
    out_.imports.push_back(std::move(step));
  }

  std::size_t need_import_mode(const Subject& named) {
    const auto [at, is_new] = modes_.try_emplace(named, out_.imports.size());
    if (!is_new) return at->second;
    out_.imports.push_back({StepKind::set_import_mode, {named, 0, 0, {}}, ""});
    out_.imports.back().is_new = !target_.subjects.contains(named);
    return at->second;
  }

  KeptSchema renamed(const KeptSchema& schema, const Subject& from, const Subject& named) const {
    return with_target_names(schema, from, named, rules_.rename);
  }

  // Text and references alone do not make a schema: what it refers to must be the same here, too.
  void refuse_differing_references() {
    std::multimap<SubjectVersion, SubjectVersion> referrers;
    for (const auto& [subject, entry] : source_.subjects) {
      for (const auto& [number, version] : entry.versions) {
        for (const auto& reference : version.schema.references()) {
          referrers.insert({{referred(reference, subject), reference.version}, {subject, number}});
        }
      }
    }
    std::vector<SubjectVersion> next;
    for (const auto& [from, kind] : barred_) next.push_back(from);
    std::set<std::size_t> removed;
    while (!next.empty()) {
      const SubjectVersion at = std::move(next.back());
      next.pop_back();
      const auto [begin, end] = referrers.equal_range(at);
      for (auto each = begin; each != end; ++each) {
        const SubjectVersion& from = each->second;
        const auto words = as_referred_to(barred_.at(at));
        if (!barred_.try_emplace(from, DifferenceKind::reference_differs).second) continue;
        next.push_back(from);
        const auto step = imports_.find(source_.find(from));
        if (step == imports_.end()) continue;
        removed.insert(step->second.import);
        give_up(step->second, DifferenceKind::reference_differs,
                "it refers to " + text(at) + std::string(words));
      }
    }
    remove_imports(removed);
  }

  // Imports wait for what they refer to; one that waits for itself never begins.
  void refuse_cycles() {
    for (const auto& [subject, entry] : source_.subjects) {
      for (const auto& [number, version] : entry.versions) link_import(subject, version);
    }
    const auto stuck = stuck_steps(out_.imports);
    for (const auto& [version, planned] : imports_) {
      if (!stuck.contains(planned.import)) continue;
      give_up(planned, DifferenceKind::reference_cycle,
              "it refers to itself, over others or over an earlier version");
    }
    remove_imports(stuck);
  }

  void link_import(const Subject& subject, const InventoryVersion& version) {
    const auto& references = version.schema.references();
    const auto step = references.empty() ? imports_.end() : imports_.find(&version);
    if (step == imports_.end()) return;
    for (const auto& reference : references) {
      const auto* there = source_.find({referred(reference, subject), reference.version});
      const auto found = imports_.find(there);
      if (found == imports_.end()) continue;
      out_.imports[step->second.import].after.push_back(found->second.import);
    }
  }

  void give_up(const Planned& planned, DifferenceKind kind, std::string reason) {
    auto& difference = out_.differences[planned.difference];
    difference.kind = kind;
    difference.can_be_ended = false;
    difference.reason = std::move(reason);
  }

  // With the modes that nobody needs any more.
  void remove_imports(std::set<std::size_t> removed) {
    if (removed.empty()) return;
    std::set<std::size_t> given_up;
    std::set<std::size_t> needed;
    for (std::size_t i = 0; i < out_.imports.size(); ++i) {
      for (const auto before : out_.imports[i].after) {
        (removed.contains(i) ? given_up : needed).insert(before);
      }
    }
    for (const auto index : given_up) {
      const auto& step = out_.imports[index];
      if (step.kind != StepKind::set_import_mode || needed.contains(index)) continue;
      modes_.erase(step.what.subject);
      removed.insert(index);
    }
    std::erase_if(imports_, [&](const auto& each) { return removed.contains(each.second.import); });
    const auto places = remove_steps(out_.imports, removed);
    for (auto& [version, planned] : imports_) planned.import = places[planned.import];
    for (auto& [named, index] : modes_) index = places[index];
  }

  void plan_deletions(const Subject& subject, const InventorySubject& entry) {
    if (left_out_.contains(subject)) return;
    const Subject named = rules_.rename(subject);
    const auto closed = closed_subjects_.find(subject);
    const bool is_shut = closed != closed_subjects_.end() && closed->second == Closed::read_only;
    for (const auto& [number, version] : entry.versions) {
      if (!version.is_deleted) continue;
      const auto* there = target_.find({named, number});
      const bool is_live = there != nullptr && !there->is_deleted && there->id == version.id;
      if (is_live) {
        if (is_shut) access_.wait_for_mode(named);
        tell(DifferenceKind::live_on_target, named, number, version.id,
             "it is softly deleted at the source only", !is_shut);
      }
      if (is_shut) continue;
      if (is_live || imports_.contains(&version)) soft_delete({named, number});
    }
    plan_pruning(named, entry,
                 "the source has no such version: it was deleted there for good, or somebody else "
                 "writes to this subject",
                 closed == closed_subjects_.end());
  }

  void plan_gone() {
    for (const auto& named : rules_.gone.gone) plan_gone(named, true);
    for (const auto& named : rules_.gone.alien) plan_gone(named, false);
    for (const auto& [named, why] : rules_.gone.unsure) {
      tell(DifferenceKind::unreadable, named, 0, 0, why);
    }
  }

  void plan_gone(const Subject& named, bool is_ours) {
    const auto there = target_.subjects.find(named);
    if (there == target_.subjects.end()) return;
    plan_pruning(named, {}, gone_words(is_ours), is_ours);
    if (there->second.is_live()) return;
    tell(DifferenceKind::only_on_target, named, 0, 0, left_in_import_words(named));
  }

  // `is_ours`: nobody else writes there.
  void plan_pruning(const Subject& named, const InventorySubject& entry, std::string_view why,
                    bool is_ours) {
    const auto there = target_.subjects.find(named);
    if (there == target_.subjects.end()) return;
    for (const auto& [number, version] : there->second.versions) {
      if (entry.versions.contains(number) || version.is_deleted) continue;
      const bool is_wanted = rules_.is_pruning && is_ours;
      const bool is_pruned = is_wanted && !access_.wait_for_mode(named);
      tell(DifferenceKind::only_on_target, named, number, version.id, std::string(why), is_pruned);
      if (is_pruned) soft_delete({named, number});
    }
  }

  void soft_delete(const SubjectVersion& at) {
    deletions_[at] = out_.others.size();
    out_.others.push_back({StepKind::soft_delete, {at.subject, at.version, 0, {}}, ""});
  }

  // Who refers goes before what is referred to.
  void link_deletions() {
    for (const auto& [at, index] : deletions_) {
      const auto* schema = schema_at(at);
      if (schema == nullptr) continue;
      for (const auto& reference : schema->references()) {
        const auto found = deletions_.find({referred(reference, at.subject), reference.version});
        if (found != deletions_.end()) out_.others[found->second].after.push_back(index);
      }
    }
  }

  // As it stands on the target, or will.
  const KeptSchema* schema_at(const SubjectVersion& at) const {
    if (const auto* there = target_.find(at)) return &there->schema;
    const auto found = imports_.find(source_.find({*origins_.at(at.subject), at.version}));
    return found == imports_.end() ? nullptr : &out_.imports[found->second.import].what.schema;
  }

  void plan_config(const Subject& subject, const InventorySubject& entry) {
    if (left_out_.contains(subject)) return;
    const auto closed = closed_subjects_.find(subject);
    const bool is_shut = closed != closed_subjects_.end();
    if (is_shut && closed->second == Closed::foreign) return;
    const Subject named = rules_.rename(subject);
    const auto there = target_.subjects.find(named);
    const auto known = there == target_.subjects.end() ? std::nullopt : there->second.config;
    const auto what = config_difference(known, entry.config);
    if (what.empty()) return;
    if (is_shut) access_.wait_for_mode(named);
    tell(DifferenceKind::config, named, 0, 0, "of its settings " + what, !is_shut);
    if (is_shut) return;
    bool is_first = false;
    for (const auto& [number, version] : entry.versions) {
      const auto found = imports_.find(&version);
      if (found != imports_.end() && out_.imports[found->second.import].is_checked) is_first = true;
    }
    auto& round = is_first ? out_.imports : out_.others;
    // What a registry adds by itself it adds again; the rest is gone.
    const auto kind = entry.config ? StepKind::set_config : StepKind::unset_config;
    SchemaStep step{kind, {named, 0, 0, {}}, entry.config.value_or("")};
    step.is_all = entry.config && is_kept_by_merging(known, entry.config);
    for (const auto& [number, version] : entry.versions) {
      const auto found = is_first ? imports_.find(&version) : imports_.end();
      if (found == imports_.end() || !out_.imports[found->second.import].is_checked) continue;
      out_.imports[found->second.import].after.push_back(round.size());
    }
    round.push_back(std::move(step));
  }

  void reserve_ids() {
    const auto wanted = ids_to_reserve({source_, target_, out_.imports, rules_.rename});
    for (const auto& [context, what] : wanted) reserve(context, what);
    for (const auto& [context, error] : source_.id_troubles) {
      Subject named = rules_.rename({context, std::string(kReservedSubject)});
      named.name = kReservedSubject;
      tell(DifferenceKind::ids_not_reserved, named, 0, 0,
           "the source does not tell which ids it gave out: " + error.text());
    }
  }

  void reserve(const std::string& context, const IdToReserve& wanted) {
    KeptVersion what = placeholder(target_, context, wanted.id);
    const bool is_open = !access_.wait_for_mode(what.subject) && !wanted.is_in_use;
    tell(DifferenceKind::ids_not_reserved, what.subject, 0, wanted.id,
         not_reserved_words(wanted.id, wanted.is_in_use), is_open);
    if (!is_open) return;
    need_import_mode(what.subject);
    out_.others.push_back({StepKind::reserve_ids, std::move(what), ""});
  }

  // Whose deletion a crash has prevented.
  void delete_placeholders() {
    for (const auto& [named, entry] : target_.subjects) {
      if (named.name != kReservedSubject) continue;
      for (const auto& [number, version] : entry.versions) {
        if (version.is_deleted) continue;
        const bool is_open = !access_.wait_for_mode(named);
        tell(DifferenceKind::live_on_target, named, number, version.id,
             "it only reserves ids and was to be softly deleted", is_open);
        if (is_open) soft_delete({named, number});
      }
    }
  }

  void tell(DifferenceKind kind, const Subject& subject, std::int32_t version, std::int32_t id,
            std::string reason, bool can_be_ended = false) {
    out_.differences.push_back({kind, subject, version, id, std::move(reason), can_be_ended});
  }

  const Inventory& source_;
  const Inventory& target_;
  const SchemaRules& rules_;
  TargetAccess access_{target_, rules_.rename};
  SchemaPlan out_;
  std::map<Subject, const Subject*> origins_;   // target -> source
  std::map<Subject, DifferenceKind> left_out_;  // of the source, and why
  TargetIds ids_{target_};
  std::map<Subject, std::size_t> modes_;                          // steps
  std::unordered_map<const InventoryVersion*, Planned> imports_;  // by source version
  std::map<SubjectVersion, DifferenceKind> barred_;  // of the source: what no step brings, and why
  std::map<SubjectVersion, std::size_t> deletions_;
  std::optional<std::size_t> previous_;  // import of the same subject
  std::optional<Closed> closed_;         // the subject at hand
  bool has_live_ = false;                // the same, on the target
  bool is_in_import_ = false;
  std::map<Subject, Closed> closed_subjects_;  // all of them, of the source
};

}  // namespace

SchemaPlan make_plan(const Inventory& source, const Inventory& target, const SchemaRules& rules) {
  return Planning(source, target, rules).plan();
}

}  // namespace longspan
