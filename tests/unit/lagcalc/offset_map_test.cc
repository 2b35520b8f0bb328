#include "lagcalc/offset_map.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/unit/lagcalc/seeds.h"

namespace longspan {
namespace {

// Sources 10..14 at 100, a marker at 15, 16..19 at 105, own marker at target 109, 20..21 at 110,
// and markers up to 24.
OffsetMap example() {
  OffsetMap map;
  map.append({10}, {100}, 5);
  map.append({16}, {105}, 4);
  map.append({20}, {110}, 2);
  map.set_next_source({24});
  return map;
}

struct Row {
  const char* name;
  std::int64_t position;
  std::int64_t answer;
  Exactness exactness;
};

TEST(OffsetMap, TranslatesToTheTarget) {
  const Row rows[] = {
      {"long_before_the_first", 0, 100, Exactness::before_start},
      {"just_before_the_first", 9, 100, Exactness::before_start},
      {"the_first", 10, 100, Exactness::exact},
      {"inside_a_segment", 13, 103, Exactness::exact},
      {"the_marker_between_two_segments", 15, 105, Exactness::exact},
      {"after_the_marker", 16, 105, Exactness::exact},
      {"before_the_target_gap", 19, 108, Exactness::exact},
      {"after_the_target_gap", 20, 110, Exactness::exact},
      {"the_last", 21, 111, Exactness::exact},
      {"in_the_trailing_gap", 22, 112, Exactness::ahead},
      {"at_the_position", 24, 112, Exactness::ahead},
      {"beyond_the_position", 1000, 112, Exactness::ahead},
  };
  const OffsetMap map = example();
  for (const Row& row : rows) {
    EXPECT_EQ(map.to_target({row.position}), (Translation{{row.answer}, row.exactness}))
        << row.name;
  }
}

TEST(OffsetMap, TranslatesToTheSource) {
  const Row rows[] = {
      {"before_the_first", 7, 10, Exactness::before_start},
      {"the_first", 100, 10, Exactness::exact},
      {"the_end_of_a_segment", 104, 14, Exactness::exact},
      {"over_the_source_gap", 105, 16, Exactness::exact},
      {"in_the_target_gap", 109, 20, Exactness::exact},
      {"the_last", 111, 21, Exactness::exact},
      {"the_next", 112, 24, Exactness::ahead},
      {"beyond", 500, 24, Exactness::ahead},
  };
  const OffsetMap map = example();
  for (const Row& row : rows) {
    EXPECT_EQ(map.to_source({row.position}), (Translation{{row.answer}, row.exactness}))
        << row.name;
  }
}

TEST(OffsetMap, AnswersAheadWhenNothingIsMapped) {
  OffsetMap map;
  map.set_next_source({50});
  map.set_next_target({7});
  EXPECT_EQ(map.to_target({3}), (Translation{{7}, Exactness::ahead}));
  EXPECT_EQ(map.to_source({3}), (Translation{{50}, Exactness::ahead}));
}

TEST(OffsetMap, MergesOnlyWhatIsContiguousOnBothSides) {
  OffsetMap map;
  map.append({0}, {0}, 3);
  map.append({3}, {3}, 4);
  ASSERT_EQ(map.segments().size(), 1u);
  EXPECT_EQ(map.segments()[0].length, 7);
  map.append({7}, {8}, 1);  // target gap
  map.append({9}, {9}, 1);  // source gap
  EXPECT_EQ(map.segments().size(), 3u);
}

TEST(OffsetMap, CountsSecondCopiesAndKeepsTheFirst) {
  OffsetMap map;
  map.append({0}, {0}, 10);
  EXPECT_EQ(map.append({5}, {10}, 3), 3);
  EXPECT_EQ(map.to_target({5}).offset, Offset{5});
  EXPECT_EQ(map.next_target(), Offset{13}) << "the copies take room on the target";
  EXPECT_EQ(map.append({8}, {13}, 5), 2) << "the front of a batch";
  EXPECT_EQ(map.to_target({10}), (Translation{{15}, Exactness::exact}));
  EXPECT_EQ(map.next_source(), Offset{13});
}

TEST(OffsetMap, TruncatesToAnOlderPosition) {
  OffsetMap map = example();
  map.truncate_from({18});
  EXPECT_EQ(map.next_source(), Offset{18});
  EXPECT_EQ(map.to_target({18}), (Translation{{107}, Exactness::ahead}));
  EXPECT_EQ(map.to_target({17}), (Translation{{106}, Exactness::exact}));
  map.truncate_from({15});  // in a gap: nothing but whole segments goes
  EXPECT_EQ(map.segments().size(), 1u);
  EXPECT_EQ(map.to_target({15}), (Translation{{105}, Exactness::ahead}));
  map.truncate_from({0});
  EXPECT_TRUE(map.segments().empty());
}

TEST(OffsetMap, ForgetsCopiesThatTheTargetLost) {
  OffsetMap map = example();
  map.set_next_target({107});
  EXPECT_EQ(map.to_target({18}), (Translation{{107}, Exactness::ahead}));
  map.append({24}, {103}, 2);  // written below what is mapped: 103.. was lost too
  EXPECT_EQ(map.to_target({12}).offset, Offset{102});
  EXPECT_EQ(map.to_target({13}), (Translation{{103}, Exactness::exact}));
  EXPECT_EQ(map.to_source({103}), (Translation{{24}, Exactness::exact}));
}

TEST(OffsetMap, PruningIsRemembered) {
  OffsetMap map = example();
  map.prune_below({15});
  EXPECT_TRUE(map.was_pruned());
  EXPECT_EQ(map.to_target({3}), (Translation{{105}, Exactness::pruned}));
  EXPECT_EQ(map.to_source({3}), (Translation{{16}, Exactness::pruned}));
  map.prune_below({1000});
  ASSERT_EQ(map.segments().size(), 1u) << "the last one stays";
  EXPECT_EQ(map.to_target({21}).exactness, Exactness::exact);
}

TEST(OffsetMap, PruningNothingIsNotPruned) {
  OffsetMap map = example();
  map.prune_below({14});
  EXPECT_FALSE(map.was_pruned());
  EXPECT_EQ(map, example());
}

// The naive model: one entry per record.
struct Model {
  std::map<std::int64_t, std::int64_t> targets;  // source -> target of the first copy
  std::int64_t next_source = 0;
  std::int64_t next_target = 0;
  bool pruned = false;

  std::int64_t append(std::int64_t source, std::int64_t target, std::int64_t count) {
    std::int64_t second = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      if (source + i < next_source) {
        ++second;
      } else {
        targets[source + i] = target + i;
        next_source = source + i + 1;
      }
    }
    next_target = target + count;
    return second;
  }
  void truncate(std::int64_t source) {
    const auto from = targets.lower_bound(source);
    if (from != targets.end()) next_target = from->second;
    targets.erase(from, targets.end());
    next_source = std::min(next_source, source);
  }
  Translation to_target(std::int64_t source) const {
    const auto found = targets.lower_bound(source);
    if (found == targets.end()) return {{next_target}, Exactness::ahead};
    if (found != targets.begin() || found->first == source) {
      return {{found->second}, Exactness::exact};
    }
    return {{found->second}, pruned ? Exactness::pruned : Exactness::before_start};
  }
  Translation to_source(std::int64_t target) const {
    for (auto it = targets.begin(); it != targets.end(); ++it) {
      if (it->second < target) continue;
      if (it != targets.begin() || it->second == target) return {{it->first}, Exactness::exact};
      return {{it->first}, pruned ? Exactness::pruned : Exactness::before_start};
    }
    return {{next_source}, Exactness::ahead};
  }
};

class OffsetMapRandom : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, OffsetMapRandom, testing::ValuesIn(seeds(40)));

TEST_P(OffsetMapRandom, AgreesWithOneEntryPerRecord) {
  SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(GetParam()));
  std::mt19937_64 random(GetParam());
  const auto below = [&](std::int64_t n) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n));
  };
  OffsetMap map;
  Model model;
  const std::int64_t start = below(50);
  map.set_next_source({start});
  model.next_source = start;
  std::int64_t low = 0;  // below it the model may know what the map forgot
  for (int step = 0; step < 120; ++step) {
    switch (below(10)) {
      case 0: {  // trailing markers
        model.next_source += below(4);
        map.set_next_source({model.next_source});
        break;
      }
      case 1: {  // somebody else's records on the target
        model.next_target += below(3);
        map.set_next_target({model.next_target});
        break;
      }
      case 2: {  // second copies, perhaps with new records behind them
        const std::int64_t back = std::min<std::int64_t>(below(20), model.next_source - low);
        const std::int64_t source = model.next_source - back;
        const std::int64_t target = model.next_target;
        const std::int64_t count = below(25);
        EXPECT_EQ(map.append({source}, {target}, count), model.append(source, target, count));
        break;
      }
      case 3: {
        if (below(4) != 0) break;
        const std::int64_t cut = std::max(low, model.next_source - below(30));
        map.truncate_from({cut});
        model.truncate(cut);
        break;
      }
      case 4: {
        if (below(6) != 0) break;
        const std::int64_t at = model.next_source - below(60);
        map.prune_below({at});
        if (!map.was_pruned() || map.segments().empty()) break;
        model.pruned = true;
        low = map.segments().front().source_start.value;
        model.targets.erase(model.targets.begin(), model.targets.lower_bound(low));
        break;
      }
      default: {  // records, often after a marker
        const std::int64_t source = model.next_source + (below(2) == 0 ? 1 : 0);
        const std::int64_t target = model.next_target + (below(5) == 0 ? 1 : 0);
        const std::int64_t count = 1 + below(10);
        EXPECT_EQ(map.append({source}, {target}, count), model.append(source, target, count));
      }
    }
    ASSERT_EQ(map.next_source().value, model.next_source);
    ASSERT_EQ(map.next_target().value, model.next_target);
  }
  for (std::int64_t at = 0; at < std::max(model.next_source, model.next_target) + 3; ++at) {
    ASSERT_EQ(map.to_target({at}), model.to_target(at)) << "source " << at;
    ASSERT_EQ(map.to_source({at}), model.to_source(at)) << "target " << at;
  }
}

TEST(OffsetMapDeath, RefusesSegmentsThatOverlap) {
  const std::vector<Segment> overlapping{{{0}, {0}, 5}, {{4}, {5}, 2}};
  EXPECT_DEATH(OffsetMap(overlapping, {6}, {7}), "assertion failed");
}

}  // namespace
}  // namespace longspan
