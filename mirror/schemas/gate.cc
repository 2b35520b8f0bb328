#include "mirror/schemas/gate.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "mirror/schemas/reserved_ids.h"
#include "mirror/schemas/workers.h"

namespace longspan {

std::size_t SchemaWhichHash::operator()(const SchemaWhich& which) const noexcept {
  if (const auto* id = std::get_if<std::int32_t>(&which)) return static_cast<std::size_t>(*id);
  std::size_t out = 0;  // a GUID is a hash
  std::memcpy(&out, std::get<SchemaGuid>(which).bytes.data(), sizeof out);
  return out;
}

std::string text(const SchemaWhich& which) {
  if (const auto* id = std::get_if<std::int32_t>(&which)) return "id " + std::to_string(*id);
  return "GUID " + std::get<SchemaGuid>(which).text();
}

SchemaGate::SchemaGate(std::unique_ptr<Registry> source, std::unique_ptr<Registry> target,
                       GateContexts contexts, const Clock& clock, GateNews news)
    : source_(std::move(source)),
      target_(std::move(target)),
      wanted_contexts_(std::move(contexts)),
      clock_(clock),
      news_(std::move(news)) {}

void SchemaGate::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const bool has_open = turn(stop);
    std::unique_lock lock(mutex_);
    const auto is_asked = [this] { return has_new_; };
    if (has_open) {
      asked_.wait_for(lock, stop, kAskAgain, is_asked);
    } else if (!foreign_since_.empty() || lacks_guids()) {
      asked_.wait_for(lock, stop, kForeignFor, is_asked);
    } else {
      asked_.wait(lock, stop, is_asked);
    }
  }
}

// The target first, for all of them: what it knows need not wait for the source.
bool SchemaGate::turn(const std::stop_token& stop) {
  forget_foreign();
  look_for_guids();
  Turn turn{stop, {}};
  const auto missing = look_at_target(turn);
  const auto nowhere = look_up(missing.absent, {*source_, contexts_}, turn);
  tell_awaited(settle(nowhere.found, IdState::awaited), nowhere);
  Whiches foreign = nowhere.absent;
  foreign.insert(foreign.end(), nowhere.untold.begin(), nowhere.untold.end());
  settle(foreign, IdState::foreign);
  for (const auto& which : foreign) foreign_since_[which] = clock_.steady();
  const std::lock_guard lock(mutex_);
  for (const auto& list : {missing.found, missing.untold, foreign}) {
    for (const auto& which : list) open_.erase(which);
  }
  trouble_ = std::move(turn.trouble);
  if (!trouble_) {
    silent_since_.reset();
  } else if (!silent_since_) {
    silent_since_ = clock_.steady();
  }
  return !open_.empty();
}

// Again, where there are contexts in which it was not asked.
SchemaGate::Answers SchemaGate::look_at_target(Turn& turn) {
  auto out = look_up(wanted(), {*target_, contexts_at_target()}, turn);
  settle(out.found, IdState::known);
  note_lack_of_guids(out.untold);
  if (out.absent.empty() || !learn_contexts()) return out;
  auto again = look_up(out.absent, {*target_, contexts_at_target()}, turn);
  settle(again.found, IdState::known);
  out.found.insert(out.found.end(), again.found.begin(), again.found.end());
  out.absent = std::move(again.absent);
  return out;
}

std::vector<std::string> SchemaGate::contexts_at_target() const {
  return wanted_contexts_.target.empty() ? contexts_ : std::vector{wanted_contexts_.target};
}

// True: there are others than before. A registry that does not list them, or not now, has those
// that it had.
bool SchemaGate::learn_contexts() {
  const bool is_due =
      !wanted_contexts_.mirrored.patterns().empty() && clock_.steady() >= contexts_until_;
  if (!is_due) return false;
  contexts_until_ = clock_.steady() + kContextsFor;
  auto listed = source_->contexts();
  if (!listed) return false;
  std::erase_if(*listed,
                [this](const auto& each) { return !wanted_contexts_.mirrored.matches(each); });
  std::sort(listed->begin(), listed->end());  // "." is the first
  if (listed->empty()) listed->emplace_back(kDefaultContext);
  if (listed->size() > kContextsMax) listed->resize(kContextsMax);
  if (*listed == contexts_) return false;
  contexts_ = std::move(*listed);
  return true;
}

SchemaGate::Answers SchemaGate::look_up(const Whiches& all, const Side& side, Turn& turn) {
  std::vector<Answer> answers(all.size());
  std::atomic<int> failures{0};
  for_each_at_once(all.size(), kAskedAtOnce, [&](std::size_t i) {
    if (turn.stop.stop_requested() || failures.load() >= kFailuresMax) return;
    answers[i] = look_up_one(all[i], side);
    if (answers[i].kind == Answer::Kind::failed) ++failures;
  });
  Answers out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (answers[i].kind == Answer::Kind::none) continue;
    asked_up_to_ = all[i];
    switch (answers[i].kind) {
      case Answer::Kind::none:
        break;
      case Answer::Kind::found:
        out.found.push_back(all[i]);
        out.places[all[i]] = std::move(answers[i].text);
        break;
      case Answer::Kind::absent:
        out.absent.push_back(all[i]);
        break;
      case Answer::Kind::untold:
        out.untold.push_back(all[i]);
        break;
      case Answer::Kind::failed:
        turn.trouble = std::move(answers[i].text);
        break;
    }
  }
  return out;
}

// A context that does not answer hides what it has, and not what others have.
SchemaGate::Answer SchemaGate::look_up_one(const SchemaWhich& which, const Side& side) {
  using Kind = Answer::Kind;
  if (const auto* guid = std::get_if<SchemaGuid>(&which)) {
    const auto answer = side.registry.schema_by_guid(guid->text());
    if (answer) return {*answer ? Kind::found : Kind::absent, ""};
    const bool is_untold = answer.error().kind == RegistryError::Kind::unsupported;
    return {is_untold ? Kind::untold : Kind::failed, answer.error().text()};
  }
  Answer out{Kind::absent, ""};
  for (const auto& context : side.contexts) {
    const auto id = std::get<std::int32_t>(which);
    const auto answer = side.registry.schema(id, {context, {}});
    if (answer && *answer && !is_placeholder(**answer, id)) return {Kind::found, context};
    if (!answer) out = {Kind::failed, answer.error().text()};
  }
  return out;
}

SchemaGate::Whiches SchemaGate::settle(const Whiches& all, IdState state) {
  const auto before = table();
  Whiches out;
  std::copy_if(all.begin(), all.end(), std::back_inserter(out), [&](const SchemaWhich& which) {
    const auto found = before->find(which);
    return found == before->end() || found->second != state;
  });
  if (out.empty()) return out;
  Table next = *before;
  for (const auto& which : out) next[which] = state;
  publish(std::move(next));
  return out;
}

// Who uses a GUID no request tells: new ids will.
void SchemaGate::tell_awaited(const Whiches& all, const Answers& at_source) {
  if (all.empty() || !news_.awaited) return;
  SchemaHurry hurry;
  for (const auto& which : all) {
    if (const auto* id = std::get_if<std::int32_t>(&which)) {
      hurry.ids.insert({at_source.places.at(which), *id});
    } else {
      hurry.looks = true;
    }
  }
  news_.awaited(hurry);
}

void SchemaGate::note_lack_of_guids(const Whiches& untold) {
  if (untold.empty()) return;
  guid_ = std::get<SchemaGuid>(untold.front()).text();
  guid_asked_at_ = clock_.steady();
  if (!lacks_guids_.exchange(true)) tell_change();
}

// Registries are replaced by newer ones; no record waits for this answer.
void SchemaGate::look_for_guids() {
  if (!lacks_guids() || clock_.steady() - guid_asked_at_ < kForeignFor) return;
  guid_asked_at_ = clock_.steady();
  if (!target_->schema_by_guid(guid_)) return;
  lacks_guids_.store(false);
  tell_change();
}

// A registry's follower may have been behind when it was asked. While one is silent the answer
// stands: to ask would only hold records.
void SchemaGate::forget_foreign() {
  if (silent_since()) return;
  const auto now = clock_.steady();
  Whiches old;
  for (const auto& [which, since] : foreign_since_) {
    if (now - since >= kForeignFor) old.push_back(which);
  }
  const auto before = table();
  const bool is_full = before->size() > kIdsMax;
  if (old.empty() && !is_full) return;
  Table next = is_full ? Table() : *before;
  for (const auto& which : old) {
    foreign_since_.erase(which);
    next.erase(which);
  }
  if (is_full) foreign_since_.clear();
  publish(std::move(next));
}

SchemaGate::Whiches SchemaGate::wanted() {
  const std::lock_guard lock(mutex_);
  has_new_ = false;
  const auto next = open_.upper_bound(asked_up_to_);
  Whiches out(next, open_.end());
  out.insert(out.end(), open_.begin(), next);
  return out;
}

void SchemaGate::publish(Table table) {
  {
    const std::lock_guard lock(mutex_);
    table_ = std::make_shared<const Table>(std::move(table));
  }
  tell_change();
}

void SchemaGate::tell_change() {
  generation_.fetch_add(1);
  news_.changed();
}

void SchemaGate::ask(const SchemaWhich& which) {
  const std::lock_guard lock(mutex_);
  if (open_.size() >= kOpenMax || !open_.insert(which).second) return;
  has_new_ = true;
  asked_.notify_all();
}

void SchemaGate::look_again() {
  const std::lock_guard lock(mutex_);
  if (open_.empty()) return;
  has_new_ = true;
  asked_.notify_all();
}

std::shared_ptr<const SchemaGate::Table> SchemaGate::table() const {
  const std::lock_guard lock(mutex_);
  return table_;
}

std::optional<std::string> SchemaGate::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

std::optional<Clock::Steady> SchemaGate::silent_since() const {
  const std::lock_guard lock(mutex_);
  return silent_since_;
}

}  // namespace longspan
