// mirror/schemas/verified_step.h - one step of a plan on the target registry, read back.
//
// What was written is read again until it is there, in `read_again` pauses: a follower of the
// registry may be behind the leader that took it.
//
// - A mode is IMPORT, and one that lets nobody write stays; a version stands under its number and
// its id as it was sent, and is live if
//   it was softly deleted before; a deleted one is not live; settings are those that were set.
//
// - A request without an answer may have been carried out or not: what is read back decides.
//
// Errors:  StepTrouble. Answered with 200 and not done is told apart from a refusal.
// Limits:  read_again.
// Threads: any number of callers at once, each of which may wait.
// Source:  facts about registries that answer 200 and do something else: README.md.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "mirror/schemas/plan.h"
#include "mirror/schemas/registry.h"

namespace longspan {

// Why a step was not carried out.
struct StepTrouble {
  enum class Kind : std::uint8_t {
    error,      // the registry's own, or the network's
    other_id,   // 200, and under another id, or not in IMPORT: ids mean nothing to this registry
    not_there,  // 200, and still not there after all readings
    not_kept,   // 200, under its id, and not as it was sent
    read_only,  // the subject's own mode, which is left as it is
    no_answer,  // and it was not carried out, which the registry told when it was asked
  };
  Kind kind{};
  RegistryError answer;  // of `error` and `no_answer`
  std::string what;      // of the others; one sentence, no full stop

  [[nodiscard]] std::string text() const { return kind == Kind::error ? answer.text() : what; }
};

class VerifiedSteps {
 public:
  using Pauses = std::vector<std::chrono::milliseconds>;

  // `target` outlives it.
  VerifiedSteps(Registry& target, Pauses read_again, std::stop_token stop);

  // From then on the mode of a new subject is not read back: its versions are, and none would be
  // kept without it.
  void trust_modes() { trusts_modes_ = true; }
  // Absent: it was carried out.
  [[nodiscard]] std::optional<StepTrouble> carry_out(const SchemaStep& step) const;
  // The two halves of import_version, of many that are read back together: written; found by
  // version and id.
  [[nodiscard]] std::optional<StepTrouble> send(const KeptVersion& what) const;
  [[nodiscard]] std::optional<StepTrouble> find(const KeptVersion& what) const;

 private:
  using Trouble = std::optional<StepTrouble>;

  [[nodiscard]] Trouble set_import_mode(const Subject& subject, bool is_new) const;
  [[nodiscard]] Trouble import_version(const RegisteredSchema& what, bool was_deleted) const;
  [[nodiscard]] Trouble find_everywhere(const RegisteredSchema& what) const;
  [[nodiscard]] Trouble find_by_version(const RegisteredSchema& what) const;
  [[nodiscard]] Trouble find_by_id(const RegisteredSchema& what) const;
  [[nodiscard]] Trouble soft_delete(const SubjectVersion& which) const;
  [[nodiscard]] Trouble expect_live(const SubjectVersion& which, bool is_wanted) const;
  [[nodiscard]] Trouble set_config(const Subject& subject, const std::string& config) const;
  [[nodiscard]] Trouble replace_config(const Subject& subject, const std::string& config) const;
  [[nodiscard]] Trouble unset_config(const Subject& subject) const;
  [[nodiscard]] Trouble reserve(const RegisteredSchema& what) const;
  template <class Read>
  [[nodiscard]] Trouble settled(const Read& read) const;

  Registry& target_;
  const Pauses read_again_;
  const std::stop_token stop_;
  std::atomic<bool> trusts_modes_ = false;
  mutable std::atomic<bool> has_texts_ = true;  // by id; else whole schemas are asked for
};

}  // namespace longspan
