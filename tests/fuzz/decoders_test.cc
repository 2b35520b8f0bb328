// The fuzzers' properties over seeded inputs: mutations of what our own encoders write, and
// rubbish. Runs with any compiler; LONGSPAN_SEED repeats one seed.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "lagcalc/histogram_block.h"
#include "lagcalc/map_block.h"
#include "lagcalc/why/cause_table.h"
#include "mirror/marks/marks_records.h"
#include "mirror/state/records.h"
#include "tests/fuzz/decoders.h"
#include "tests/unit/lagcalc/seeds.h"
#include "tests/unit/mirror/groups/offsets_topic_vectors.h"

namespace longspan::fuzz {
namespace {

using Random = std::mt19937_64;
constexpr int kInputsPerSeed = 1000;

std::string random_bytes(Random& random, std::size_t size_max) {
  std::string out(random() % (size_max + 1), '\0');
  for (char& byte : out) byte = static_cast<char>(random());
  return out;
}

// A few edits: flip, set to a telling value, insert, remove, repeat, cut.
std::string mutated(Random& random, std::string bytes) {
  constexpr char kTelling[] = {0, 1, 2, 127, static_cast<char>(128), static_cast<char>(255)};
  for (auto edits = random() % 4; edits > 0 && !bytes.empty(); --edits) {
    const auto at = static_cast<std::size_t>(random() % bytes.size());
    switch (random() % 6) {
      case 0:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
        break;
      case 1:
        bytes[at] = kTelling[random() % sizeof kTelling];
        break;
      case 2:
        bytes.insert(at, 1, static_cast<char>(random()));
        break;
      case 3:
        bytes.erase(at, 1 + random() % 4);
        break;
      case 4:
        bytes.insert(at, bytes.substr(at, random() % 16));
        break;
      default:
        bytes.resize(at);
        break;
    }
  }
  return bytes;
}

std::vector<Segment> some_segments(Random& random) {
  std::vector<Segment> out;
  Offset source{static_cast<std::int64_t>(random() % 50)};
  Offset target{static_cast<std::int64_t>(random() % 50)};
  for (auto count = random() % 6; count > 0; --count) {
    out.push_back({source, target, static_cast<std::int64_t>(random() % 9) + 1});
    source = out.back().source_end() + Records{static_cast<std::int64_t>(random() % 3)};
    target = out.back().target_end() + Records{static_cast<std::int64_t>(random() % 2)};
  }
  return out;
}

std::optional<MapCut> some_cut(Random& random) {
  if (random() % 4 != 0) return std::nullopt;
  return MapCut{{static_cast<std::int64_t>(random() % 60)},
                {static_cast<std::int64_t>(random() % 60)}};
}

Position some_position(Random& random) {
  Position p;
  p.target_topic = "east.orders";
  p.next_source = {static_cast<std::int64_t>(random() % 150)};
  p.next_target = {static_cast<std::int64_t>(random() % 150)};
  const auto segments = some_segments(random);
  if (!segments.empty()) p.open = segments.back();
  p.blocks = static_cast<std::int32_t>(random() % 3);
  p.parts = static_cast<std::int32_t>(random() % 3);
  if (random() % 2 == 0) p.fingerprint_offset = Offset{7};
  return p;
}

// A value with the byte before it that chooses its decoder.
std::string some_value(Random& random) {
  Definition definition;
  definition.keys = {{"topics", "orders"}, {"tasks.max", "4"}};
  definition.initial_partitions = {{"orders", 3}};
  switch (random() % 6) {
    case 0:
      return '\0' + encode(definition);
    case 1:
      return '\1' + encode(some_position(random));
    case 2:
      return '\2' + encode(MapPiece{some_segments(random), some_cut(random)});
    case 3:
      return '\3' + encode(Event{static_cast<std::int64_t>(random() % 3),
                                 EventKind::paused,
                                 {},
                                 TopicPartition{"t", 1},
                                 Offset{1},
                                 Offset{2},
                                 "text",
                                 "who"});
    case 4:
      return '\4' + encode(Command{CommandKind::pause, {1}, "who", "text"});
    default:
      return '\5' + encode(Owner{"host:1", {1}, {2}, TimestampMs{3}});
  }
}

std::string some_key(Random& random) {
  const TopicPartition source{"orders", static_cast<std::int32_t>(random() % 2)};
  const auto small = [&] { return static_cast<std::int32_t>(random() % 3); };
  switch (random() % 7) {
    case 0:
      return encode_key(DefinitionKey{});
    case 1:
      return encode_key(EventKey{small()});
    case 2:
      return encode_key(CommandKey{"orders", small()});
    case 3:
      return encode_key(OwnerKey{});
    case 4:
      return encode_key(PositionKey{source, {}, small()});
    default:
      return encode_key(MapKey{source, {}, small(), small(), small()});
  }
}

// The value that belongs to the key, so that most of a log is accepted.
std::string fitting_value(Random& random, const std::string& key) {
  if (key[0] == 'P') return encode(some_position(random));
  if (key[0] == 'M') return encode(MapPiece{some_segments(random), some_cut(random)});
  return some_value(random).substr(1);
}

std::string some_log(Random& random) {
  std::string out;
  for (auto count = random() % 30; count > 0; --count) {
    const std::string key = some_key(random);
    const bool tombstone = random() % 6 == 0;
    const std::string value = tombstone ? "" : fitting_value(random, key).substr(0, 254);
    out += static_cast<char>(key.size());
    out += static_cast<char>(tombstone ? 255 : value.size());
    out += key + value;
  }
  return out;
}

Histogram some_histogram(Random& random) {
  Histogram out;
  for (auto count = random() % 20; count > 0; --count) {
    const double sign = random() % 4 == 0 ? -1 : 1;
    out.record(sign * static_cast<double>(random() % 5000) / 1000, 1 + random() % 300);
  }
  return out;
}

// A key, with its length before it, and a value.
std::string some_offsets_record(Random& random) {
  const bool is_group = random() % 2 == 0;
  const std::string key = unhex(is_group ? kGroupKey : kCommitKey);
  const auto version = random() % 5;
  return static_cast<char>(key.size()) + key +
         unhex(is_group ? kGroups[version] : kCommits[version]);
}

std::string some_mark(Random& random) {
  const MarkHead head{"host:1", {1'000}, {60'000}, 10'000, random() % 2 == 0};
  if (random() % 2 == 0) {
    PositionsMark mark{head, {}, {{"orders", 0, {}}}};
    if (random() % 2 == 0) mark.base = TimestampMs{30'000};
    for (std::int32_t p = 0; p < 5; ++p) {
      PartitionMark each{
          p, PartitionState::paused, {static_cast<std::int64_t>(random() % 900)}, {7}};
      if (random() % 2 == 0)
        each.latest = LatestTimes{TimestampMs{58'000}, {}, {}, {59'000}, {59'900}};
      mark.topics[0].partitions.push_back(each);
    }
    return encode(mark).front();
  }
  if (random() % 3 == 0) {
    const auto& row = kCauseTable[random() % kCauseTable.size()];
    const DiagnosisScope scope{ScopeKind::partition, "orders:3", "orders"};
    return encode(CausesMark{head,
                             random() % 2 == 0,
                             {{row.cause, row.severity, scope, {40'000}, {50'000}, "it waits"}}});
  }
  LatenciesMark mark{
      head, random() % 2 == 0, {{"orders", {50'000}, some_histogram(random), {}, {}}}};
  auto& hops = mark.topics[0].hops;
  hops.hops[random() % hops.hops.size()].point = some_histogram(random);
  hops.without_commit[random() % hops.without_commit.size()] = 3;
  return encode(mark).front();
}

class Decoders : public testing::TestWithParam<std::uint64_t> {
 protected:
  template <class Make>
  void run(void (*check)(std::string_view), Make make) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(GetParam()));
    RecordProperty("LONGSPAN_SEED", std::to_string(GetParam()));
    for (int i = 0; i < kInputsPerSeed; ++i) {
      check(mutated(random_, make(random_)));
      check(random_bytes(random_, 64));
    }
  }
  Random random_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Seeds, Decoders, testing::ValuesIn(seeds(10)));

TEST_P(Decoders, HistogramBlock) {
  run(check_histogram_block,
      [](Random& random) { return encode_histogram(some_histogram(random)); });
}
TEST_P(Decoders, OffsetsTopic) { run(check_offsets_topic, some_offsets_record); }
TEST_P(Decoders, MapBlock) {
  run(check_map_block, [](Random& random) { return encode_map_block(some_segments(random)); });
}
TEST_P(Decoders, Mark) { run(check_mark, some_mark); }
TEST_P(Decoders, StateValue) { run(check_state_value, some_value); }
TEST_P(Decoders, StateKey) { run(check_state_key, some_key); }
TEST_P(Decoders, SlotState) { run(check_slot_state, some_log); }

}  // namespace
}  // namespace longspan::fuzz
