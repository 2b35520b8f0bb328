#include "cli/fleet/fleet_page.h"

#include <algorithm>
#include <utility>

#include "cli/fleet/fleet_rows.h"

namespace longspan {
namespace {

TimestampMs wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
}

}  // namespace

FleetPage::FleetPage(std::vector<FlowOfFile> flows, std::vector<FleetFile> files,
                     std::chrono::milliseconds every)
    : looks_(std::move(flows)), files_(std::move(files)), every_(every), places_(looks_.size()) {}

Result<std::string> FleetPage::start(const std::string& listen) {
  HttpViews views;
  views.fleet = [this] { return json(); };
  auto server = HttpServer::start(listen, std::move(views));
  if (!server) return Unexpected(server.error());
  server_ = std::move(*server);
  for (std::size_t i = 0; i < std::min(ClusterLooks::kThreadsMax, places_.size()); ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { look_until(stop); });
  }
  return server_->url();
}

// Whose turn came first is next.
void FleetPage::look_until(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const auto next =
        std::min_element(places_.begin(), places_.end(), [](const Place& a, const Place& b) {
          return std::pair(a.is_busy, a.due) < std::pair(b.is_busy, b.due);
        });
    if (next->is_busy || next->due > Steady::now()) {
      const auto until = next->is_busy ? Steady::now() + every_ : next->due;
      changed_.wait_until(lock, stop, until, [] { return false; });
      continue;
    }
    next->is_busy = true;
    lock.unlock();
    LookedAt seen = look_at(static_cast<std::size_t>(next - places_.begin()));
    lock.lock();
    next->due = Steady::now() + std::max(every_, seen.took);
    next->is_busy = false;
    next->last = std::move(seen);
  }
}

LookedAt FleetPage::look_at(std::size_t place) {
  const auto begun = Steady::now();
  FleetRow row = fleet_row(looks_.look_at(place));
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - begun);
  return {std::move(row), wall_clock(), took};
}

std::string FleetPage::json() {
  std::vector<LookedAt> looked;
  {
    const std::scoped_lock lock(mutex_);
    for (const Place& place : places_) {
      if (place.last) looked.push_back(*place.last);
    }
  }
  return fleet_page_json(looked, {wall_clock(), every_, places_.size() - looked.size()}, files_);
}

}  // namespace longspan
