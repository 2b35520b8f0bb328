// mirror/groups/coordinator_epochs.h - which broker wrote a record of __consumer_offsets: the
// leader of its partition at that time.
//
// Asking tells who leads now, a record its epoch. The first epoch that is read after a broker was
// seen to lead is taken for its; records of any other epoch have no writer that is known, and a
// newer one is a reason to ask. So for a moment after a change of leaders the writer is absent, not
// wrong; it is wrong only for records that a former leader wrote in an epoch of which none had
// been read when the leader was asked for.
//
// Errors:  none.
// Threads: one.
// Limits:  16 B a partition.
// Source:  KIP-320.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace longspan {

class CoordinatorEpochs {
 public:
  using Leaders = std::vector<std::optional<std::int32_t>>;

  void asked(const Leaders& leaders);
  // Of a record; epoch absent: not told. Absent: not known.
  [[nodiscard]] std::optional<std::int32_t> writer(std::size_t partition,
                                                   std::optional<std::int32_t> epoch);
  [[nodiscard]] bool wants_asking() const { return wants_asking_; }

 private:
  struct Leader {
    std::optional<std::int32_t> node;
    std::optional<std::int32_t> epoch;   // of the node
    std::optional<std::int32_t> former;  // this and older ones are somebody else's
    bool has_newer = false;              // an epoch was read that is newer than the node's
  };
  std::vector<Leader> leaders_;
  bool wants_asking_ = false;
};

}  // namespace longspan
