// tests/unit/mirror/shard_fixture.h - what the claims about the shard share.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mirror/shard.h"
#include "tests/unit/mirror/shard_on_fakes.h"

namespace longspan {

inline const Error kRefused{Next::park_partition, kafka_code::kNotAuthorised, "not authorised",
                            "fake"};
inline constexpr std::int32_t kSlot = 0;
inline constexpr std::int32_t kOther = 1;  // a second slot

class ShardTest : public testing::Test {
 protected:
  ShardTest() { set_log_level(LogLevel::error); }

  // Slot 0 with the partitions 0 .. count-1.
  void begin(ProcessOnFakes& one, int count = 1) {
    one.take(kSlot);
    for (int i = 0; i < count; ++i) one.add(kSlot, i);
  }
  [[nodiscard]] bool drains(ProcessOnFakes& one, std::int32_t partition) {
    return one.step_until([&] { return world.written(partition) == world.wanted(partition); });
  }
  // The last position that reached the state topic.
  [[nodiscard]] std::int64_t position(std::int32_t slot, std::int32_t partition) {
    const auto entry = world.entry(slot, partition);
    return entry ? entry->position.next_source.value : -1;
  }
  [[nodiscard]] bool persists(ProcessOnFakes& one, std::int64_t next, std::int32_t partition = 0) {
    return one.step_until([&] { return position(kSlot, partition) == next; });
  }
  [[nodiscard]] bool is_parked(ProcessOnFakes& one) {
    return one.step_until([&] {
      const auto seen = one.snapshot(0);
      return seen && seen->state == PartitionState::parked;
    });
  }
  static Remedy accept(std::int64_t event) {
    Remedy remedy;
    remedy.kind = RemedyKind::accept_loss;
    remedy.event = event;
    return remedy;
  }
  static Remedy set(std::int64_t offset) {
    Remedy remedy;
    remedy.kind = RemedyKind::set_position;
    remedy.next_source = Offset{offset};
    return remedy;
  }

  WorldOnFakes world;
};

}  // namespace longspan
