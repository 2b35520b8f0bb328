#include "mirror/verify/verdict.h"

namespace longspan {

Tally& Tally::operator+=(const Tally& other) {
  equal += other.equal;
  compacted += other.compacted;
  different += other.different;
  missing += other.missing;
  twice += other.twice;
  foreign += other.foreign;
  before_start += other.before_start;
  expired += other.expired;
  left_out += other.left_out;
  lost_on_target += other.lost_on_target;
  undecided += other.undecided;
  return *this;
}

Tally Verdict::total() const {
  Tally total;
  for (const auto& partition : partitions) total += partition.tally;
  return total;
}

const PartitionVerdict* Verdict::first_difference() const {
  for (const auto& partition : partitions) {
    if (partition.first_difference) return &partition;
  }
  return nullptr;
}

const PartitionVerdict* Verdict::first_trouble() const {
  for (const auto& partition : partitions) {
    if (partition.trouble) return &partition;
  }
  return nullptr;
}

}  // namespace longspan
