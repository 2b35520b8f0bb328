#include "mirror/state/records.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <tuple>

#include "mirror/state/byte_codec.h"

namespace longspan {
namespace {

using namespace std::string_literals;

TopicId some_id() {
  TopicId id{};
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::uint8_t>(0xf0 + i);
  return id;
}

Position full_position() {
  Position p;
  p.target_topic = "east.orders";
  p.next_source = {1234};
  p.next_target = {1200};
  p.open = {{1000}, {966}, 234};
  p.blocks = 2;
  p.parts = 17;
  p.state = PartitionState::parked;
  p.reason = "the target refuses records of this size";
  p.written_at = {1'700'000'000'000};
  p.moved_at = {1'699'999'999'999};
  p.last_timestamp = TimestampMs{1'700'000'000'001};
  p.records_per_1000_s = 42;
  p.fingerprint_offset = Offset{1233};
  p.fingerprint = 0xdeadbeefcafef00d;
  p.stopped_by = {17, EventKind::source_expired, {100}, {200}};
  p.remedied_at = TimestampMs{1'700'000'000'002};
  p.again_from = Offset{3};
  p.late = LateWindow{Offset{1}, Offset{2}, TimestampMs{1'700'000'000'003}};
  p.leader_epoch = {5, {4711}};
  p.trial = {1, true};
  p.target_id = some_id();
  p.target_cut_to = Offset{5};
  return p;
}

Event full_event() {
  return {12'345,
          EventKind::source_expired,
          {77},
          TopicPartition{"orders", 3},
          Offset{10},
          Offset{20},
          "records were gone before they were read",
          "host:42"};
}

TEST(StateKey, HasTheDocumentedBytes) {
  const std::string id(reinterpret_cast<const char*>(some_id().data()), 16);
  const std::string partition = "\x00\x06orders"s + id + "\x00\x00\x00\x03"s;
  const std::tuple<const char*, StateKey, std::string> rows[] = {
      {"definition", DefinitionKey{}, "F"},
      {"position", PositionKey{{"orders", 3}, some_id(), 258},
       "P" + partition + "\x00\x00\x01\x02"s},
      {"map", MapKey{{"orders", 3}, some_id(), 1, 2, 3},
       "M" + partition + "\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03"s},
      {"event", EventKey{999}, "E\x00\x00\x03\xe7"s},
      {"command_for_the_flow", CommandKey{"", std::nullopt}, "C\x00\x00\x00"s},
      {"command_for_a_topic", CommandKey{"t", std::nullopt}, "C\x00\x01t\x00"s},
      {"command_for_a_partition", CommandKey{"t", 5}, "C\x00\x01t\x01\x00\x00\x00\x05"s},
      {"remedy", RemedyKey{{"t", 5}}, "R\x00\x01t\x00\x00\x00\x05"s},
      {"schemas", SchemasKey{}, "S"},
      {"owner", OwnerKey{}, "O"},
      {"unknown", UnknownKey{"Zanything"}, "Zanything"},
  };
  for (const auto& [name, key, bytes] : rows) {
    EXPECT_EQ(encode_key(key), bytes) << name;
    const auto decoded = decode_key(bytes);
    ASSERT_TRUE(decoded) << name << ": " << decoded.error().text();
    EXPECT_EQ(*decoded, key) << name;
  }
}

TEST(StateKey, RefusesDamage) {
  const std::pair<const char*, std::string> rows[] = {
      {"empty", ""},
      {"definition_with_more", "Fx"},
      {"position_cut", encode_key(PositionKey{{"t", 0}, {}, 1}).substr(0, 20)},
      {"position_with_more", encode_key(PositionKey{{"t", 0}, {}, 1}) + "x"},
      {"negative_string", "C\xff\xff"s},
      {"negative_partition", "C\x00\x01t\x01\xff\xff\xff\xff"s},
      {"partition_without_topic", "C\x00\x00\x01\x00\x00\x00\x05"s},
      {"presence_is_neither_0_nor_1", "C\x00\x01t\x02"s},
      {"event_out_of_range", "E\x00\x00\x2a\xf8"s},
  };
  for (const auto& [name, bytes] : rows) {
    const auto decoded = decode_key(bytes);
    ASSERT_FALSE(decoded) << name;
    EXPECT_EQ(decoded.error().next, Next::park_partition) << name;
  }
  EXPECT_EQ(decode_key("Fx").error().text(), "key of a state record is damaged (key=0x4678)");
}

TEST(StateKey, ReadsAsText) {
  EXPECT_EQ(text(PositionKey{{"orders", 3}, {}, 7}), "position topic=orders partition=3 epoch=7");
  EXPECT_EQ(text(MapKey{{"orders", 3}, {}, 1, 2, 3}),
            "map topic=orders partition=3 block=1 part=2 epoch=3");
  EXPECT_EQ(text(CommandKey{"orders", 3}), "command topic=orders partition=3");
}

TEST(StateValue, PositionSurvives) {
  const Position in = full_position();
  const auto out = decode_position(encode(in));
  ASSERT_TRUE(out) << out.error().text();
  EXPECT_EQ(out->target_topic, in.target_topic);
  EXPECT_EQ(out->next_source, in.next_source);
  EXPECT_EQ(out->next_target, in.next_target);
  EXPECT_EQ(out->open, in.open);
  EXPECT_EQ(out->blocks, in.blocks);
  EXPECT_EQ(out->parts, in.parts);
  EXPECT_EQ(out->state, in.state);
  EXPECT_EQ(out->reason, in.reason);
  EXPECT_EQ(out->written_at, in.written_at);
  EXPECT_EQ(out->last_timestamp, in.last_timestamp);
  EXPECT_EQ(out->records_per_1000_s, in.records_per_1000_s);
  EXPECT_EQ(out->fingerprint_offset, in.fingerprint_offset);
  EXPECT_EQ(out->fingerprint, in.fingerprint);
  EXPECT_EQ(out->stopped_by, in.stopped_by);
  EXPECT_EQ(out->remedied_at, in.remedied_at);
  EXPECT_EQ(out->again_from, in.again_from);
  EXPECT_EQ(out->late, in.late);
  EXPECT_EQ(out->leader_epoch, in.leader_epoch);
  EXPECT_EQ(out->trial, in.trial);
  EXPECT_EQ(out->moved_at, in.moved_at);
}

TEST(StateValue, WhatIsUnknownStaysAbsent) {
  const auto out = decode_position(encode(Position{}));
  ASSERT_TRUE(out);
  EXPECT_EQ(out->open, Segment{});
  EXPECT_FALSE(out->last_timestamp);
  EXPECT_FALSE(out->records_per_1000_s);
  EXPECT_FALSE(out->fingerprint_offset);
}

TEST(StateValue, DefinitionSurvives) {
  Definition in;
  in.created_at = {99};
  in.keys = {{"topics", std::string(100'000, 'x')}, {"source.cluster.id", "abc"}, {"", ""}};
  in.initial_partitions = {{"orders", 6}, {"customers", 1}};
  const auto out = decode_definition(encode(in));
  ASSERT_TRUE(out) << out.error().text();
  EXPECT_EQ(out->created_at, in.created_at);
  EXPECT_EQ(out->keys, in.keys);
  EXPECT_EQ(out->initial_partitions, in.initial_partitions);
}

TEST(StateValue, EventSurvives) {
  const Event in = full_event();
  const auto out = decode_event(encode(in));
  ASSERT_TRUE(out) << out.error().text();
  EXPECT_EQ(out->number, in.number);
  EXPECT_EQ(out->kind, in.kind);
  EXPECT_EQ(out->at, in.at);
  EXPECT_EQ(out->partition, in.partition);
  EXPECT_EQ(out->from, in.from);
  EXPECT_EQ(out->to, in.to);
  EXPECT_EQ(out->text, in.text);
  EXPECT_EQ(out->who, in.who);
  EXPECT_FALSE(out->source_from || out->source_to || out->offsets || out->accepts);
}

// Only where an event has them, for a program that does not know them leaves it out.
TEST(StateValue, AnEventKeepsWhatOnlySomeHave) {
  Event in = full_event();
  EXPECT_EQ(encode(in)[1], 1);
  in.source_to = Offset{25};
  in.offsets = 7;
  in.accepts = EventReference{3, EventKind::target_truncated};
  const auto out = decode_event(encode(in));
  ASSERT_TRUE(out) << out.error().text();
  EXPECT_EQ(out->source_from, in.source_from);
  EXPECT_EQ(out->source_to, in.source_to);
  EXPECT_EQ(out->offsets, in.offsets);
  EXPECT_EQ(out->accepts, in.accepts);
  EXPECT_FALSE(decode_event(encode(in).substr(0, encode(in).size() - 1)));
  std::string newer = encode(in);
  newer[1] = 3;
  EXPECT_FALSE(decode_event(newer));
}

TEST(StateValue, AnEventOfANewerKindIsKept) {
  Event in = full_event();
  in.kind = static_cast<EventKind>(200);
  const auto out = decode_event(encode(in));
  ASSERT_TRUE(out);
  EXPECT_EQ(out->kind, in.kind);
  EXPECT_EQ(name(out->kind), "unknown");
}

TEST(StateValue, EveryEventKindHasItsOwnName) {
  std::set<std::string_view> names;
  for (int kind = 1; kind <= static_cast<int>(kEventTable.size()); ++kind) {
    EXPECT_TRUE(names.insert(name(static_cast<EventKind>(kind))).second) << kind;
  }
  EXPECT_EQ(names.count("unknown"), 0u);
}

TEST(StateValue, CommandAndOwnerSurvive) {
  const auto command = decode_command(encode(Command{CommandKind::resume, {5}, "me@host", "done"}));
  ASSERT_TRUE(command);
  EXPECT_EQ(command->kind, CommandKind::resume);
  EXPECT_EQ(command->at, TimestampMs{5});
  EXPECT_EQ(command->who, "me@host");
  EXPECT_EQ(command->text, "done");
  const auto owner = decode_owner(encode(Owner{"host:1", {2}, {3}, TimestampMs{4}, true}));
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->process, "host:1");
  EXPECT_EQ(owner->taken_at, TimestampMs{2});
  EXPECT_EQ(owner->alive_at, TimestampMs{3});
  EXPECT_EQ(owner->released_at, TimestampMs{4});
  EXPECT_TRUE(owner->follows_death);
}

TEST(StateValue, RemedySurvives) {
  const Remedy in{RemedyKind::set_position, 17, {42}, {5}, "me@host", "why"};
  const auto out = decode_remedy(encode(in));
  ASSERT_TRUE(out);
  EXPECT_EQ(out->kind, in.kind);
  EXPECT_EQ(out->event, in.event);
  EXPECT_EQ(out->next_source, in.next_source);
  EXPECT_EQ(out->at, in.at);
  EXPECT_EQ(out->who, in.who);
  EXPECT_EQ(out->text, in.text);
}

TEST(StateValue, SentencesAreCutBetweenCharacters) {
  std::string sentence(kTextMax - 1, 'a');
  sentence += "\u00e9\u00e9";  // two bytes each: the first would straddle the limit
  const auto out = decode_command(encode(Command{CommandKind::pause, {}, "me", sentence}));
  ASSERT_TRUE(out);
  EXPECT_EQ(out->text, std::string(kTextMax - 1, 'a'));
  const auto exact =
      decode_command(encode(Command{CommandKind::pause, {}, "me", std::string(kTextMax, 'b')}));
  EXPECT_EQ(exact->text.size(), kTextMax);
}

// Every kind of value, as bytes, with whether they decode.
struct Kind {
  const char* name;
  std::string bytes;
  std::function<std::optional<Error>(std::string_view)> decode;
};

template <class T>
auto decoder(Result<T> (*decode)(std::string_view)) {
  return [decode](std::string_view bytes) {
    auto out = decode(bytes);
    return out ? std::nullopt : std::optional(out.error());
  };
}

std::vector<Kind> kinds() {
  Definition definition;
  definition.keys = {{"a", "b"}, {"c", "d"}};
  definition.initial_partitions = {{"orders", 3}};
  return {
      {"definition", encode(definition), decoder(decode_definition)},
      {"position", encode(full_position()), decoder(decode_position)},
      {"map", encode(MapPiece{{{{0}, {0}, 5}, {{6}, {5}, 3}}}), decoder(decode_map_piece)},
      {"map", encode(MapPiece{{{{0}, {0}, 5}}, MapCut{{5}, {5}}}), decoder(decode_map_piece)},
      {"event", encode(full_event()), decoder(decode_event)},
      {"command", encode(Command{CommandKind::pause, {1}, "w", "t"}), decoder(decode_command)},
      {"remedy", encode(Remedy{RemedyKind::accept_loss, 1, {2}, {3}, "w", "t"}),
       decoder(decode_remedy)},
      {"owner", encode(Owner{"host:1", {2}, {3}, TimestampMs{4}, false}), decoder(decode_owner)},
  };
}

TEST(StateValue, RefusesANewerFormatByName) {
  for (const Kind& kind : kinds()) {
    std::string newer = kind.bytes;
    newer[1] = 3;
    const auto error = kind.decode(newer);
    ASSERT_TRUE(error) << kind.name;
    EXPECT_EQ(error->next, Next::park_partition);
    EXPECT_TRUE(error->what.starts_with(std::string("state record of kind ") + kind.name +
                                        " has format version 3, this program knows "));
  }
}

TEST(StateValue, RefusesEveryCutAndEveryExtraByte) {
  for (const Kind& kind : kinds()) {
    EXPECT_FALSE(kind.decode(kind.bytes)) << kind.name;
    for (std::size_t size = 0; size < kind.bytes.size(); ++size) {
      EXPECT_TRUE(kind.decode(std::string_view(kind.bytes).substr(0, size)))
          << kind.name << " cut to " << size;
    }
    EXPECT_TRUE(kind.decode(kind.bytes + '\0')) << kind.name;
  }
}

TEST(StateValue, RefusesImpossiblePositions) {
  const std::pair<const char*, std::function<void(Position&)>> rows[] = {
      {"negative_offset", [](Position& p) { p.next_source = {-1}; }},
      {"negative_block", [](Position& p) { p.blocks = -1; }},
      {"too_many_parts", [](Position& p) { p.parts = kSegmentsPerBlock + 1; }},
      {"segment_before_the_log", [](Position& p) { p.open.source_start = {-5}; }},
      {"segment_beyond_all_offsets", [](Position& p) { p.open.length = INT64_MAX; }},
      {"unknown_state", [](Position& p) { p.state = static_cast<PartitionState>(3); }},
  };
  for (const auto& [name, damage] : rows) {
    Position position = full_position();
    damage(position);
    EXPECT_FALSE(decode_position(encode(position))) << name;
  }
}

}  // namespace
}  // namespace longspan
