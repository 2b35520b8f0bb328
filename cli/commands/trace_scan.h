// cli/commands/trace_scan.h - looks through the newest records of a flow's topics for a trace id.
//
// The copies are read, and of the source what is not mirrored yet.
//
// Units:   records.
// Errors:  a partition that cannot be read is counted, and the others are; none of them can be: an
//          Error.
// Threads: one owner.
// Limits:  `last` records on the target in all, spread over the partitions, and as many of the
//          source; kFoundMax of those found are kept, the newest.
#pragma once

#include <string>
#include <vector>

#include "cli/commands/flow_view.h"
#include "cli/commands/trace.h"
#include "cli/views/trace_view.h"

namespace longspan {

struct ScanFind {
  EventSide side{};
  TopicPartition partition;
  Offset offset;
  TimestampMs timestamp;
};

struct ScanAsked {
  WantedTrace trace;
  std::string topic;  // at the source; empty: all
  std::int64_t last = 0;
};

class TraceScan {
 public:
  static constexpr std::size_t kFoundMax = 10;

  explicit TraceScan(FlowView& view) : view_(view) {}

  Result<void> run(const ScanAsked& asked);

  // Newest first.
  [[nodiscard]] const std::vector<ScanFind>& finds() const { return finds_; }
  [[nodiscard]] const ShownScan& shown() const { return shown_; }

 private:
  // What is read of one log.
  struct Stretch {
    TopicPartition partition;
    TopicPartition source;
    OffsetRange range;
  };
  // The newest `last` of these, each getting its share.
  std::vector<Stretch> newest(std::vector<Stretch> all, std::int64_t last);
  void scan(EventSide side, const StateReader& log, const std::vector<Stretch>& stretches,
            const WantedTrace& wanted);
  void scan_source(const ScanAsked& asked);
  void keep(ScanFind find);

  FlowView& view_;
  std::vector<ScanFind> finds_;
  ShownScan shown_;
  std::optional<Error> trouble_;
};

// How many of each, so that they are no more than `last` together and nobody gets less than his
// part while another gets more than he has.
[[nodiscard]] std::vector<std::int64_t> shares(const std::vector<std::int64_t>& sizes,
                                               std::int64_t last);

}  // namespace longspan
