#include "mirror/schemas/sync.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <tuple>
#include <utility>

#include "mirror/schemas/schema_listing.h"
#include "mirror/schemas/spare_memory.h"
#include "mirror/schemas/step_round.h"
#include "mirror/schemas/verified_step.h"

namespace longspan {
namespace {

using Kind = RegistryError::Kind;
constexpr std::string_view kNoIds =
    "this registry does not keep the ids it is given, so records would be misread here: ";
constexpr std::string_view kNoRights = "this registry does not let us write: ";
constexpr std::string_view kNothingThere = "this registry does not give back what it was sent: ";
constexpr int kUnauthorized = 401;

// Of one after the other that are not there in spite of all readings.
constexpr int kNotThereMax = 3;

// From so many steps on imports are read back by lists; and a page for so many of them, at most.
constexpr std::size_t kImportsListed = 64;
constexpr std::size_t kPagesPer = 10;

class Sync {
 public:
  Sync(const SyncRun& run, const SchemaPlan& plan)
      : run_(run),
        plan_(plan),
        all_(plan.imports.size() + plan.others.size()),
        steps_(run.target, run.read_again, run.stop) {}

  SyncOutcome go() {
    if (all_ >= kImportsListed) give_back_spare_memory();
    const auto work = [this](const SchemaStep& step) { return take(step); };
    if (prove()) {
      read_later_ = is_proven_ && plan_.imports.size() >= kImportsListed;
      StepRound(plan_.imports, work).run(kRequestsAtOnce);
      if (!is_over()) read_back();
      if (!is_over()) StepRound(plan_.others, work).run(kRequestsAtOnce);
    }
    if (!outcome_.lost && !has_answered_ && !silent_.empty()) outcome_.lost = outcome_.unanswered;
    if (!outcome_.lost) leave_no_empty_subject();
    if (outcome_.lost) count_what_is_left();
    return std::move(outcome_);
  }

 private:
  // One import after the other until one was kept: whether this registry keeps ids at all.
  bool prove() {
    is_proof_ = true;
    for (bool is_any = true; is_any && !is_proven_;) {
      is_any = false;
      for (const auto& step : plan_.imports) {
        if (!is_next(step)) continue;
        is_any = true;
        if (!take_in_order(step)) return false;
        if (is_proven_) break;
      }
    }
    is_proof_ = false;
    if (is_proven_) steps_.trust_modes();
    if (is_proven_ || forbidden_.empty() || forbidden_ != tried_subjects_) return true;
    refuse(kNoRights, outcome_.failures.back().reason);
    outcome_.failures.clear();  // all of them say the same
    return false;
  }

  bool take_in_order(const SchemaStep& step) {
    for (const auto index : step.after) {
      const auto& before = plan_.imports[index];
      if (!tried_.contains(&before) && !take_in_order(before)) return false;
    }
    return take(step);
  }

  bool is_next(const SchemaStep& step) const {
    if (step.kind != StepKind::import_version || tried_.contains(&step)) return false;
    return std::all_of(step.after.begin(), step.after.end(), [this](std::size_t index) {
      const auto& before = plan_.imports[index];
      return before.kind != StepKind::import_version || tried_.contains(&before);
    });
  }

  bool take(const SchemaStep& step) {
    if (run_.stop.stop_requested()) return stop_here();
    if (is_done_before(step) || is_behind_held(step)) return true;
    const auto may_import = check(step);
    if (may_import && !*may_import) return true;
    const bool is_later = read_later_ && step.kind == StepKind::import_version && !step.was_deleted;
    const auto trouble = !may_import ? failed_check(may_import.error())
                         : is_later  ? steps_.send(step.what)
                                     : steps_.carry_out(step);
    if (trouble && run_.stop.stop_requested()) return stop_here();
    const std::lock_guard lock(mutex_);
    if (trouble || !is_later) {
      note(step, trouble);
    } else {
      unread_.push_back(&step);
    }
    if (run_.on_progress) run_.on_progress(++progress_, all_);
    return !outcome_.refused && !outcome_.lost;
  }

  void note(const SchemaStep& step, const std::optional<StepTrouble>& trouble) {
    if (trouble) {
      add_trouble(step, *trouble);
      return;
    }
    ++outcome_.done[static_cast<std::size_t>(step.kind)];
    note_answer();
    if (step.kind == StepKind::set_import_mode && step.is_new) opened_.insert(step.what.subject);
    if (step.what.version != 0) opened_.erase(step.what.subject);
    if (step.kind == StepKind::import_version) is_proven_ = true;
  }

  // What was sent is looked for in the lists, which name its id, too; what does not stand there as
  // it was sent is asked for by itself.
  void read_back() {
    std::sort(unread_.begin(), unread_.end(),
              [](const auto* a, const auto* b) { return place(*a) < place(*b); });
    std::vector<std::atomic<bool>> is_found(unread_.size());
    const TakePage look = [&](const std::vector<ListedVersion>& page) {
      for (const auto& each : page) {
        const auto at = std::lower_bound(
            unread_.begin(), unread_.end(), std::tie(each.what.subject, each.what.version),
            [](const auto* step, const auto& wanted) { return place(*step) < wanted; });
        const bool is_ours =
            at != unread_.end() && place(**at) == std::tie(each.what.subject, each.what.version);
        if (!is_ours || (*at)->what.id != each.what.id) continue;
        if ((*at)->what.schema.unpacked() != each.what.schema) continue;
        is_found[static_cast<std::size_t>(at - unread_.begin())] = true;
      }
    };
    // Where most of a list is somebody else's it is not worth its time.
    std::ignore = read_listing(run_.target, run_.stop, unread_.size() / kPagesPer + 2, look);
    for_each_at_once(unread_.size(), kRequestsAtOnce,
                     [&](std::size_t i) { read_back(*unread_[i], is_found[i]); });
  }

  void read_back(const SchemaStep& step, bool is_found) {
    if (is_over()) return;
    const auto trouble = is_found ? std::nullopt : steps_.find(step.what);
    if (trouble && run_.stop.stop_requested()) {
      stop_here();
      return;
    }
    const std::lock_guard lock(mutex_);
    ++read_back_;
    note(step, trouble);
  }

  // Nobody would find it again: a registry lists no subject without a version.
  void leave_no_empty_subject() {
    for (const auto& subject : opened_) {
      const auto versions = run_.target.versions(subject, true);
      if (versions && !versions->empty()) continue;
      const auto unset =
          versions ? run_.target.unset_mode(subject) : RegistryResult<void>(versions.error());
      if (unset) {
        --outcome_.done[static_cast<std::size_t>(StepKind::set_import_mode)];
        continue;
      }
      outcome_.failures.push_back(
          {StepKind::set_import_mode, subject, 0, 0,
           "it is left in IMPORT without a version: " + unset.error().text()});
    }
  }

  void count_what_is_left() {
    outcome_.not_read_back = unread_.size() - read_back_;
    std::size_t tried =
        outcome_.failures.size() + outcome_.skipped + outcome_.held.size() + outcome_.not_read_back;
    for (const auto count : outcome_.done) tried += count;
    for (const auto& each : outcome_.incompatible) tried += each.is_held ? 1 : 0;
    outcome_.not_tried = all_ - std::min(all_, tried);
  }

  static std::tuple<const Subject&, const std::int32_t&> place(const SchemaStep& step) {
    return std::tie(step.what.subject, step.what.version);
  }

  // The version before it in its subject, or one that it refers to.
  bool is_behind_held(const SchemaStep& step) {
    if (step.kind != StepKind::import_version) return false;
    const std::lock_guard lock(mutex_);
    for (const auto before : step.after) {
      const auto found = held_.find(&plan_.imports[before]);
      if (found == held_.end()) continue;
      const SubjectVersion behind = found->second;
      held_.emplace(&step, behind);
      outcome_.held.push_back({step.what.subject, step.what.version, step.what.id, behind});
      return true;
    }
    return false;
  }

  // False: it is incompatible, and held back. An error: the registry is away.
  RegistryResult<bool> check(const SchemaStep& step) {
    if (!step.is_checked) return true;
    const auto& what = step.what;
    auto answer = run_.target.check_compatibility(what.subject, what.schema.unpacked());
    const std::lock_guard lock(mutex_);
    if (!answer) {
      const auto& error = answer.error();
      if (error.kind == Kind::unreachable && !error.is_own_failure()) return error;
      ++outcome_.unchecked;
      return true;
    }
    if (answer->is_compatible) return true;
    const bool is_held = run_.on_incompatible == OnIncompatible::hold;
    outcome_.incompatible.push_back(
        {what.subject, what.version, what.id, std::move(answer->reasons), is_held});
    if (is_held) held_.emplace(&step, SubjectVersion{what.subject, what.version});
    return !is_held;
  }

  static std::optional<StepTrouble> failed_check(const RegistryError& error) {
    return StepTrouble{StepTrouble::Kind::error, error, {}};
  }

  bool stop_here() {
    const std::lock_guard lock(mutex_);
    if (!outcome_.lost) outcome_.lost = RegistryError{Kind::unreachable, 0, 0, "stopped", ""};
    return false;
  }

  bool is_over() {
    const std::lock_guard lock(mutex_);
    return outcome_.refused || outcome_.lost;
  }

  // For the proof, or not at all, for its subject is not in IMPORT.
  bool is_done_before(const SchemaStep& step) {
    const std::lock_guard lock(mutex_);
    if (tried_.contains(&step)) return true;
    if (is_proof_) {
      tried_.insert(&step);
      tried_subjects_.insert(step.what.subject);
    }
    if (!modeless_.contains(step.what.subject)) return false;
    ++outcome_.skipped;
    return true;
  }

  void add_trouble(const SchemaStep& step, const StepTrouble& trouble) {
    if (is_lost(step, trouble)) {
      if (!outcome_.lost) outcome_.lost = trouble.answer;
    } else if (is_proof_) {
      look_at_proof(step, trouble);
      if (outcome_.refused) return;
    }
    if (step.kind == StepKind::set_import_mode) modeless_.insert(step.what.subject);
    const auto& what = step.what;
    outcome_.failures.push_back({step.kind, what.subject, what.version, what.id, trouble.text()});
  }

  void note_answer() {
    has_answered_ = true;
    failures_in_a_row_ = 0;
    silent_.clear();
  }

  // It does not answer, or only to say that it cannot. One that told that a request was not carried
  // out is there.
  bool is_lost(const SchemaStep& step, const StepTrouble& trouble) {
    const auto& error = trouble.answer;
    const bool is_away =
        trouble.kind == StepTrouble::Kind::error && error.kind == Kind::unreachable;
    if (is_away && error.is_own_failure()) return ++failures_in_a_row_ >= kFailuresInARow;
    if (is_away || trouble.kind == StepTrouble::Kind::no_answer) outcome_.unanswered = error;
    if (is_away) {
      silent_.insert(step.what.subject);
      return silent_.size() >= kOutageSubjects;
    }
    note_answer();
    return false;
  }

  // What one answer says about the registry as a whole. Of one that is known to keep ids an odd
  // answer is about its schema alone: AxonOps answers the same text with other metadata with the id
  // that the text has already.
  void look_at_proof(const SchemaStep& step, const StepTrouble& trouble) {
    switch (trouble.kind) {
      case StepTrouble::Kind::other_id:
        if (!plan_.keeps_ids) refuse(kNoIds, trouble.text());
        return;
      case StepTrouble::Kind::not_there:
        ++not_there_;
        if (not_there_ >= kNotThereMax && !plan_.keeps_ids) refuse(kNothingThere, trouble.text());
        return;
      case StepTrouble::Kind::not_kept:
        is_proven_ = true;  // its id was kept
        return;
      case StepTrouble::Kind::read_only:
      case StepTrouble::Kind::no_answer:
        return;
      case StepTrouble::Kind::error:
        break;
    }
    const auto& error = trouble.answer;
    if (error.kind == Kind::forbidden) forbidden_.insert(step.what.subject);
    if (error.status == kUnauthorized) refuse(kNoRights, error.text());
    const bool has_no_modes =
        step.kind == StepKind::set_import_mode && error.kind == Kind::unsupported;
    if (has_no_modes) refuse(kNoIds, error.text());
  }

  void refuse(std::string_view why, const std::string& answer) {
    outcome_.refused = std::string(why) + answer;
  }

  const SyncRun& run_;
  const SchemaPlan& plan_;
  const std::size_t all_;
  VerifiedSteps steps_;
  std::mutex mutex_;  // over what follows
  SyncOutcome outcome_;
  std::set<const SchemaStep*> tried_;  // for the proof
  std::set<Subject> tried_subjects_;
  std::set<Subject> forbidden_;  // of them, those of which one step was
  std::set<Subject> modeless_;
  std::map<const SchemaStep*, SubjectVersion> held_;  // and the incompatible one before them
  bool read_later_ = false;                           // changed while nobody else works
  std::vector<const SchemaStep*> unread_;
  std::size_t read_back_ = 0;  // of them
  std::set<Subject> opened_;   // put into IMPORT, without a version before and as yet
  std::set<Subject> silent_;   // those that got no answer, one after the other
  bool has_answered_ = false;  // to any step
  std::size_t progress_ = 0;
  int failures_in_a_row_ = 0;
  int not_there_ = 0;
  bool is_proof_ = false;  // changed while nobody else works
  bool is_proven_ = false;
};

}  // namespace

std::string IncompatibleVersion::text() const {
  constexpr std::size_t kReasonsShown = 3;
  std::string out = "the target's registry calls it incompatible";
  for (std::size_t i = 0; i < std::min(reasons.size(), kReasonsShown); ++i) {
    out += (i == 0 ? ": " : "; ") + reasons[i];
  }
  return out;
}

bool SyncOutcome::is_whole() const {
  return failures.empty() && skipped == 0 && held.empty() && !refused && !lost &&
         std::none_of(incompatible.begin(), incompatible.end(),
                      [](const auto& each) { return each.is_held; });
}

SyncOutcome run_sync(const SyncRun& run, const SchemaPlan& plan) { return Sync(run, plan).go(); }

}  // namespace longspan
