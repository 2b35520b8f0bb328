// mirror/schemas/duty.h - the loop that keeps the target's registry equal to the source's while the
// flow runs; beside the data path, which never waits for it.
//
// One process of a flow does it (set_duty). It compares everything when it begins and every
// `full_interval`; in between it asks the source once a tick for each context whether the next id
// has been given out, and mirrors the subjects that use it. Where the source does not tell its
// highest id, or who uses one, its subjects and their versions are listed in turn. Now and then it
// asks the target whether it still has a version: one that was emptied is filled at once.
//
// Records that wait for a schema do not wait for a tick: the gate of this process names their ids
// (hurry), and who uses them is mirrored at once. Other processes of the flow have gates of their
// own, and no way to say so: while there are any (set_others), the next id is asked for more often.
//
// Errors:  a registry that does not answer is `trouble` in the status; it is asked again with
//          growing pauses. So is an exception: memory or threads that the machine does not give.
//          What stands in the way of one version is a difference, and stops no other.
// Threads: run() on one thread, which may wait for a registry; the others from anywhere.
// Owns:    both registries.
// Limits:  kDifferencesKept, kNewIdsATick, SchemaHurry::kHintsMax.
// Source:  ARCHITECTURE.md, "Schemas".
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "lagcalc/units.h"
#include "mirror/ports.h"
#include "mirror/schemas/awaited_versions.h"
#include "mirror/schemas/hurry.h"
#include "mirror/schemas/listing_watch.h"
#include "mirror/schemas/plan.h"
#include "mirror/schemas/registry.h"
#include "mirror/schemas/status.h"
#include "mirror/schemas/subject_rules.h"
#include "mirror/schemas/sync.h"
#include "mirror/schemas/target_watch.h"

namespace longspan {

struct SchemaDutyLimits {
  std::chrono::milliseconds tick{1'000};
  std::chrono::milliseconds probe{250};        // the same, while other processes' records may wait
  std::chrono::milliseconds hurry_pause{200};  // from one hurried turn to the next
  std::chrono::milliseconds target_interval{10'000};  // between looks whether the target is empty
  std::chrono::milliseconds full_interval{300'000};
  std::chrono::milliseconds pause_max{60'000};         // between tries of a registry in trouble
  std::chrono::milliseconds pause_hurried_max{5'000};  // the same, while records wait for a schema
  std::vector<std::chrono::milliseconds> read_again{kReadAgain.begin(), kReadAgain.end()};
  OnIncompatible on_incompatible = OnIncompatible::warn;
};

class SchemaDuty {
 public:
  static constexpr int kNewIdsATick = 1'000;
  static constexpr std::size_t kProbedContextsMax = 4;  // of more each tick asks, and no probe

  // `news` is called on run()'s thread, after a pass that changed the status.
  SchemaDuty(SubjectRules rules, std::unique_ptr<Registry> source, std::unique_ptr<Registry> target,
             const Clock& clock, SchemaDutyLimits limits,
             std::function<void(const SchemaStatus&)> news);

  void run(const std::stop_token& stop);
  // Taken away, it ends the pass that is under way.
  void set_duty(bool has_duty);
  // Ends the wait for the next tick, as often as SchemaDutyLimits allows. Nothing where it is not
  // its duty: who has it begins with everything.
  void hurry(const SchemaHurry& what);
  // Other processes take part in the flow.
  void set_others(bool has_others);
  // From then on neither registry is asked or written; with nothing it goes on. Does not wait: what
  // is being written then is finished, which is_at_rest() tells.
  void set_handed_over(std::optional<SchemaHandover> handover);
  [[nodiscard]] bool is_at_rest() const;
  [[nodiscard]] SchemaStatus status() const;

  // One turn of run(); for tests. How long to wait for the next.
  std::chrono::milliseconds turn(const std::stop_token& stop);

 private:
  // From one set_duty(true) to the next set_duty(false) or hand-over; absent: it is not its
  // duty.
  [[nodiscard]] std::optional<std::stop_source> term() const;
  std::optional<RegistryError> pass(const SchemaHurry& hurry, const std::stop_token& stop);
  std::chrono::milliseconds settle(const SchemaHurry& hurry,
                                   const std::optional<RegistryError>& trouble);
  void wait(std::chrono::milliseconds at_most, const std::stop_token& stop);
  // mutex_ is held.
  [[nodiscard]] bool is_active() const { return status_.has_duty && !status_.handed_over; }
  [[nodiscard]] std::stop_source renew_term();
  [[nodiscard]] bool begin_writing();
  void end_writing();
  struct Writing {
    SchemaDuty& duty;
    ~Writing() { duty.end_writing(); }
  };
  std::optional<RegistryError> compare_all(const std::stop_token& stop);
  std::optional<RegistryError> mirror_hurried(const SchemaHurry& hurry,
                                              const std::stop_token& stop);
  std::optional<RegistryError> look_for_new(const std::stop_token& stop);
  std::optional<RegistryError> add_listed(RegistryResult<std::set<Subject>>& found);
  std::optional<RegistryError> mirror(const SubjectChoice& wants, bool is_all,
                                      const std::stop_token& stop);
  std::optional<RegistryError> look_at_target();
  RegistryResult<std::set<Subject>> new_subjects();
  RegistryResult<Inventory> read_with_references(SubjectChoice wants, const std::stop_token& stop);
  bool are_ids_told();
  [[nodiscard]] bool is_quick() const;
  [[nodiscard]] std::set<Subject> target_subjects(const Inventory& source) const;
  struct Pass;  // one comparison, carried out
  void note(const Pass& pass);
  static std::vector<SchemaDifference> left_by(const Pass& pass);
  void note_incompatible(const SyncOutcome& outcome);
  using IdBounds = std::map<std::string, std::int32_t>;
  void note_ids(const Inventory& source, const std::optional<IdBounds>& bounds);
  std::chrono::milliseconds after_failure(const char* what);
  std::chrono::milliseconds after(const std::optional<std::string>& trouble);

  const SubjectRules rules_;
  const std::unique_ptr<Registry> source_;
  const std::unique_ptr<Registry> target_;
  const Clock& clock_;
  const SchemaDutyLimits limits_;
  const std::function<void(const SchemaStatus&)> news_;

  // Of run()'s thread.
  struct KnownIds {
    std::int32_t highest = 0;     // up to it everybody's are known
    std::int32_t given_out = 0;   // at least; below it an id that nobody uses ends no search
    Subject seen_in;              // a subject of the context
    std::optional<bool> is_told;  // whether the registry tells its highest id; absent: not asked
  };
  std::map<std::string, KnownIds> ids_;  // by context of the source
  ListingWatch listing_{*source_};
  TargetWatch target_watch_{*target_};
  std::map<Subject, std::int64_t> differences_;  // how many, by subject of the target
  std::set<SubjectVersion> incompatible_;        // those that were counted
  std::set<SubjectVersion> carried_;             // of the source, in this turn
  AwaitedVersions awaited_;
  Clock::Steady next_full_{};
  Clock::Steady next_listing_{};
  Clock::Steady next_target_look_{};
  Clock::Steady no_hurry_before_{};
  std::chrono::milliseconds pause_{0};  // before the next try; 0: there is no trouble
  bool has_news_ = false;

  mutable std::mutex mutex_;  // over what follows
  std::condition_variable_any changed_;
  SchemaStatus status_;
  std::stop_source term_{std::nostopstate};
  bool is_writing_ = false;
  SchemaHurry hurry_;
  bool has_others_ = false;
};

}  // namespace longspan
