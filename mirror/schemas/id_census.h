// mirror/schemas/id_census.h - which schema ids and GUIDs the records of topics carry: read,
// counted, with where each was seen first.
//
// Reads partitions to their ends as they are when it begins. Bytes that only look framed are
// counted, too: whether a topic is framed shows when a registry knows its ids.
//
// Errors:  take_census() fails where a cluster does not answer; a partition that cannot be read, or
//          not to its end, is `troubles` and stops no other.
// Limits:  kPartitionsAtOnce; kMarksMax per topic and part, then `has_more`; kStateSilence.
// Threads: one.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lagcalc/schema_framing.h"
#include "lagcalc/topic_partition.h"
#include "mirror/schemas/framing.h"
#include "mirror/state/flow_state.h"

namespace longspan {

inline constexpr std::size_t kPartitionsAtOnce = 32;
inline constexpr std::size_t kMarksMax = 10'000;

struct SeenMark {
  std::int64_t records = 0;
  TopicPartition partition;  // where it was seen first
  Offset offset;
};

struct PartCensus {
  std::map<SchemaMark, SeenMark> marks;
  std::int64_t unmarked = 0;  // neither null nor marked
  bool has_more = false;      // marks that are not in `marks`
};

struct TopicCensus {
  std::array<PartCensus, 2> parts;  // by RecordPart
  std::int64_t records = 0;

  void add(const TopicPartition& partition, const Record& record);
};

struct Census {
  std::map<std::string, TopicCensus> topics;
  std::map<TopicPartition, Error> troubles;
};

struct CensusRange {
  std::vector<TopicPartition> partitions;
  std::optional<std::int64_t> last;  // only so many offsets of each
};

using CensusProgress = std::function<void(std::size_t partitions_done, std::size_t partitions)>;

[[nodiscard]] Result<Census> take_census(const StateReader& reader, const CensusRange& range,
                                         const CensusProgress& on_progress);

}  // namespace longspan
