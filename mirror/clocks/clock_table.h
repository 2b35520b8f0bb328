// mirror/clocks/clock_table.h - what is known of all clocks at one moment, to place stamps with.
//
// An offset is what was measured; a side that nobody measures is what the configuration assumes
// (marked so), or absent. A stamp of a broker is of the leader that appended the record, so the
// table also knows who leads which partition. Where that is not known, a stamp may be of any
// broker that the cluster ever named, also of one that is down by now: the hull over them. In it
// stands what each was when it last answered; of one that never did, what is assumed, marked so.
//
// Units:   microseconds on the timeline of the ClockWatch that made it.
// Errors:  none. Nothing known is an offset without bounds.
// Threads: immutable after it was made; shared as shared_ptr<const ClockTable>.
// Limits:  ClockWatch's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "lagcalc/clocks/clock_tracker.h"
#include "mirror/clocks/clock_config.h"
#include "mirror/clocks/cluster_leaders.h"
#include "mirror/event.h"

namespace longspan {

class ClockTable {
 public:
  struct Measured {
    ClockId clock;
    ClockOffset offset;  // nothing in it is assumed
    // As it was when it last answered: of use where `offset` no longer says anything. Of one that
    // is up it is widened by what it may have drifted since, and gone after a while.
    OffsetBounds last = {};
  };
  using Leaders = std::shared_ptr<const ClusterLeaders>;

  // `measured` in the order of its clocks. Without leaders: nothing is known of that cluster.
  ClockTable(ClockConfig config, Instant as_of, std::vector<Measured> measured, Leaders source,
             Leaders target);

  // Bounds that are measured, else assumed.
  [[nodiscard]] ClockOffset offset_of(ClockId clock) const;
  // Over the known brokers of a cluster (source_broker, target_broker); of others as offset_of().
  [[nodiscard]] ClockOffset hull_of(ClockKind kind) const;
  // Absent: not known.
  [[nodiscard]] std::optional<std::int32_t> leader_of(EventSide side,
                                                      const TopicPartition& partition) const;
  // Of the clock that wrote the LogAppendTime `stamp` into the partition: of its leader where that
  // led already then, else the hull. For up to one look (BrokerProbe::kLook) after a change it is
  // still the former leader's.
  [[nodiscard]] ClockOffset offset_at(EventSide side, const TopicPartition& partition,
                                      Stamp stamp) const;
  // The broker of offset_at(); absent where that is the hull.
  [[nodiscard]] std::optional<ClockId> appender(EventSide side, const TopicPartition& partition,
                                                Stamp stamp) const;
  [[nodiscard]] bool is_measured(ClockId clock) const { return find(clock) != nullptr; }

  [[nodiscard]] Instant as_of() const { return as_of_; }
  [[nodiscard]] const std::vector<Measured>& measured() const { return measured_; }
  // Absent: the cluster never answered.
  [[nodiscard]] const ClusterLeaders* leaders(EventSide side) const {
    return (side == EventSide::source ? source_ : target_).get();
  }
  [[nodiscard]] const ClockConfig& config() const { return config_; }

 private:
  [[nodiscard]] const Measured* find(ClockId clock) const;
  // Of a broker whenever it may have written what is read now.
  [[nodiscard]] OffsetBounds bounds_over_time(ClockId broker, bool is_up) const;

  ClockConfig config_;
  Instant as_of_;
  std::vector<Measured> measured_;
  Leaders source_;
  Leaders target_;
};

[[nodiscard]] constexpr ClockKind brokers_of(EventSide side) {
  return side == EventSide::source ? ClockKind::source_broker : ClockKind::target_broker;
}

// `known`, as the table says it, narrowed by what orders of events say. Where the two contradict
// each other what was measured holds.
[[nodiscard]] ClockOffset narrowed(const ClockOffset& known, const ClockTracker& orders,
                                   std::optional<DurationUs> max_error, Instant now);

}  // namespace longspan
