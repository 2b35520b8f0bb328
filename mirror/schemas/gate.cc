#include "mirror/schemas/gate.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "mirror/schemas/workers.h"

namespace longspan {

SchemaGate::SchemaGate(std::unique_ptr<Registry> source, std::string source_context,
                       std::unique_ptr<Registry> target, std::string target_context,
                       const Clock& clock, GateNews news)
    : source_(std::move(source)),
      target_(std::move(target)),
      seen_at_source_{std::move(source_context), {}},
      seen_at_target_{std::move(target_context), {}},
      clock_(clock),
      news_(std::move(news)) {}

void SchemaGate::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const bool has_open = turn(stop);
    std::unique_lock lock(mutex_);
    const auto is_asked = [this] { return has_new_; };
    if (has_open) {
      asked_.wait_for(lock, stop, kAskAgain, is_asked);
    } else if (!foreign_since_.empty()) {
      asked_.wait_for(lock, stop, kForeignFor, is_asked);
    } else {
      asked_.wait(lock, stop, is_asked);
    }
  }
}

// The target first, for all of them: what it knows need not wait for the source.
bool SchemaGate::turn(const std::stop_token& stop) {
  forget_foreign();
  std::optional<std::string> trouble;
  const auto missing = look_up(wanted(), *target_, seen_at_target_, stop, trouble);
  settle(missing.found, IdState::known);
  const auto nowhere = look_up(missing.absent, *source_, seen_at_source_, stop, trouble);
  tell_awaited(settle(nowhere.found, IdState::awaited));
  settle(nowhere.absent, IdState::foreign);
  for (const auto id : nowhere.absent) foreign_since_[id] = clock_.steady();
  const std::lock_guard lock(mutex_);
  for (const auto& list : {missing.found, nowhere.absent}) {
    for (const auto id : list) open_.erase(id);
  }
  trouble_ = std::move(trouble);
  if (!trouble_) {
    silent_since_.reset();
  } else if (!silent_since_) {
    silent_since_ = clock_.steady();
  }
  return !open_.empty();
}

SchemaGate::Answers SchemaGate::look_up(const std::vector<std::int32_t>& ids, Registry& registry,
                                        const Subject& seen_in, const std::stop_token& stop,
                                        std::optional<std::string>& trouble) {
  std::vector<std::optional<RegistryResult<std::optional<Schema>>>> answers(ids.size());
  std::atomic<int> failures{0};
  for_each_at_once(ids.size(), kAskedAtOnce, [&](std::size_t i) {
    if (stop.stop_requested() || failures.load() >= kFailuresMax) return;
    answers[i] = registry.schema(ids[i], seen_in);
    if (!*answers[i]) ++failures;
  });
  Answers out;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!answers[i]) continue;
    asked_up_to_ = ids[i];
    const auto& answer = *answers[i];
    if (!answer) {
      trouble = answer.error().text();
    } else {
      (*answer ? out.found : out.absent).push_back(ids[i]);
    }
  }
  return out;
}

std::vector<std::int32_t> SchemaGate::settle(const std::vector<std::int32_t>& ids, IdState state) {
  const auto before = table();
  std::vector<std::int32_t> out;
  std::copy_if(ids.begin(), ids.end(), std::back_inserter(out), [&](std::int32_t id) {
    const auto found = before->find(id);
    return found == before->end() || found->second != state;
  });
  if (out.empty()) return out;
  Table next = *before;
  for (const auto id : out) next[id] = state;
  publish(std::move(next));
  return out;
}

void SchemaGate::tell_awaited(const std::vector<std::int32_t>& ids) {
  if (ids.empty() || !news_.awaited) return;
  SchemaHurry hurry;
  for (const auto id : ids) hurry.ids.insert({seen_at_source_.context, id});
  news_.awaited(hurry);
}

// A registry's follower may have been behind when it was asked. While one is silent the answer
// stands: to ask would only hold records.
void SchemaGate::forget_foreign() {
  if (silent_since()) return;
  const auto now = clock_.steady();
  std::vector<std::int32_t> old;
  for (const auto& [id, since] : foreign_since_) {
    if (now - since >= kForeignFor) old.push_back(id);
  }
  const auto before = table();
  const bool is_full = before->size() > kIdsMax;
  if (old.empty() && !is_full) return;
  Table next = is_full ? Table() : *before;
  for (const auto id : old) {
    foreign_since_.erase(id);
    next.erase(id);
  }
  if (is_full) foreign_since_.clear();
  publish(std::move(next));
}

std::vector<std::int32_t> SchemaGate::wanted() {
  const std::lock_guard lock(mutex_);
  has_new_ = false;
  const auto next = open_.upper_bound(asked_up_to_);
  std::vector<std::int32_t> out(next, open_.end());
  out.insert(out.end(), open_.begin(), next);
  return out;
}

void SchemaGate::publish(Table table) {
  {
    const std::lock_guard lock(mutex_);
    table_ = std::make_shared<const Table>(std::move(table));
  }
  generation_.fetch_add(1);
  news_.changed();
}

void SchemaGate::ask(std::int32_t id) {
  const std::lock_guard lock(mutex_);
  if (open_.size() >= kOpenMax || !open_.insert(id).second) return;
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
