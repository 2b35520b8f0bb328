// cli/fleet/cluster_looks.h - many flows, each as its own clusters tell of it.
//
// Joins no group and writes nothing. Several flows are looked at at a time: one whose cluster does
// not answer costs the others nothing but its place.
//
// Errors:  of a flow, in its place.
// Threads: one owner, but for look_at(); look() uses up to kThreadsMax of its own and ends them.
// Owns:    the clients of its flows, from one look to the next.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands/flow_view.h"
#include "lagcalc/result.h"
#include "mirror/flow_config.h"
#include "mirror/snapshot.h"

namespace longspan {

struct FlowOfFile {
  std::string file;
  FlowConfig config;
  std::string listen = {};  // http.listen: the process there is asked, too; empty: nobody is
};

// One of the two is there.
struct SeenFlow {
  std::string file;
  std::string flow;
  std::optional<FlowSnapshot> snapshot;
  std::optional<Error> trouble;
};

class ClusterLooks {
 public:
  static constexpr std::size_t kThreadsMax = 8;
  using Progress = std::function<void(std::size_t done, std::size_t total)>;

  explicit ClusterLooks(std::vector<FlowOfFile> flows);

  // In the order of the flows. `progress` is called on the caller's thread.
  [[nodiscard]] std::vector<SeenFlow> look(const Progress& progress = {});
  // One of size(), numbered as they were given. From any thread, two different ones at a time.
  [[nodiscard]] SeenFlow look_at(std::size_t place);
  [[nodiscard]] std::size_t size() const { return places_.size(); }

 private:
  struct Place {
    FlowOfFile of;
    std::unique_ptr<FlowView> view;  // absent: never reached
  };
  std::vector<Place> places_;
};

}  // namespace longspan
