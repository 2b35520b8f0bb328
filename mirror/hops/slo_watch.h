// mirror/hops/slo_watch.h - judges the latencies of sampled records by the flow's objectives.
//
// A latency is judged up to the target for each topic that an objective names, and up to the sink's
// commit for each group that reads it. What has no commit time is not judged, and counted.
//
// Units:   microseconds; times on longspan's timeline.
// Errors:  none.
// Threads: one shard's.
// Limits:  kScopesMax objectives and groups; further groups are left out.
// Source:  lagcalc/slo.h.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lagcalc/clocks/interval.h"
#include "lagcalc/slo_window.h"
#include "mirror/hops/objective.h"
#include "mirror/topics/name_patterns.h"

namespace longspan {

struct SloSnapshot {
  std::string objective;  // as configured
  Slo slo;
  std::string group;  // empty: up to the target
  SloCounts total;    // since the process started
  SloWindow window;
  std::uint64_t unmeasured = 0;  // since then: they tell no commit time, and are not judged
};

// What an objective's counts come to at one moment; see compliance() and what follows it in slo.h.
struct SloStatus {
  std::string objective;
  Slo slo;
  std::string group = {};
  SloCounts total = {};
  std::uint64_t unmeasured = 0;
  SloCounts in_window = {};                  // of the objective, as far as it was seen
  std::optional<std::int64_t> since_s = {};  // since when it was; absent: nothing was judged
  std::array<SloCounts, kBurnRules.size()> over_long = {};
  std::array<SloCounts, kBurnRules.size()> over_short = {};

  // One of kBurnRules.
  [[nodiscard]] bool burns(std::size_t rule) const {
    return longspan::burns(slo, kBurnRules[rule], over_long[rule], over_short[rule]);
  }
};
[[nodiscard]] SloStatus status_of(const SloSnapshot& snapshot, std::int64_t now_s);

class SloWatch {
 public:
  static constexpr std::size_t kScopesMax = 1'000;
  static constexpr std::int64_t kSnapshotEachUs = 1'000'000;

  // `left_out`: topics that no objective judges, however it names them.
  explicit SloWatch(std::vector<Objective> objectives, NamePatterns left_out = {})
      : objectives_(std::move(objectives)), left_out_(std::move(left_out)) {}

  [[nodiscard]] bool is_on() const { return !objectives_.empty(); }
  // `group`: whose commit; empty: up to the target.
  void judge(const std::string& topic, const std::string& group,
             const std::optional<DurationInterval>& latency, std::uint64_t count, Instant now);
  // Of the objectives that name the topic; absent: none does.
  [[nodiscard]] std::optional<DurationUs> longest_target(const std::string& topic);
  // Made anew when something was judged since, at most once in kSnapshotEachUs: windows are large.
  using Snapshot = std::shared_ptr<const std::vector<SloSnapshot>>;
  [[nodiscard]] Snapshot snapshot(Instant now);

 private:
  struct Sum {
    SloCounts total;
    SloWindow window;
    std::uint64_t unmeasured = 0;
  };

  const std::vector<std::size_t>& objectives_of(const std::string& topic);

  const std::vector<Objective> objectives_;
  const NamePatterns left_out_;
  std::map<std::string, std::vector<std::size_t>> by_topic_;
  std::map<std::pair<std::size_t, std::string>, Sum> sums_;  // by objective and group
  Snapshot snapshot_ = std::make_shared<const std::vector<SloSnapshot>>();
  bool is_old_ = false;
  std::optional<Instant> snapshot_at_;
};

// What parts of a flow counted, as one.
void merge(std::vector<SloSnapshot>& into, const std::vector<SloSnapshot>& part);

}  // namespace longspan
