#include "mirror/state/slot_state.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace longspan {
namespace {

const TopicPartition kSource{"orders", 3};
const PartitionIdentity kIdentity{kSource, kNoTopicId};

void put(SlotState& state, const StateKey& key, const std::string& value) {
  const auto applied = state.apply(encode_key(key), value);
  ASSERT_TRUE(applied) << applied.error().text();
}

void remove(SlotState& state, const StateKey& key) {
  const auto applied = state.apply(encode_key(key), std::nullopt);
  ASSERT_TRUE(applied) << applied.error().text();
}

PositionKey position_key(std::int32_t epoch) { return {kSource, kNoTopicId, epoch}; }
MapKey map_key(std::int32_t block, std::int32_t part) {
  return {kSource, kNoTopicId, block, part, 1};
}

Position position_at(std::int64_t next_source) {
  Position p;
  p.target_topic = "east.orders";
  p.next_source = {next_source};
  p.next_target = {next_source};
  return p;
}

MapPiece piece(std::vector<Segment> segments) { return {std::move(segments)}; }

TEST(SlotState, TheHighestEpochWinsInAnyOrder) {
  for (const auto& order : {std::vector{1, 2, 3}, {3, 2, 1}, {2, 3, 1}}) {
    SlotState state;
    for (const int epoch : order) put(state, position_key(epoch), encode(position_at(epoch * 10)));
    const PartitionEntry& entry = state.partitions().at(kIdentity);
    EXPECT_EQ(entry.epoch, 3);
    EXPECT_EQ(entry.position.next_source, Offset{30});
    EXPECT_EQ(entry.stale_epochs, (std::vector<std::int32_t>{1, 2}));
  }
}

TEST(SlotState, ATombstoneRemovesItsEpochOnly) {
  SlotState state;
  for (const int epoch : {1, 2, 3}) put(state, position_key(epoch), encode(position_at(epoch)));
  remove(state, position_key(1));
  EXPECT_EQ(state.partitions().at(kIdentity).stale_epochs, std::vector<std::int32_t>{2});
  remove(state, position_key(3));
  EXPECT_EQ(state.partitions().at(kIdentity).epoch, 2);
  EXPECT_EQ(state.partitions().at(kIdentity).position.next_source, Offset{2});
  EXPECT_TRUE(state.partitions().at(kIdentity).stale_epochs.empty());
  remove(state, position_key(2));
  EXPECT_TRUE(state.partitions().empty());
  remove(state, position_key(9));
}

TEST(SlotState, ARecreatedTopicIsAnotherPartition) {
  SlotState state;
  put(state, position_key(1), encode(position_at(5)));
  TopicId other{};
  other[0] = 1;
  put(state, PositionKey{kSource, other, 1}, encode(position_at(6)));
  EXPECT_EQ(state.partitions().size(), 2u);
}

TEST(SlotState, MapPiecesThatComeBeforeTheirPositionAreJoined) {
  SlotState state;
  put(state, map_key(0, 1), encode(piece({{{0}, {0}, 5}})));
  put(state, map_key(0, 2), encode(piece({{{6}, {5}, 4}})));
  put(state, map_key(0, 3), encode(piece({{{90}, {90}, 4}})));
  remove(state, map_key(0, 3));
  EXPECT_TRUE(state.partitions().empty());
  Position position = position_at(12);
  position.parts = 2;
  put(state, position_key(1), encode(position));
  EXPECT_EQ(state.partitions().at(kIdentity).pieces.size(), 2u);
  EXPECT_EQ(map_of(state.partitions().at(kIdentity)).to_target({8}).offset, Offset{7});
}

TEST(SlotState, EventsComeOldestFirstAfterTheirKeysWrapped) {
  SlotState state;
  for (std::int64_t number = 0; number < 2500; ++number) {
    Event event;
    event.number = number;
    event.kind = EventKind::paused;
    put(state, EventKey{static_cast<std::int32_t>(number % kEventsPerSlot)}, encode(event));
  }
  const auto events = state.events();
  ASSERT_EQ(events.size(), 1000u);
  EXPECT_EQ(events.front().number, 1500);
  EXPECT_EQ(events.back().number, 2499);
  EXPECT_EQ(state.next_event(), 2500);
}

TEST(SlotState, ALossStaysWhileOtherEventsMakeRoomForEachOther) {
  SlotState state;
  for (std::int64_t number = 0; number < 9000; ++number) {
    Event event;
    event.number = number;
    event.kind = number % 1000 == 0 ? EventKind::source_expired : EventKind::paused;
    put(state, key_of(event), encode(event));
  }
  const auto events = state.events();
  EXPECT_EQ(std::count_if(events.begin(), events.end(),
                          [](const Event& e) { return e.kind == EventKind::source_expired; }),
            9);
  EXPECT_LE(events.size(), 1009u);
  EXPECT_EQ(state.next_event(), 9000);
}

// What a former owner saw after the next one had begun may be the next one's own writes.
TEST(SlotState, AnEventThatAFormerOwnerWroteTooLateIsNotTold) {
  SlotState state;
  const auto write = [&state](std::int64_t number, EventKind kind) {
    Event event;
    event.number = number;
    event.kind = kind;
    put(state, key_of(event), encode(event));
  };
  write(0, EventKind::slot_taken);
  write(1, EventKind::source_expired);
  write(102, EventKind::slot_taken);  // by the next owner, who found two events
  write(103, EventKind::source_expired);
  write(2, EventKind::unexpected_target_offset);  // by the former one
  write(101, EventKind::source_expired);          // its position may count
  std::vector<std::int64_t> numbers;
  for (const auto& event : state.events()) numbers.push_back(event.number);
  EXPECT_EQ(numbers, (std::vector<std::int64_t>{0, 1, 101, 102, 103}));
  // Ordinary events have made room for newer ones; the late loss is still not told.
  for (std::int64_t number = 104; number < 3000; ++number) write(number, EventKind::paused);
  for (const auto& event : state.events()) EXPECT_NE(event.number, 2);
}

TEST(SlotState, WhatIsNamedBehindThePositionIsKnownUntilOneCountsIt) {
  SlotState state;
  const auto write = [&state](std::int64_t number, EventKind kind, OffsetRange range) {
    Event event;
    event.number = number;
    event.kind = kind;
    event.partition = kSource;
    event.from = range.from;
    event.to = range.to;
    put(state, key_of(event), encode(event));
  };
  const OffsetRange first{{10}, {12}};
  const OffsetRange second{{20}, {21}};
  put(state, position_key(2), encode(position_at(5)));
  write(0, EventKind::unexpected_target_offset, first);
  write(1, EventKind::tail_matched, {{0}, {3}});
  write(2, EventKind::written_twice, second);
  EXPECT_EQ(state.named_behind_position(kSource), (std::vector{first, second}));
  put(state, position_key(1), encode(position_at(50)));  // a former owner's
  EXPECT_EQ(state.named_behind_position(kSource).size(), 2u);
  put(state, position_key(2), encode(position_at(60)));
  EXPECT_TRUE(state.named_behind_position(kSource).empty());
  EXPECT_TRUE(state.named_behind_position({"other", 0}).empty());
}

TEST(SlotState, CountsEventsBeyond32Bits) {
  SlotState state;
  EXPECT_EQ(state.next_event(), 0);
  Event event;
  event.number = 5'000'000'007;
  event.kind = EventKind::paused;
  put(state, EventKey{7}, encode(event));
  EXPECT_EQ(state.next_event(), 5'000'000'008);
}

// Nothing rests on an event: one that cannot be read must not keep a slot from being taken.
TEST(SlotState, AnEventThatCannotBeReadCostsOnlyItself) {
  SlotState state;
  Event event;
  event.number = 8;
  event.kind = EventKind::paused;
  ASSERT_TRUE(state.apply(encode_key(EventKey{8}), encode(event)));
  EXPECT_TRUE(state.apply(encode_key(EventKey{7}), encode(event))) << "another key's";
  EXPECT_TRUE(state.apply(encode_key(EventKey{9}), "rubbish"));
  event.number = 10;
  event.from = Offset{-1001};
  EXPECT_TRUE(state.apply(encode_key(EventKey{10}), encode(event)));
  EXPECT_EQ(state.events().size(), 1u);
}

TEST(SlotState, TheLastCommandAboutSchemasCounts) {
  SlotState state;
  EXPECT_FALSE(state.schemas_command());
  put(state, SchemasKey{}, encode(Command{CommandKind::hand_over_schemas, {7}, "me@host", "why"}));
  ASSERT_TRUE(state.schemas_command());
  EXPECT_EQ(state.schemas_command()->kind, CommandKind::hand_over_schemas);
  EXPECT_EQ(state.schemas_command()->who, "me@host");
  EXPECT_FALSE(state.is_paused(kSource));
  put(state, SchemasKey{}, encode(Command{CommandKind::hand_back_schemas, {8}, "me@host", ""}));
  EXPECT_EQ(state.schemas_command()->kind, CommandKind::hand_back_schemas);
  remove(state, SchemasKey{});
  EXPECT_FALSE(state.schemas_command());
}

TEST(SlotState, PausesByFlowTopicOrPartition) {
  const std::string pause = encode(Command{CommandKind::pause, {1}, "me@host", ""});
  const std::string resume = encode(Command{CommandKind::resume, {2}, "me@host", ""});
  const CommandKey levels[] = {{"", std::nullopt}, {"orders", std::nullopt}, {"orders", 3}};
  for (const CommandKey& level : levels) {
    SlotState state;
    EXPECT_FALSE(state.is_paused(kSource));
    put(state, level, pause);
    EXPECT_TRUE(state.is_paused(kSource)) << text(level);
    put(state, level, resume);
    EXPECT_FALSE(state.is_paused(kSource)) << text(level);
    put(state, level, pause);
    remove(state, level);
    EXPECT_FALSE(state.is_paused(kSource)) << text(level);
  }
  SlotState other;
  put(other, CommandKey{"orders", 4}, pause);
  put(other, CommandKey{"customers", std::nullopt}, pause);
  EXPECT_FALSE(other.is_paused(kSource));
}

TEST(SlotState, KeepsDefinitionAndOwnerUntilTombstoned) {
  SlotState state;
  Definition definition;
  definition.keys["topics"] = "orders";
  put(state, DefinitionKey{}, encode(definition));
  put(state, OwnerKey{}, encode(Owner{"host:1", {1}, {2}, std::nullopt}));
  EXPECT_EQ(state.definition()->keys.at("topics"), "orders");
  EXPECT_EQ(state.owner()->process, "host:1");
  remove(state, DefinitionKey{});
  remove(state, OwnerKey{});
  EXPECT_FALSE(state.definition());
  EXPECT_FALSE(state.owner());
}

TEST(SlotState, AnErrorNamesTheKey) {
  SlotState state;
  std::string newer = encode(position_at(1));
  newer[1] = 9;
  const auto applied = state.apply(encode_key(position_key(2)), newer);
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().next, Next::park_partition);
  EXPECT_EQ(applied.error().text(),
            "state record of kind position has format version 9, this program knows 1 "
            "(position topic=orders partition=3 epoch=2)");
}

TEST(SlotState, LeavesRecordsOfANewerProgramAlone) {
  SlotState state;
  EXPECT_TRUE(state.apply("Q-some-new-kind", "whatever"));
  EXPECT_TRUE(state.apply("Q-some-new-kind", std::nullopt));
}

PartitionEntry entry_with(Position position) {
  PartitionEntry entry;
  entry.position = std::move(position);
  return entry;
}

TEST(MapOf, JoinsSealedBlocksPartsAndTheOpenSegment) {
  Position position = position_at(31);
  position.blocks = 1;
  position.parts = 2;
  position.open = {{24}, {22}, 6};
  position.next_target = {28};
  PartitionEntry entry = entry_with(position);
  entry.pieces[{0, 0, 0}] = piece({{{0}, {0}, 5}, {{6}, {5}, 5}});
  entry.pieces[{0, 1, 0}] = piece({{{0}, {40}, 5}});  // left over; part 0 hides it
  entry.pieces[{1, 1, 0}] = piece({{{12}, {10}, 5}});
  entry.pieces[{1, 2, 0}] = piece({{{18}, {16}, 5}});
  const OffsetMap expected(
      {{{0}, {0}, 5}, {{6}, {5}, 5}, {{12}, {10}, 5}, {{18}, {16}, 5}, {{24}, {22}, 6}}, {31},
      {28});
  EXPECT_EQ(map_of(entry), expected);
}

TEST(MapOf, LeavesOutWhatWasWrittenAheadOfThePosition) {
  Position position = position_at(8);
  position.open = {{6}, {5}, 2};
  position.next_target = {7};
  PartitionEntry entry = entry_with(position);
  entry.pieces[{0, 0, 0}] = piece({{{0}, {0}, 5}, {{6}, {5}, 5}, {{20}, {10}, 5}});
  entry.pieces[{1, 1, 0}] = piece({{{30}, {15}, 5}});
  EXPECT_EQ(map_of(entry), OffsetMap({{{0}, {0}, 5}, {{6}, {5}, 2}}, {8}, {7}));
}

TEST(MapOf, KnowsThatBlocksWerePruned) {
  Position position = position_at(40);
  position.blocks = 2;
  position.open = {{30}, {30}, 10};
  PartitionEntry entry = entry_with(position);
  EXPECT_EQ(map_of(entry).to_target({0}).exactness, Exactness::pruned);
  entry.pieces[{1, 0, 0}] = piece({{{20}, {20}, 5}});
  EXPECT_EQ(map_of(entry).to_target({0}), (Translation{{20}, Exactness::pruned}));
  entry.pieces[{0, 0, 0}] = piece({{{10}, {10}, 5}});
  EXPECT_EQ(map_of(entry).to_target({0}), (Translation{{10}, Exactness::before_start}));
}

}  // namespace
}  // namespace longspan
