// mirror/groups/translate.h - positions of groups, or single ones, from one cluster to the other.
//
// Units:   a position is the next record to be read, as groups commit it.
// Errors:  per position: what cannot be translated carries the reason and no offset, so that one
//          topic without a map never hides the other topics of a group.
// Threads: free functions over values; the maps that `find_map` answers must stay as they are until
//          the call returns.
// Source:  OffsetMap for what each Exactness means.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lagcalc/offset_map.h"
#include "lagcalc/topic_partition.h"
#include "lagcalc/units.h"
#include "mirror/topics/naming.h"

namespace longspan {

using Positions = std::map<TopicPartition, Offset>;

struct TranslatedPosition {
  TopicPartition source;  // empty topic: a target topic that does not come from the source
  TopicPartition target;
  Offset from;                    // on the side that was given
  std::optional<Translation> to;  // on the other side
  std::string reason;             // why `to` is absent; one sentence
  friend bool operator==(const TranslatedPosition&, const TranslatedPosition&) = default;
};

// The map of a source partition; nullptr: it is not mirrored by this flow, or not known here.
using FindMap = std::function<const OffsetMap*(const TopicPartition& source)>;

class PositionTranslator {
 public:
  // Owns: the function; `naming` is copied.
  PositionTranslator(Naming naming, FindMap find_map)
      : naming_(std::move(naming)), find_map_(std::move(find_map)) {}

  [[nodiscard]] TranslatedPosition to_target(const TopicPartition& source, Offset position) const;
  [[nodiscard]] TranslatedPosition to_source(const TopicPartition& target, Offset position) const;
  // One answer per position, in the order of the given side's partitions.
  [[nodiscard]] std::vector<TranslatedPosition> to_target(const Positions& source) const;
  [[nodiscard]] std::vector<TranslatedPosition> to_source(const Positions& target) const;

 private:
  Naming naming_;
  FindMap find_map_;
};

}  // namespace longspan
