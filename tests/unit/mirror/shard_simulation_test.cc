// Shards under faults, by seed: whatever happens, the target holds the source's readable records,
// each once or accounted for by an event with the exact range, and the persisted map is right.
//
// Replay one: LONGSPAN_SEED=17 mirror_shard_simulation_test. More: LONGSPAN_SEEDS=5000.
#include "tests/unit/mirror/shard_simulation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "mirror/verify/difference.h"
#include "tests/fakes/seed.h"

namespace longspan {
namespace {

struct Range {
  Offset from;
  Offset to;
  [[nodiscard]] bool holds(Offset o) const { return from <= o && o < to; }
};

bool any_holds(const std::vector<Range>& ranges, Offset offset) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [offset](const Range& r) { return r.holds(offset); });
}

}  // namespace

void Simulation::check() {
  for (std::int32_t p = 0; p < kPartitions; ++p) {
    SCOPED_TRACE("partition=" + std::to_string(p));
    check_partition(p);
    check_refused(p);
    check_traces(p);
    if (is_compacted_) check_newest(p);
  }
}

// Every copy, a second one too, has its record's bytes, or those with its hop in the trace headers.
void Simulation::check_traces(std::int32_t p) {
  const auto orders = WorldOnFakes::orders(p);
  const RewriteRule rule{HopIds(world_.flow.name(), orders), true, {TraceFormat::w3c}};
  std::map<std::string, const Made*> by_value;
  for (const Made& made : made_[p]) by_value[made.value] = &made;
  for (const auto& record : world_.target.at(WorldOnFakes::copies(p)).records) {
    const auto made = by_value.find(*record.data.value);
    if (made == by_value.end()) continue;
    Record source = make_record(made->second->data);
    source.offset = made->second->offset;
    const Record target = make_record(record.data);
    const auto differs =
        world_.spans == nullptr ? difference(source, target) : difference(source, target, rule);
    EXPECT_FALSE(differs) << *differs << " at source offset " << source.offset.value;
  }
}

// Of a compacted topic the last copy of a key is its value. Somebody who keeps writing is answered
// three times only; what went from the source before it could be copied again is not looked for.
void Simulation::check_newest(std::int32_t p) {
  std::map<std::string, const Made*> wanted;
  for (const Made& made : made_[p]) wanted[made.key] = &made;
  std::map<std::string, std::string> found;
  for (const auto& record : world_.target.at(WorldOnFakes::copies(p)).records) {
    found[*record.data.key] = *record.data.value;
  }
  int answered = 0;
  for (const auto& event : world_.events(slot_for(p), EventKind::copied_again)) {
    if (event.partition == WorldOnFakes::orders(p)) ++answered;
  }
  const auto& log = world_.source.at(WorldOnFakes::orders(p));
  for (const auto& [key, made] : wanted) {
    if (answered >= 3 || made->is_compacted || made->offset < log.start) continue;
    EXPECT_EQ(found[key], made->value) << "of key " << key;
  }
}

// Each is told, and a letter is written where that is the policy; unless it went from the source
// before anybody could read it.
void Simulation::check_refused(std::int32_t p) {
  std::vector<Range> told;
  const bool is_skip = world_.flow.on_refused == OnRefused::skip;
  const auto kind = is_skip ? EventKind::record_skipped : EventKind::record_dead_lettered;
  for (const auto& event : world_.events(slot_for(p), kind)) {
    if (event.partition == WorldOnFakes::orders(p)) told.push_back({*event.from, *event.to});
  }
  std::set<Offset> letters;
  for (const auto& letter : world_.letters()) {
    if (letter.source == WorldOnFakes::orders(p)) letters.insert(letter.offset);
  }
  const auto& log = world_.source.at(WorldOnFakes::orders(p));
  for (const Offset offset : refused_[p]) {
    const auto at = log.index_of(offset);
    if (at == log.records.size() || log.records[at].offset != offset) continue;
    EXPECT_TRUE(any_holds(told, offset)) << offset.value;
    EXPECT_EQ(letters.contains(offset), !is_skip) << offset.value;
  }
}

void Simulation::check_partition(std::int32_t p) {
  std::vector<Range> copies_accounted;
  std::vector<Range> exactly;  // what more events than are told one by one grew into is not
  std::vector<Range> expired;
  for (const auto& event : world_.events(slot_for(p))) {
    if (event.partition != WorldOnFakes::orders(p)) continue;
    ASSERT_NE(event.kind, EventKind::target_truncated) << event.text;
    ASSERT_NE(event.kind, EventKind::source_truncated) << event.text;
    if (event.kind == EventKind::source_expired) expired.push_back({*event.from, *event.to});
    if (event.kind == EventKind::written_twice || event.kind == EventKind::tail_mismatch ||
        event.kind == EventKind::unexpected_target_offset) {
      copies_accounted.push_back({*event.from, *event.to});
      if (event.text.find(" ranges, ") == std::string::npos)
        exactly.push_back(copies_accounted.back());
    }
  }
  const OffsetMap map = map_of(world_.entry(slot_for(p), p).value());
  const auto& log = world_.target.at(WorldOnFakes::copies(p));
  std::set<Offset> mapped;
  for (const Made& made : made_[p]) {
    const auto copy = map.to_target(made.offset);
    const auto at = log.index_of(copy.offset);
    const bool is_there = copy.exactness == Exactness::exact && at < log.records.size() &&
                          log.records[at].offset == copy.offset &&
                          log.records[at].data.value == made.value;
    if (!is_there) {
      EXPECT_TRUE(made.is_compacted || any_holds(expired, made.offset))
          << "source record " << made.offset.value << " is not where the map says ("
          << copy.offset.value << ")";
      continue;
    }
    mapped.insert(copy.offset);
    EXPECT_FALSE(any_holds(exactly, copy.offset))
        << "the only copy of " << made.offset.value << " is in the range of an event, at "
        << copy.offset.value;
    EXPECT_EQ(map.to_source(copy.offset), (Translation{made.offset, Exactness::exact}));
  }
  for (const auto& record : log.records) {
    EXPECT_NE(record.data.value, "aborted");
    EXPECT_TRUE(mapped.contains(record.offset) || any_holds(copies_accounted, record.offset))
        << "target record " << record.offset.value << " (" << *record.data.value << ") is nobody's";
  }
}

namespace {

class ShardUnderFaults : public testing::TestWithParam<std::uint64_t> {};

TEST_P(ShardUnderFaults, EveryRecordArrivesOnceOrIsAccountedFor) {
  SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(GetParam()));
  // Thousands of lines of trouble are what is asked for here.
  set_log_level(LogLevel::error);
  Simulation simulation(GetParam());
  simulation.run_with_faults();
  simulation.run_without();
  if (HasFatalFailure()) return;
  simulation.check();
}

INSTANTIATE_TEST_SUITE_P(Seeds, ShardUnderFaults, testing::ValuesIn(test_seeds(seed_count(60))));

}  // namespace
}  // namespace longspan
