#include "mirror/schemas/handover.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "mirror/schemas/inventory.h"
#include "mirror/schemas/timing.h"
#include "mirror/schemas/workers.h"

namespace longspan {
namespace {

using Kind = RegistryError::Kind;
constexpr std::string_view kNormalMode = "READWRITE";

RegistryResult<std::optional<std::string>> mode_of(Registry& registry, const Subject& scope) {
  auto mode = registry.mode(scope);
  if (!mode && mode.error().kind == Kind::unsupported) return std::optional<std::string>{};
  return mode;
}

// What holds for subjects of the context that have no mode of their own.
RegistryResult<std::string> default_mode(Registry& registry, const std::string& context) {
  for (const auto& scope : {Subject{context, ""}, Subject{}}) {
    auto mode = mode_of(registry, scope);
    if (!mode) return mode.error();
    if (*mode) return std::move(**mode);
  }
  return std::string(kNormalMode);
}

RegistryResult<std::string> mode_in_force(Registry& registry, const Subject& subject) {
  auto own = mode_of(registry, subject);
  if (!own) return own.error();
  if (*own) return std::move(**own);
  return default_mode(registry, subject.context);
}

using ReadAgain = std::vector<std::chrono::milliseconds>;

// Once more after each pause, until it is as wanted.
template <class Read, class IsWanted>
auto settled(const ReadAgain& pauses, const Read& read, const IsWanted& is_wanted)
    -> decltype(read()) {
  auto answer = read();
  for (const auto pause : pauses) {
    if (!answer || is_wanted(*answer)) break;
    SystemTiming().pause(pause, {});
    answer = read();
  }
  return answer;
}

// Of one whose own mode was taken away.
RegistryResult<std::string> mode_without_own(Registry& registry, const Subject& subject,
                                             const ReadAgain& read_again) {
  auto own = settled(
      read_again, [&] { return mode_of(registry, subject); },
      [](const auto& mode) { return !mode.has_value(); });
  if (!own) return own.error();
  if (*own) return std::move(**own);
  return default_mode(registry, subject.context);
}

// Empty: it takes registrations again.
RegistryResult<std::string> set_back_one(Registry& target, const Subject& subject,
                                         const ReadAgain& read_again) {
  const auto unset = target.unset_mode(subject);
  const bool is_unanswered = !unset && unset.error().kind == Kind::unreachable;
  if (!unset && !is_unanswered && unset.error().kind != Kind::unsupported) return unset.error();
  auto mode = mode_without_own(target, subject, unset ? read_again : ReadAgain());
  if (!mode) return mode.error();
  if (*mode == kNormalMode) return std::string();
  if (is_unanswered) return unset.error();
  const auto set = target.set_mode(subject, std::string(kNormalMode));
  if (!set) return set.error();
  mode = settled(
      read_again, [&] { return mode_in_force(target, subject); },
      [](const std::string& found) { return found == kNormalMode; });
  if (!mode) return mode.error();
  if (*mode == kNormalMode) return std::string();
  return "READWRITE was answered with 200, and its mode is " + *mode;
}

}  // namespace

std::optional<SchemaHandover> handover_of(const Command& command) {
  if (command.kind != CommandKind::hand_over_schemas) return std::nullopt;
  return SchemaHandover{command.who, command.at, command.text};
}

RegistryResult<std::vector<Subject>> subjects_in_import(Registry& target, const SubjectRules& rules,
                                                        const std::set<Subject>& known) {
  const auto listed = target.subjects(true);
  if (!listed) return listed.error();
  std::set<Subject> candidates = known;
  for (const auto& subject : *listed) {
    if (rules.writes(subject)) candidates.insert(subject);
  }
  const std::vector<Subject> all(candidates.begin(), candidates.end());
  std::mutex mutex;  // over what follows
  std::set<Subject> found;
  std::optional<RegistryError> trouble;
  for_each_at_once(all.size(), kRequestsAtOnce, [&](std::size_t i) {
    {
      const std::lock_guard lock(mutex);
      if (trouble) return;
    }
    const auto mode = mode_in_force(target, all[i]);
    const std::lock_guard lock(mutex);
    if (!mode) {
      trouble = mode.error();
    } else if (*mode == kImportMode) {
      found.insert(all[i]);
    }
  });
  if (trouble) return *trouble;
  return std::vector<Subject>(found.begin(), found.end());
}

namespace {

bool has_one_of(const InventorySubject& there, const InventorySubject& source) {
  return std::any_of(source.versions.begin(), source.versions.end(), [&](const auto& each) {
    const auto found = there.versions.find(each.first);
    return found != there.versions.end() && found->second.id == each.second.id;
  });
}

}  // namespace

std::set<Subject> mirrored_subjects(const MirrorTraces& traces) {
  const auto& [rules, source, target, topics] = traces;
  std::set<Subject> out;
  std::vector<Subject> next;
  const auto add = [&](const Subject& subject) {
    if (rules.writes(subject) && out.insert(subject).second) next.push_back(subject);
  };
  for (const auto& subject : topics) add(subject);
  for (const auto& [subject, entry] : target.subjects) {
    if (rules.is_named_after_source(subject) || subject.name == kReservedSubject) add(subject);
  }
  if (source != nullptr) {
    for (const auto& [subject, entry] : source->subjects) {
      const Subject named = rules.target_subject(subject);
      if (!target.can_hold(named)) continue;
      const auto there = target.subjects.find(named);
      if (there == target.subjects.end() || has_one_of(there->second, entry)) add(named);
    }
  }
  while (!next.empty()) {
    const Subject subject = std::move(next.back());
    next.pop_back();
    const auto there = target.subjects.find(subject);
    if (there == target.subjects.end()) continue;
    for (const auto& [number, version] : there->second.versions) {
      for (const auto& reference : version.schema.references()) add(referred(reference, subject));
    }
  }
  return out;
}

SetBack set_back(Registry& target, const std::vector<Subject>& subjects,
                 const std::function<void(std::size_t done, std::size_t all)>& on_progress,
                 const std::vector<std::chrono::milliseconds>& read_again) {
  SetBack out;
  std::mutex mutex;  // over what follows, and out
  std::size_t done = 0;
  std::size_t answered = 0;
  std::size_t silent = 0;   // since the last answer
  std::size_t failing = 0;  // the registry's own failures, one after the other
  for_each_at_once(subjects.size(), kRequestsAtOnce, [&](std::size_t i) {
    std::size_t answered_before = 0;
    {
      const std::lock_guard lock(mutex);
      if (out.lost) return;
      answered_before = answered;
    }
    const auto trouble = set_back_one(target, subjects[i], read_again);
    const std::lock_guard lock(mutex);
    const bool is_failing = !trouble && trouble.error().is_own_failure();
    const bool is_silent = !trouble && trouble.error().kind == Kind::unreachable && !is_failing;
    failing = is_failing ? failing + 1 : 0;
    if (!is_silent) {
      ++answered;
      silent = 0;
    } else if (answered == answered_before) {  // else it answers, only not about this one
      ++silent;
    }
    const bool is_gone = silent >= std::min<std::size_t>(kOutageSubjects, subjects.size());
    if (is_silent && is_gone) out.lost = trouble.error();
    if (failing >= kFailuresInARow) out.lost = trouble.error();
    if (!trouble || !trouble->empty()) {
      out.failures[subjects[i]] = trouble ? *trouble : trouble.error().text();
    } else {
      out.done.push_back(subjects[i]);
    }
    ++done;
    if (on_progress) on_progress(done, subjects.size());
  });
  return out;
}

void mind_handover(SchemaPlan& plan, const std::vector<Subject>& in_import) {
  plan.imports.clear();
  plan.others.clear();
  std::erase_if(plan.differences,
                [](const auto& each) { return each.kind == DifferenceKind::mode; });
  for (auto& each : plan.differences) each.can_be_ended = false;
  for (const auto& subject : in_import) {
    plan.differences.push_back({DifferenceKind::still_in_import, subject, 0, 0,
                                "it takes no normal registrations, though the schemas were handed "
                                "over: run longspan schemas handover FILE again",
                                false});
  }
}

}  // namespace longspan
