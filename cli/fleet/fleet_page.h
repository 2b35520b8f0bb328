// cli/fleet/fleet_page.h - the page of a fleet: `longspan lag --all DIR --listen HOST:PORT`.
//
// Looks at each flow again and again, and serves what it saw last: /, /api/v1/fleet, /healthz. Who
// asks never waits for a cluster, and a cluster that does not answer makes no other flow's figures
// old. The files are read once, as by a process that runs one.
//
// Errors:  start() says what to do when the address is malformed or taken.
// Threads: start() once; up to ClusterLooks::kThreadsMax that look, and the server's.
// Owns:    all of these, and the clients of the flows. The destructor waits for looks.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cli/fleet/cluster_looks.h"
#include "cli/fleet/fleet_files.h"
#include "cli/fleet/fleet_view.h"
#include "cli/http/http_server.h"
#include "lagcalc/result.h"

namespace longspan {

class FleetPage {
 public:
  // `every`: how long between two looks at a flow; at least as long as a look takes.
  FleetPage(std::vector<FlowOfFile> flows, std::vector<FleetFile> files,
            std::chrono::milliseconds every);

  // The address of the page. Serves when it returns, and begins to look.
  [[nodiscard]] Result<std::string> start(const std::string& listen);

 private:
  using Steady = std::chrono::steady_clock;
  struct Place {
    std::optional<LookedAt> last;  // absent: nobody looked yet
    Steady::time_point due;
    bool is_busy = false;
  };
  void look_until(const std::stop_token& stop);
  [[nodiscard]] LookedAt look_at(std::size_t place);
  [[nodiscard]] std::string json();

  ClusterLooks looks_;
  const std::vector<FleetFile> files_;
  const std::chrono::milliseconds every_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Place> places_;  // guarded by mutex_
  std::unique_ptr<HttpServer> server_;
  std::vector<std::jthread> threads_;  // last: they use the others
};

}  // namespace longspan
