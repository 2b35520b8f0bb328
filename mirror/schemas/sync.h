// mirror/schemas/sync.h - carries a plan out on the target registry, and believes no answer.
//
// - Each step is read back: verified_step.h. Some registries take IMPORT and do nothing (Apicurio),
//   do not have it (Karapace 6.2), or drop a part of what they are given (AxonOps).
// - Imports go alone, one after the other, until one was kept: a registry that gives another id is
//   refused as a whole, before sixteen of them are under way, and so is one that lets us write
//   nothing at all. What it refuses of one schema is that schema's failure, and so is another id
//   where the plan has seen that the registry keeps ids.
// - A version that is new to a subject with live ones is imported without the registry's own check:
//   IMPORT has none. So it is asked before; what is not compatible is told, and may be held back,
//   with what comes behind it and who refers to it.
// - A step that fails is told and stops no other, nor does one that is not answered. Nothing of a
//   run is kept: after a crash a new plan holds what is left.
// - A subject that the target did not have, and of which no version could be imported, is taken out
//   of IMPORT again.
//
// Errors:  in the outcome.
// Limits:  kRequestsAtOnce; kFailuresInARow of the registry's own, or no answer about
//          kOutageSubjects one after the other, then it is lost.
// Threads: run_sync() starts its own and joins them; on_progress is called by one at a time.
// Source:  facts about registries that answer 200 and give another id: README.md.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "mirror/schemas/plan.h"
#include "mirror/schemas/registry.h"
#include "mirror/schemas/subject_rules.h"

namespace longspan {

inline constexpr int kFailuresInARow = 5;
// Of readings that find nothing, one after the other: two seconds.
inline constexpr std::array kReadAgain = {
    std::chrono::milliseconds(50),  std::chrono::milliseconds(100), std::chrono::milliseconds(200),
    std::chrono::milliseconds(350), std::chrono::milliseconds(550), std::chrono::milliseconds(750)};

struct SyncFailure {
  StepKind kind{};
  Subject subject;
  std::int32_t version = 0;  // 0: the subject as a whole
  std::int32_t id = 0;
  std::string reason;  // one sentence, no full stop
};

struct IncompatibleVersion {
  Subject subject;
  std::int32_t version = 0;
  std::int32_t id = 0;
  std::vector<std::string> reasons;  // the registry's own words; may be empty
  bool is_held = false;

  // "the target's registry calls it incompatible: ..."
  [[nodiscard]] std::string text() const;
};

// Behind one that is held, or referring to it.
struct HeldVersion {
  Subject subject;
  std::int32_t version = 0;
  std::int32_t id = 0;
  SubjectVersion behind;
};

struct SyncOutcome {
  std::array<std::size_t, kStepKinds> done{};  // by StepKind
  std::vector<SyncFailure> failures;
  std::size_t skipped = 0;  // steps of subjects whose mode could not be set
  std::vector<IncompatibleVersion> incompatible;
  std::vector<HeldVersion> held;
  std::size_t unchecked = 0;           // imported, for the registry could not say
  std::optional<std::string> refused;  // why this registry cannot be a target at all
  // The last of the failures that are for want of an answer: another try may go well.
  std::optional<RegistryError> unanswered;
  std::optional<RegistryError> lost;  // it went away in the middle; what was done stays done
  std::size_t not_tried = 0;          // steps, for it was lost
  std::size_t not_read_back = 0;      // versions that were sent and answered only; so

  // Every step was carried out.
  [[nodiscard]] bool is_whole() const;
};

struct SyncRun {
  Registry& target;
  std::stop_token stop = {};
  std::function<void(std::size_t done, std::size_t all)> on_progress = {};
  OnIncompatible on_incompatible = OnIncompatible::warn;
  // Before what was written and is not there is read again: a follower may be behind.
  std::vector<std::chrono::milliseconds> read_again{kReadAgain.begin(), kReadAgain.end()};
};

[[nodiscard]] SyncOutcome run_sync(const SyncRun& run, const SchemaPlan& plan);

}  // namespace longspan
