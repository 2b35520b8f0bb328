#include "mirror/state/map_writer.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/unit/lagcalc/seeds.h"

namespace longspan {
namespace {

const PartitionIdentity kIdentity{{"orders", 3}, kNoTopicId};

// The compacted state topic, and the process that owns the partition.
class Mirror {
 public:
  Mirror() : writer_(kIdentity, 1) {}

  void append(std::int64_t source_gap, std::int64_t target_gap, std::int64_t count) {
    const Offset source = map_.next_source() + Records{source_gap};
    const Offset target = map_.next_target() + Records{target_gap};
    map_.append(source, target, count);
    whole_.append(source, target, count);
  }
  void skip_source(std::int64_t count) {
    map_.set_next_source(map_.next_source() + Records{count});
    whole_.set_next_source(map_.next_source());
  }
  void append_segments(int count) {
    for (int i = 0; i < count; ++i) append(1, 0, 5);
  }
  // All records of one position write, the position last.
  std::vector<StateRecord> records() {
    Position position;
    position.next_source = map_.next_source();
    position.next_target = map_.next_target();
    auto out = writer_.take(map_, position);
    out.push_back({PositionKey{kIdentity.source, kIdentity.topic_id, epoch_}, encode(position)});
    return out;
  }
  void write() {
    for (const StateRecord& record : records()) store(record);
    written_ = whole_;
  }
  // The process dies after `count` of the records of a position write.
  void crash_after(std::size_t count) {
    const auto all = records();
    count = std::min(count, all.size());
    for (std::size_t i = 0; i < count; ++i) store(all[i]);
    if (count == all.size()) written_ = whole_;
  }
  void restore() {
    const PartitionEntry entry = this->entry();
    map_ = map_of(entry);
    whole_ = map_;
    epoch_ = entry.epoch + 1;
    writer_ = MapWriter(kIdentity, epoch_, entry);
  }
  // The source's log ends here now.
  void cut_source(Offset end) {
    map_.truncate_from(end);
    whole_.truncate_from(end);
    whole_.set_next_target(map_.next_target());  // as far as the process knows it
    writer_.cut(map_);
  }
  // The target's does.
  void cut_target(Offset end) {
    map_.set_next_target(end);
    whole_.set_next_target(end);
    writer_.cut(map_);
  }
  // The position is set: records go on at `source`, the map before it is closed.
  std::vector<StateRecord> set(Offset source) {
    auto out = writer_.seal_all(map_);
    map_ = OffsetMap({}, source, map_.next_target());
    whole_ = map_;
    for (auto& record : records()) out.push_back(std::move(record));
    return out;
  }
  void forget() { map_.prune_below(writer_.open_block_start()); }
  void prune(Offset log_start) {
    for (const StateRecord& record : writer_.prune(log_start)) store(record);
  }

  void store(const StateRecord& record) {
    const std::string key = encode_key(record.key);
    if (record.value) {
      topic_[key] = *record.value;
    } else {
      topic_.erase(key);
    }
  }
  SlotState state() const {
    SlotState state;
    for (const auto& [key, value] : topic_) EXPECT_TRUE(state.apply(key, value));
    return state;
  }
  PartitionEntry entry() const {
    const SlotState folded = state();
    const auto found = folded.partitions().find(kIdentity);
    return found == folded.partitions().end() ? PartitionEntry{} : found->second;
  }
  OffsetMap persisted() const { return map_of(entry()); }

  OffsetMap map_;      // in the process, which may have forgotten sealed blocks
  OffsetMap whole_;    // the same, with nothing forgotten
  OffsetMap written_;  // as it was at the last position written
  std::int32_t epoch_ = 1;
  MapWriter writer_;
  std::map<std::string, std::string> topic_;
};

std::vector<std::string> texts(const std::vector<StateRecord>& records) {
  std::vector<std::string> out;
  for (const StateRecord& record : records) {
    out.push_back((record.value ? "" : "remove ") + text(record.key));
  }
  return out;
}

TEST(MapWriter, WritesClosedSegmentsOnceAndNeverTheOpenOne) {
  Mirror mirror;
  mirror.append_segments(3);
  EXPECT_EQ(texts(mirror.records()).size(), 2u);
  EXPECT_EQ(texts(mirror.records()).size(), 1u) << "nothing was closed since";
  mirror.append(0, 0, 7);
  EXPECT_EQ(texts(mirror.records()).size(), 1u) << "the open one only grew";
  mirror.append(1, 0, 1);
  const auto records = mirror.records();
  EXPECT_EQ(texts(records),
            (std::vector<std::string>{"map topic=orders partition=3 block=0 part=2 epoch=1",
                                      "position topic=orders partition=3 epoch=1"}));
  const auto piece = decode_map_piece(*records[0].value);
  ASSERT_TRUE(piece);
  EXPECT_EQ(piece->segments, (std::vector<Segment>{{{13}, {10}, 12}}));
}

TEST(MapWriter, SealsAFullBlockAndRemovesItsParts) {
  Mirror mirror;
  mirror.append_segments(3000);
  mirror.write();
  mirror.append_segments(1000);
  mirror.write();
  mirror.append_segments(97);  // 4096 closed and the open one
  EXPECT_EQ(texts(mirror.records()),
            (std::vector<std::string>{"map topic=orders partition=3 block=0 part=0 epoch=1",
                                      "remove map topic=orders partition=3 block=0 part=1 epoch=1",
                                      "remove map topic=orders partition=3 block=0 part=2 epoch=1",
                                      "position topic=orders partition=3 epoch=1"}));
}

TEST(MapWriter, SealsSeveralBlocksAtOnce) {
  Mirror mirror;
  mirror.append_segments(10'000);
  mirror.write();
  EXPECT_EQ(mirror.persisted(), mirror.map_);
  EXPECT_EQ(mirror.entry().position.blocks, 2);
  EXPECT_EQ(mirror.entry().position.parts, 1);
}

// Whatever of the set reaches the topic, what is read back is the map before it or the map after.
TEST(MapWriter, ACrashWhileThePositionIsSetLeavesOneOfBothMaps) {
  for (const std::int64_t to : {0, 7, 1000, 30'000}) {
    Mirror whole;
    whole.append_segments(4200);
    whole.write();
    whole.append_segments(50);  // closed, not written
    Mirror probe = whole;
    const auto writes = probe.set(Offset{to}).size();
    for (std::size_t kept = 0; kept <= writes; ++kept) {
      Mirror mirror = whole;
      const OffsetMap before = mirror.persisted();
      const auto records = mirror.set(Offset{to});
      for (std::size_t i = 0; i < kept; ++i) mirror.store(records[i]);
      mirror.restore();
      if (kept < writes) {
        EXPECT_EQ(mirror.map_, before) << to << " kept " << kept;
        continue;
      }
      EXPECT_EQ(mirror.map_.next_source(), Offset{to});
      mirror.append_segments(5000);
      mirror.write();
      mirror.forget();
      mirror.restore();
      const auto first = mirror.map_.to_target(Offset{to + 1});
      EXPECT_EQ(first.offset, before.next_target() + Records{50 * 5}) << to;
      if (to > 0) {
        EXPECT_EQ(mirror.map_.to_target(Offset{1}).offset, before.to_target(Offset{1}).offset);
      }
    }
  }
}

// A dead owner's last requests land after its successor has begun: whatever they hold, whenever
// they come, the successor's map stays what it is.
TEST(MapWriter, LateRequestsOfAFormerOwnerChangeNothing) {
  for (const int more : {3, 4100}) {  // more pieces of the open block, or its sealing
    Mirror mirror;
    mirror.append_segments(100);
    mirror.write();
    Mirror dead = mirror;
    dead.append_segments(more);
    const auto late = dead.records();
    mirror.restore();
    mirror.append(7, 3, 1);  // not what the dead one saw
    for (const int before : {0, 1, 2}) {
      Mirror successor = mirror;
      for (int i = 0; i < before; ++i) {
        successor.append_segments(5);
        successor.write();
      }
      for (const StateRecord& record : late) successor.store(record);
      successor.append_segments(5);
      successor.write();
      EXPECT_EQ(successor.persisted(), successor.map_) << more << " after " << before;
      successor.restore();
      successor.append_segments(5000);
      successor.write();
      EXPECT_EQ(successor.persisted(), successor.map_) << more << " sealed after " << before;
    }
  }
}

TEST(MapWriter, TheProcessNeedsOnlyTheOpenBlock) {
  Mirror mirror;
  for (int i = 0; i < 300; ++i) {
    mirror.append_segments(41);
    mirror.write();
    mirror.forget();
    EXPECT_LE(mirror.map_.segments().size(), static_cast<std::size_t>(kSegmentsPerBlock) + 1);
  }
  EXPECT_EQ(mirror.entry().position.blocks, 3);
  EXPECT_EQ(mirror.persisted().segments().size(), 300u * 41u);
  EXPECT_EQ(mirror.persisted().to_target({1}), (Translation{{0}, Exactness::exact}));
}

TEST(MapWriter, PrunesBlocksThatAreWhollyBelowTheLogStart) {
  Mirror mirror;
  mirror.append_segments(3 * kSegmentsPerBlock + 10);
  mirror.write();
  const Offset end_of_first{kSegmentsPerBlock * 6};
  mirror.prune(end_of_first - Records{1});
  EXPECT_FALSE(mirror.persisted().was_pruned());
  mirror.prune(end_of_first);
  EXPECT_EQ(mirror.persisted().to_target({0}),
            (Translation{{kSegmentsPerBlock * 5}, Exactness::pruned}));
  mirror.restore();
  mirror.prune({kSegmentsPerBlock * 6 * 3});
  EXPECT_EQ(mirror.persisted().segments().size(), 10u);
  EXPECT_EQ(mirror.topic_.size(), 2u) << "the open block's part and the position";
}

TEST(MapWriter, GoesOnAfterACrashBehindASealedBlock) {
  Mirror mirror;
  mirror.append_segments(4000);
  mirror.write();
  mirror.append_segments(2 * kSegmentsPerBlock);
  mirror.crash_after(3);  // part 0, the tombstone of part 1, the next block; no position
  EXPECT_EQ(mirror.persisted(), mirror.written_);
  mirror.restore();
  EXPECT_EQ(mirror.map_, mirror.written_);
  mirror.append(3, 2, 5);  // another tail than before
  mirror.append(1, 1, 5);
  mirror.write();
  EXPECT_EQ(mirror.persisted(), mirror.map_);
}

TEST(MapWriter, ACutReplacesWhatWasWrittenBehindIt) {
  Mirror mirror;
  mirror.append_segments(20);
  mirror.write();
  mirror.cut_source({50});
  mirror.append(0, 30, 4);
  mirror.append(2, 0, 4);
  mirror.append(2, 0, 4);
  mirror.write();
  EXPECT_EQ(mirror.persisted(), mirror.map_);
}

TEST(MapWriter, ACutReachesIntoASealedBlock) {
  Mirror mirror;
  mirror.append_segments(kSegmentsPerBlock + 50);
  mirror.write();
  mirror.cut_source({1000});
  mirror.write();
  EXPECT_EQ(mirror.persisted(), mirror.map_);
  mirror.append(0, 7, 4);
  mirror.append_segments(kSegmentsPerBlock);
  mirror.write();
  EXPECT_EQ(mirror.persisted(), mirror.map_);
  mirror.restore();
  mirror.append_segments(kSegmentsPerBlock);
  mirror.write();
  EXPECT_EQ(mirror.persisted(), mirror.map_);
}

// Sealed blocks that the process has forgotten hold copies that are gone, and the first new copy
// stands behind somebody else's records: what lies below it is not ours.
TEST(MapWriter, ACutReachesBelowWhatIsInMemory) {
  const int sealed = 2 * kSegmentsPerBlock;
  for (const std::int64_t end : {0, 1, 100, 5 * kSegmentsPerBlock, 5 * sealed + 7}) {
    for (const bool is_source : {false, true}) {
      SCOPED_TRACE(std::to_string(end) + (is_source ? " of the source" : " of the target"));
      Mirror mirror;
      mirror.append_segments(sealed + 10);
      mirror.write();
      mirror.forget();
      is_source ? mirror.cut_source({end}) : mirror.cut_target({end});
      mirror.write();
      EXPECT_EQ(mirror.persisted(), mirror.whole_);
      mirror.append(9, 30, 4);
      mirror.append(1, 0, 2);
      mirror.write();
      EXPECT_EQ(mirror.persisted(), mirror.whole_);
      mirror.restore();
      mirror.append_segments(kSegmentsPerBlock);
      mirror.write();
      EXPECT_EQ(mirror.persisted(), mirror.whole_);
    }
  }
}

TEST(MapWriter, ABlockOfACutIsPrunedAfterWhatItCuts) {
  Mirror mirror;
  mirror.append_segments(kSegmentsPerBlock + 10);
  mirror.write();
  mirror.forget();
  mirror.cut_target({0});
  mirror.append(0, 3, 5);
  mirror.append(1, 0, 5);
  mirror.write();
  mirror.restore();  // what is pruned is known to the next owner, too
  mirror.prune(mirror.map_.segments().front().source_start - Records{1});
  EXPECT_EQ(mirror.persisted().segments().size(), mirror.map_.segments().size());
  mirror.prune(mirror.map_.next_source());
  EXPECT_EQ(mirror.topic_.size(), 2u) << "the open block's part and the position";
}

TEST(MapWriter, WhatIsClosedAtOnceMayBeManyBlocks) {
  Mirror mirror;
  mirror.append_segments(3 * kSegmentsPerBlock + 10);  // no position since
  mirror.cut_target(mirror.map_.next_target() - Records{3});
  mirror.write();
  EXPECT_EQ(mirror.persisted(), mirror.whole_);
}

class MapWriterRandom : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, MapWriterRandom, testing::ValuesIn(seeds(8)));

// The invariant of the header, through crashes between any two writes.
TEST_P(MapWriterRandom, ThePersistedMapIsTheMapAtTheLastPosition) {
  SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(GetParam()));
  std::mt19937_64 random(GetParam());
  const auto below = [&](std::uint64_t n) { return static_cast<int>(random() % n); };
  Mirror mirror;
  mirror.append(below(100), below(100), 1 + below(9));
  mirror.write();
  for (int step = 0; step < 25; ++step) {
    const int burst = below(5) == 0 ? below(5000) : below(300);
    for (int i = 0; i < burst; ++i) {
      mirror.append(below(3), below(4) == 0 ? below(3) : 0, 1 + below(9));
    }
    mirror.skip_source(below(3));
    switch (below(9)) {
      case 0:
      case 1:
        mirror.crash_after(static_cast<std::size_t>(below(12)));
        ASSERT_EQ(mirror.persisted(), mirror.written_) << "step " << step;
        mirror.restore();
        break;
      case 2:
        mirror.restore();  // died before it wrote anything
        break;
      case 3: {
        const bool is_deep = below(3) == 0;
        const auto most = is_deep ? mirror.map_.next_source().value : 200;
        const Offset end = mirror.map_.next_source() - Records{below(most + 1)};
        mirror.cut_source(std::max(end, Offset{}));
        break;
      }
      case 4: {
        const bool is_deep = below(3) == 0;
        const auto most = is_deep ? mirror.map_.next_target().value : 200;
        const Offset end = mirror.map_.next_target() - Records{below(most + 1)};
        mirror.cut_target(std::max(end, Offset{}));
        break;
      }
      case 5:
        mirror.write();
        mirror.forget();
        break;
      default:
        break;
    }
    mirror.write();
    ASSERT_EQ(mirror.persisted(), mirror.whole_) << "step " << step;
  }
}

}  // namespace
}  // namespace longspan
