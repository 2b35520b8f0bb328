// What a Flow does with a file that was read again, and its part of the flow's throttle.
#include <algorithm>

#include "mirror/flow.h"

namespace longspan {
namespace {

constexpr std::size_t kTextMax = 1000;

}  // namespace

// The flow's thread takes it at its next turn, 100 ms away at most.
void Flow::change(LiveSettings settings, std::string changed) {
  if (changes_.post({std::move(settings), std::move(changed)})) return;
  log_error(log_, "change_dropped", {{"text", "the flow's thread does not keep up"}});
}

void Flow::take_changes() {
  for (auto& change : changes_.take_all()) {
    live_ = std::move(change.settings);
    share_budget();
    for (auto& running : shards_) std::ignore = running.shard->post(ChangeSettings{live_});
    surveyor_->change(live_);
    marks_->set_interval(live_.marks_interval);
    untold_change_ += (untold_change_.empty() ? "" : ", ") + change.changed;
    if (untold_change_.size() > kTextMax)
      untold_change_.replace(kTextMax - 3, std::string::npos, "...");
  }
  if (!untold_change_.empty()) tell_change();
}

// Into any slot of ours: each process reads its own file, when it is told to.
void Flow::tell_change() {
  const auto mine = std::find_if(owned_.begin(), owned_.end(), [](const auto& at) {
    return at.second.is_restored && !at.second.is_leaving;
  });
  if (mine == owned_.end()) return;
  Event event;
  event.kind = EventKind::config_reloaded;
  event.text = std::exchange(untold_change_, {});
  std::ignore = shards_[mine->second.shard].shard->post(WriteEvent{mine->first, std::move(event)});
}

void Flow::share_budget() {
  const auto owned = std::count_if(owned_.begin(), owned_.end(),
                                   [](const auto& at) { return at.second.is_restored; });
  budget_.set(live_, {static_cast<std::int32_t>(owned), slots_total_}, ports_.clock->steady());
}

}  // namespace longspan
