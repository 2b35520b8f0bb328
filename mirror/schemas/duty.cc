#include "mirror/schemas/duty.h"

#include <algorithm>
#include <exception>
#include <tuple>
#include <utility>

#include "mirror/schemas/gone_subjects.h"
#include "mirror/schemas/id_bounds.h"

namespace longspan {

using Kind = RegistryError::Kind;
using std::chrono::milliseconds;

SchemaDuty::SchemaDuty(SubjectRules rules, std::unique_ptr<Registry> source,
                       std::unique_ptr<Registry> target, const Clock& clock,
                       SchemaDutyLimits limits, std::function<void(const SchemaStatus&)> news)
    : rules_(std::move(rules)),
      source_(std::move(source)),
      target_(std::move(target)),
      clock_(clock),
      limits_(limits),
      news_(std::move(news)) {}

void SchemaDuty::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) wait(turn(stop), stop);
}

// A hurry ends it, but not before its own time.
void SchemaDuty::wait(milliseconds at_most, const std::stop_token& stop) {
  const auto hold =
      std::clamp(std::chrono::duration_cast<milliseconds>(no_hurry_before_ - clock_.steady()),
                 milliseconds(0), at_most);
  std::unique_lock lock(mutex_);
  const bool was_active = is_active();
  const auto is_other = [&] { return is_active() != was_active; };
  if (changed_.wait_for(lock, stop, hold, is_other)) return;
  changed_.wait_for(lock, stop, at_most - hold, [&] { return is_other() || !hurry_.is_empty(); });
}

void SchemaDuty::hurry(const SchemaHurry& what) {
  const std::lock_guard lock(mutex_);
  if (!is_active()) return;
  hurry_.add(what);
  changed_.notify_all();
}

void SchemaDuty::set_others(bool has_others) {
  const std::lock_guard lock(mutex_);
  has_others_ = has_others;
}

void SchemaDuty::set_duty(bool has_duty) {
  std::stop_source ended{std::nostopstate};
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(status_.has_duty, has_duty) == has_duty) return;
    ended = renew_term();
    changed_.notify_all();
  }
  ended.request_stop();
}

SchemaStatus SchemaDuty::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

// The one that ended. A term begins with everything: nothing is left to hurry for.
std::stop_source SchemaDuty::renew_term() {
  hurry_ = {};
  return std::exchange(term_,
                       is_active() ? std::stop_source() : std::stop_source(std::nostopstate));
}

void SchemaDuty::set_handed_over(std::optional<SchemaHandover> handover) {
  std::stop_source ended{std::nostopstate};
  {
    const std::lock_guard lock(mutex_);
    const bool was_active = is_active();
    if (handover) status_.trouble.reset();
    status_.handed_over = std::move(handover);
    if (is_active() == was_active) return;
    ended = renew_term();
    changed_.notify_all();
  }
  ended.request_stop();
}

bool SchemaDuty::is_at_rest() const {
  const std::lock_guard lock(mutex_);
  return status_.handed_over && !is_writing_;
}

// False: it was handed over meanwhile.
bool SchemaDuty::begin_writing() {
  const std::lock_guard lock(mutex_);
  is_writing_ = !status_.handed_over;
  return is_writing_;
}

void SchemaDuty::end_writing() {
  const std::lock_guard lock(mutex_);
  is_writing_ = false;
}

std::optional<std::stop_source> SchemaDuty::term() const {
  const std::lock_guard lock(mutex_);
  return is_active() ? std::optional(term_) : std::nullopt;
}

milliseconds SchemaDuty::turn(const std::stop_token& stop) {
  auto term = this->term();
  if (!term) {
    next_full_ = {};  // another process may do what is not seen here
    return limits_.tick;
  }
  const std::stop_callback ends_term(stop, [&term] { term->request_stop(); });
  try {
    SchemaHurry hurry;
    {
      const std::lock_guard lock(mutex_);
      hurry = std::exchange(hurry_, {});
    }
    const auto trouble = pass(hurry, term->get_token());
    if (term->stop_requested()) {  // what was not done is no trouble
      next_full_ = {};
      return limits_.tick;
    }
    return settle(hurry, trouble);
  } catch (const std::exception& error) {
    return after_failure(error.what());
  }
}

std::optional<RegistryError> SchemaDuty::pass(const SchemaHurry& hurry,
                                              const std::stop_token& stop) {
  carried_.clear();
  if (clock_.steady() >= next_full_) return compare_all(stop);
  if (auto trouble = mirror_hurried(hurry, stop)) return trouble;
  if (auto trouble = look_for_new(stop)) return trouble;
  if (clock_.steady() < next_target_look_) return std::nullopt;
  next_target_look_ = clock_.steady() + limits_.target_interval;
  return look_at_target();
}

// What was hurried for in vain is kept: the gate had answers from both registries, so the next try
// comes sooner. Not where the target refuses everything: it would be asked for nothing.
milliseconds SchemaDuty::settle(const SchemaHurry& hurry,
                                const std::optional<RegistryError>& trouble) {
  const auto wait = after(trouble ? std::optional(trouble->text()) : std::nullopt);
  const auto now = clock_.steady();
  if (!trouble) {
    if (!hurry.is_empty()) no_hurry_before_ = now + limits_.hurry_pause;
    return wait;
  }
  if (trouble->kind != Kind::refused) {
    no_hurry_before_ = now + std::min(wait, limits_.pause_hurried_max);
  }
  const std::lock_guard lock(mutex_);
  if (is_active()) hurry_.add(hurry);
  return wait;
}

// There may be no memory even to tell it.
milliseconds SchemaDuty::after_failure(const char* what) {
  try {
    return after("this process could not go on: " + std::string(what));
  } catch (const std::exception&) {
    next_full_ = {};
    return limits_.pause_max;
  }
}

milliseconds SchemaDuty::after(const std::optional<std::string>& trouble) {
  pause_ = trouble ? std::clamp(pause_ * 2, limits_.tick, limits_.pause_max) : milliseconds(0);
  if (trouble) next_full_ = {};
  if (trouble) no_hurry_before_ = clock_.steady() + pause_;
  const auto rest = is_quick() ? limits_.probe : limits_.tick;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(status_.trouble, trouble) != trouble) has_news_ = true;
  }
  if (std::exchange(has_news_, false)) news_(status());
  return trouble ? pause_ : rest;
}

// Only where the next id is one request, and finds everything.
bool SchemaDuty::is_quick() const {
  const std::lock_guard lock(mutex_);
  return has_others_ && !ids_.empty() && ids_.size() <= kProbedContextsMax &&
         std::all_of(ids_.begin(), ids_.end(),
                     [](const auto& each) { return each.second.is_told.value_or(false); });
}

std::optional<RegistryError> SchemaDuty::compare_all(const std::stop_token& stop) {
  next_full_ = clock_.steady() + limits_.full_interval;
  const auto trouble =
      mirror([this](const Subject& subject) { return rules_.selects(subject); }, true, stop);
  next_target_look_ = clock_.steady() + limits_.target_interval;
  return trouble;
}

// Who waits has an id that the source's registry knows: who uses it is one request.
std::optional<RegistryError> SchemaDuty::mirror_hurried(const SchemaHurry& hurry,
                                                        const std::stop_token& stop) {
  for (const Subject& subject : hurry.subjects) {
    if (rules_.selects(subject)) awaited_.add({subject, 0});
  }
  if (!hurry.ids.empty()) std::ignore = are_ids_told();
  for (const auto& [context, id] : hurry.ids) {
    const auto known = ids_.find(context);
    const bool has_no_gaps = known != ids_.end() && known->second.is_told.value_or(false);
    if (has_no_gaps) known->second.given_out = std::max(known->second.given_out, id);
    const auto users = source_->users(id, {context, {}});
    if (!users && users.error().kind == Kind::unreachable) return users.error();
    if (!users) next_listing_ = {};  // who uses it, lists must tell
    if (!users) continue;
    for (const auto& user : *users) {
      if (rules_.selects(user.subject)) awaited_.add(user);
    }
  }
  const auto found = awaited_.subjects();
  if (found.empty()) return std::nullopt;
  return mirror([&](const Subject& subject) { return found.contains(subject); }, false, stop);
}

std::optional<RegistryError> SchemaDuty::look_at_target() {
  const auto is_gone = target_watch_.is_gone();
  if (!is_gone) return is_gone.error();
  if (*is_gone) next_full_ = {};
  return std::nullopt;
}

std::optional<RegistryError> SchemaDuty::look_for_new(const std::stop_token& stop) {
  auto found = new_subjects();
  if (!found && found.error().kind == Kind::unreachable) return found.error();
  const bool must_list = !found || !are_ids_told();
  if (must_list && clock_.steady() >= next_listing_) {
    if (auto trouble = add_listed(found)) return trouble;
  }
  if (!found || found->empty()) return std::nullopt;
  return mirror([&](const Subject& subject) { return found->contains(subject); }, false, stop);
}

// Once a tick, however often it is hurried.
std::optional<RegistryError> SchemaDuty::add_listed(RegistryResult<std::set<Subject>>& found) {
  next_listing_ = clock_.steady() + limits_.tick;
  auto listed = listing_.turn([this](const Subject& subject) { return rules_.selects(subject); });
  if (!listed && listed.error().kind == Kind::unreachable) return listed.error();
  // Asking so is not allowed, or not known, here: only full comparisons will do.
  if (!listed) return std::nullopt;
  if (found) listed->merge(*found);
  found = std::move(listed);
  return std::nullopt;
}

// Who uses the ids behind the highest one known. An id that nobody uses any more ends the search,
// unless a higher one was given out: what comes behind it is found by the next full comparison.
RegistryResult<std::set<Subject>> SchemaDuty::new_subjects() {
  std::set<Subject> out;
  for (auto& [context, known] : ids_) {
    for (int i = 0; i < kNewIdsATick; ++i) {
      const auto users = source_->users(known.highest + 1, known.seen_in);
      if (!users) return users.error();
      if (users->empty() && known.highest >= known.given_out) break;
      ++known.highest;
      for (const auto& user : *users) {
        const bool is_new = rules_.selects(user.subject) && !carried_.contains(user);
        if (!is_new) continue;
        out.insert(user.subject);
        awaited_.add(user);
      }
    }
  }
  return out;
}

// Then ids have no gaps that last. Of no ids at all nothing is known.
bool SchemaDuty::are_ids_told() {
  bool all = !ids_.empty();
  for (auto& [context, known] : ids_) {
    if (!known.is_told) {
      const auto highest = source_->max_id(known.highest, known.seen_in);
      known.is_told = highest && highest->has_value();
    }
    all = all && *known.is_told;
  }
  return all;
}

// Of all that was read, and of what that refers to.
std::set<Subject> SchemaDuty::target_subjects(const Inventory& source) const {
  std::set<Subject> out;
  for (const auto& [subject, entry] : source.subjects) {
    out.insert(rules_.target_subject(subject));
    for (const auto& [number, version] : entry.versions) {
      for (const auto& reference : version.schema.references()) {
        out.insert(rules_.target_subject(referred(reference, subject)));
      }
    }
  }
  return out;
}

struct SchemaDuty::Pass {
  const Inventory& source;
  const SchemaPlan& plan;
  const SyncOutcome& outcome;
  bool is_all = false;
};

// What they refer to, over others even, too: whether that is the same on the target decides about
// who refers to it.
RegistryResult<Inventory> SchemaDuty::read_with_references(SubjectChoice wants,
                                                           const std::stop_token& stop) {
  Inventory out;
  std::set<Subject> asked;
  for (;;) {
    auto read =
        read_inventory({.registry = *source_, .wants = wants, .with_modes = false, .stop = stop});
    if (!read) return read.error();
    std::set<Subject> next;
    for (const auto& [subject, entry] : read->subjects) {
      for (const auto& [number, version] : entry.versions) {
        for (const auto& reference : version.schema.references()) {
          next.insert(referred(reference, subject));
        }
      }
    }
    for (const auto& [context, highest] : read->max_ids) {
      auto& known = out.max_ids[context];
      if (known.id < highest.id) known = highest;
    }
    out.default_config = std::move(read->default_config);
    out.subjects.merge(read->subjects);
    out.troubles.merge(read->troubles);
    out.id_troubles.merge(read->id_troubles);
    std::erase_if(next, [&](const Subject& subject) {
      return !rules_.selects(subject) || out.subjects.contains(subject) ||
             out.troubles.contains(subject) || !asked.insert(subject).second;
    });
    if (next.empty()) return out;
    wants = [next = std::move(next)](const Subject& subject) { return next.contains(subject); };
  }
}

std::optional<RegistryError> SchemaDuty::mirror(const SubjectChoice& wants, bool is_all,
                                                const std::stop_token& stop) {
  const auto bounds = is_all ? std::optional(id_bounds(*source_, wants)) : std::nullopt;
  const auto source = read_with_references(wants, stop);
  if (!source) return source.error();
  if (is_all) ids_.clear();
  if (is_all) listing_.forget();
  note_ids(*source, bounds);
  awaited_.saw(*source, wants);
  listing_.saw(*source);
  const auto named = target_subjects(*source);
  // A part of the target: whether an id is taken by a subject beyond it, the import will tell.
  const auto is_wanted = [&](const Subject& subject) {
    return is_all || named.contains(subject) || subject.name == kReservedSubject;
  };
  const auto target = read_inventory(
      {.registry = *target_, .wants = is_wanted, .contexts = contexts_of(named), .stop = stop});
  if (!target) return target.error();
  if (is_all) target_watch_.forget();
  if (target_watch_.is_gone(named, *target)) next_full_ = {};
  SchemaRules how{[this](const Subject& subject) { return rules_.target_subject(subject); }};
  if (is_all) how.gone = find_gone(*source_, rules_, *source, *target);
  const auto plan = make_plan(*source, *target, how);
  if (!begin_writing()) return RegistryError{Kind::unreachable, 0, 0, "handed over", ""};
  const Writing writing{*this};
  const auto outcome = run_sync({.target = *target_,
                                 .stop = stop,
                                 .on_incompatible = limits_.on_incompatible,
                                 .read_again = limits_.read_again},
                                plan);
  note({*source, plan, outcome, is_all});
  note_incompatible(outcome);
  target_watch_.saw(named, *target, plan, outcome);
  if (outcome.lost) return outcome.lost;
  if (outcome.refused) return RegistryError{Kind::refused, 0, 0, *outcome.refused, ""};
  // One subject's failure: the others go on, and it is tried again sooner than all are compared.
  const auto is_silent = [](const auto& each) { return each.second.kind == Kind::unreachable; };
  if (outcome.unanswered || std::ranges::any_of(source->troubles, is_silent))
    next_full_ = std::min(next_full_, clock_.steady() + limits_.pause_max);
  return std::nullopt;
}

// Of some subjects their ids do not say that everybody's below them are known: others may have been
// given out meanwhile. Of all subjects they say so up to what was given out before they were read.
// Where ids have gaps that last, lists find those.
void SchemaDuty::note_ids(const Inventory& source, const std::optional<IdBounds>& bounds) {
  for (const auto& [subject, entry] : source.subjects) {
    const auto [at, is_first] = ids_.try_emplace(subject.context);
    auto& known = at->second;
    known.seen_in = subject;
    for (const auto& [number, version] : entry.versions) {
      known.given_out = std::max(known.given_out, version.id);
      if (!bounds) carried_.insert({subject, number});
    }
    const auto told = source.max_ids.find(subject.context);
    if (told != source.max_ids.end()) {
      // One that somebody else uses is behind those that are known.
      if (told->second.is_forgotten) {
        known.given_out = std::max(known.given_out, told->second.id);
      }
      known.is_told = true;
    }
    const bool has_no_gaps = known.is_told.value_or(false);
    if (bounds || is_first || !has_no_gaps) {
      known.highest = std::max(known.highest, known.given_out);
    }
  }
  if (!bounds) return;
  for (const auto& [context, bound] : *bounds) {
    const auto known = ids_.find(context);
    if (known != ids_.end()) known->second.highest = std::min(known->second.highest, bound);
  }
}

void SchemaDuty::note_incompatible(const SyncOutcome& outcome) {
  for (const auto& each : outcome.incompatible) {
    if (!incompatible_.insert({each.subject, each.version}).second) continue;
    const std::lock_guard lock(mutex_);
    ++status_.incompatible_total;
    status_.incompatible =
        each.subject.text() + " version " + std::to_string(each.version) + ": " + each.text();
    has_news_ = true;
  }
}

// What no step has ended.
std::vector<SchemaDifference> SchemaDuty::left_by(const Pass& pass) {
  std::vector<SchemaDifference> left;
  for (const auto& each : pass.plan.differences) {
    if (!each.can_be_ended) left.push_back(each);
  }
  for (const auto& each : pass.outcome.failures) {
    left.push_back({DifferenceKind::not_taken, each.subject, each.version, each.id, each.reason});
  }
  for (const auto& each : pass.outcome.incompatible) {
    if (!each.is_held) continue;
    left.push_back(
        {DifferenceKind::incompatible, each.subject, each.version, each.id, each.text()});
  }
  for (const auto& each : pass.outcome.held) {
    left.push_back({DifferenceKind::incompatible, each.subject, each.version, each.id,
                    "it comes behind " + each.behind.subject.text() + " version " +
                        std::to_string(each.behind.version) + ", which is held back"});
  }
  return left;
}

// What was told before about subjects that this pass did not compare stays.
void SchemaDuty::note(const Pass& pass) {
  auto left = left_by(pass);
  const bool is_readable = std::none_of(left.begin(), left.end(), [](const SchemaDifference& each) {
    return each.kind == DifferenceKind::unreadable;
  });
  std::set<Subject> compared;
  for (const auto& [subject, entry] : pass.source.subjects) {
    compared.insert(rules_.target_subject(subject));
  }
  for (const auto& [subject, error] : pass.source.troubles) {
    compared.insert(rules_.target_subject(subject));
  }
  const auto is_old = [&](const Subject& subject) {
    return pass.is_all || compared.contains(subject) || subject.name == kReservedSubject ||
           subject == Subject{};
  };
  std::erase_if(differences_, [&](const auto& each) { return is_old(each.first); });
  for (const auto& each : left) ++differences_[each.subject];
  std::int64_t total = 0;
  for (const auto& [subject, count] : differences_) total += count;
  const auto imported = static_cast<std::int64_t>(
      pass.outcome.done[static_cast<std::size_t>(StepKind::import_version)]);

  const std::lock_guard lock(mutex_);
  auto kept = status_.differences;
  std::erase_if(kept, [&](const auto& each) { return is_old(each.subject); });
  for (auto& each : left) {
    if (kept.size() < kDifferencesKept) kept.push_back(std::move(each));
  }
  has_news_ = has_news_ || imported > 0 || total != status_.differences_total ||
              kept != status_.differences;
  status_.imported_total += imported;
  status_.differences_total = total;
  status_.differences = std::move(kept);
  if (pass.is_all && is_readable && pass.outcome.is_whole()) status_.synced_at = clock_.now();
}

}  // namespace longspan
