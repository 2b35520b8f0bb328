#include "mirror/verify/verification.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "mirror/verify/copies.h"
#include "mirror/verify/pending_keys.h"
#include "tests/fakes/fake_admin.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_cluster.h"
#include "tests/fakes/fake_source.h"
#include "tests/fakes/seed.h"

namespace longspan {
namespace {

const TopicPartition kOrders{"orders", 0};
const TopicPartition kCopy{"east.orders", 0};

// Two clusters, and a mirror between them that can be told to misbehave.
class VerificationTest : public testing::TestWithParam<std::uint64_t> {
 protected:
  VerificationTest() {
    source.create_topic("orders", 1);
    target.create_topic("east.orders", 1);
  }

  OwnedRecord record(const std::string& key) {
    ++made;
    return {key,
            "value " + std::to_string(made),
            TimestampMs{kFakeStart.value + made},
            {{"n", std::to_string(made)}}};
  }
  void fill(int count, int keys = 1000) {
    for (int i = 0; i < count; ++i) {
      source.append(kOrders, record("key " + std::to_string(made % keys)));
    }
  }
  // Copies what is new, as an exact mirror does.
  void mirror(std::int64_t at_most = 1'000'000) {
    const auto& log = source.at(kOrders);
    for (auto i = log.index_of(map.next_source()); i < log.records.size() && at_most > 0; ++i) {
      const auto& each = log.records[i];
      if (each.aborted) continue;
      map.append(each.offset, target.append(kCopy, each.data), 1);
      --at_most;
    }
    if (at_most > 0) map.set_next_source(log.end);
    map.set_next_target(target.at(kCopy).end);
  }
  // Second copies of the source records [from, to): before the map hears of the first ones, as
  // after a crash, or behind them.
  void write_twice(std::int64_t from, std::int64_t to) {
    for (auto offset = from; offset < to; ++offset) {
      const auto& log = source.at(kOrders);
      const auto i = log.index_of(Offset{offset});
      if (i == log.records.size() || log.records[i].offset != Offset{offset}) continue;
      if (!log.records[i].aborted) target.append(kCopy, log.records[i].data);
    }
    map.set_next_target(target.at(kCopy).end);
  }
  FakeRecord& copy_at(std::size_t index) { return target.at(kCopy).records.at(index); }

  PartitionVerdict verify(const AskedRange& asked = {}) {
    FakeSource source_reader(source, GetParam());
    FakeSource target_reader(target, GetParam() + 1);
    FakeAdmin source_admin(source);
    FakeAdmin target_admin(target);
    FakeWakeup wakeup(clock);
    Verification verification(
        {source_reader, source_admin, target_reader, target_admin, wakeup, clock});
    EXPECT_TRUE(verification.plan({{kOrders, kCopy, map, {}, told}}, asked));
    Records last;
    auto verdict = verification.run([&](const VerifyProgress& progress) {
      EXPECT_GE(progress.done, last);
      EXPECT_LE(progress.done, progress.total);
      last = progress.done;
      if (while_running) while_running();
    });
    EXPECT_EQ(source_reader.started() + target_reader.started(), 0u);
    return verdict.partitions.at(0);
  }

  FakeClock clock;
  FakeCluster source{"source", &clock};
  FakeCluster target{"target", &clock};
  OffsetMap map;
  std::vector<ToldRange> told;
  std::int64_t made = 0;
  std::function<void()> while_running;
};

TEST_P(VerificationTest, EqualOverGapsAbortsAndMarkersOnBothSides) {
  fill(300);
  source.append_aborted(kOrders, record("no"));
  source.append_gap(kOrders, 2);
  mirror();
  target.append_gap(kCopy, 3);
  fill(5000);
  source.append_gap(kOrders);
  mirror();
  const auto verdict = verify();
  EXPECT_EQ(verdict.tally, (Tally{.equal = 5300}));
  EXPECT_FALSE(verdict.first_difference);
  EXPECT_FALSE(verdict.trouble);
}

// It was stepped over, so nothing is missing that could be there.
TEST_P(VerificationTest, ABatchThatCannotBeReadIsNamedAndTheRestIsCompared) {
  fill(500);
  auto& log = source.at(kOrders);
  const auto records = log.records;
  log.records.erase(log.records.begin() + 100, log.records.begin() + 140);
  mirror();
  log.records = records;
  log.bad_batches = {{Offset{100}, Offset{120}}, {Offset{120}, Offset{140}}};
  const auto verdict = verify();
  EXPECT_EQ(verdict.tally, (Tally{.equal = 460}));
  EXPECT_FALSE(verdict.trouble);
  ASSERT_EQ(verdict.unreadable.size(), 1u);
  EXPECT_EQ(verdict.unreadable[0].from, Offset{100});
  EXPECT_EQ(verdict.unreadable[0].to, Offset{140});
}

TEST_P(VerificationTest, WhatAnOperatorLeftOutIsNotMissing) {
  fill(100);
  mirror();
  fill(50);
  map.set_next_source(Offset{140});  // 40 are left out, and 10 are not
  mirror();
  EXPECT_EQ(verify().tally, (Tally{.equal = 110, .missing = 40}));
  told = {{"3/7", EventKind::records_left_out, "by alice", Offset{100}, Offset{140}},
          {"3/9", EventKind::records_left_out, "elsewhere", Offset{120}, Offset{120}}};
  const auto verdict = verify();
  EXPECT_EQ(verdict.tally, (Tally{.equal = 110, .left_out = 40}));
  EXPECT_FALSE(verdict.first_difference);
  ASSERT_EQ(verdict.told.size(), 1u);
  EXPECT_EQ(verdict.told[0].event, "3/7");
  EXPECT_EQ(verdict.told[0].records, 40);
}

// An event that stands for several ranges names what lies between them, too: it accounts for as
// many records as it says, and the others are missing.
TEST_P(VerificationTest, AnEventAccountsForNoMoreThanItSays) {
  fill(100);
  mirror();
  fill(50);
  map.set_next_source(Offset{140});
  mirror();
  told = {{"3/7", EventKind::record_skipped, "refused", Offset{100}, Offset{140}, 0, 39}};
  const auto verdict = verify();
  EXPECT_EQ(verdict.tally, (Tally{.equal = 110, .missing = 1, .left_out = 39}));
  ASSERT_TRUE(verdict.first_difference);
  EXPECT_EQ(verdict.first_difference->source, Offset{139});
  told[0].at_most = 40;
  EXPECT_EQ(verify().tally, (Tally{.equal = 110, .left_out = 40}));
}

// The target topic was created again and the loss accepted: the map begins behind it.
TEST_P(VerificationTest, CopiesThatTheTargetLostAreCountedInFrontOfTheMap) {
  fill(300);
  map.set_next_source(Offset{100});
  mirror();
  EXPECT_EQ(verify().tally, (Tally{.equal = 200}));
  told = {{"3/7", EventKind::target_truncated, "accepted", Offset{20}, Offset{100}}};
  const auto verdict = verify();
  EXPECT_EQ(verdict.tally, (Tally{.equal = 200, .lost_on_target = 80}));
  EXPECT_EQ(verdict.from, Offset{20});
  ASSERT_EQ(verdict.told.size(), 1u);
  EXPECT_EQ(verdict.told[0].records, 80);
  told[0].from.reset();
  ASSERT_EQ(verify().told.size(), 1u);  // of unknown range: said, not counted
  // Nothing was mirrored since.
  told[0].from = Offset{20};
  map = OffsetMap({}, Offset{100}, Offset{});
  EXPECT_EQ(verify().tally, (Tally{.lost_on_target = 80}));
}

TEST_P(VerificationTest, SaysWhyLessWasComparedThanAskedFor) {
  fill(300);
  map.set_next_source(Offset{100});
  mirror(150);
  const auto verdict = verify({Offset{0}, Offset{280}, {}});
  EXPECT_EQ(verdict.tally, (Tally{.equal = 150}));
  EXPECT_NE(verdict.narrowed.find("before 100 was not mirrored"), std::string::npos);
  EXPECT_NE(verdict.narrowed.find("yet from 250 on"), std::string::npos);
  source.set_log_start(kOrders, Offset{120});
  EXPECT_NE(verify({Offset{110}, {}, {}}).narrowed.find("before 120 is no longer at the source"),
            std::string::npos);
  target.set_log_start(kCopy, Offset{40});
  EXPECT_NE(verify({Offset{110}, {}, {}}).narrowed.find("before 140 is no longer on the target"),
            std::string::npos);
  EXPECT_EQ(verify().narrowed, "");
}

// Damaged after it was mirrored: the copies may be right, but nothing says so.
TEST_P(VerificationTest, CopiesOfWhatCannotBeReadAreUndecided) {
  fill(500);
  mirror();
  source.at(kOrders).bad_batches = {{Offset{100}, Offset{140}}, {Offset{490}, Offset{500}}};
  const auto verdict = verify();
  EXPECT_EQ(verdict.tally, (Tally{.equal = 450, .undecided = 50}));
  ASSERT_TRUE(verdict.trouble);
  EXPECT_NE(verdict.trouble->what.find("[100, 140)"), std::string::npos);
  EXPECT_EQ(verdict.unreadable.size(), 2u);
}

TEST_P(VerificationTest, NamesTheFirstDifferentRecordWithBothOffsets) {
  fill(10);
  source.append_gap(kOrders);
  fill(90);
  mirror();
  copy_at(50).data.headers[0].value = "x";
  copy_at(70).data.value = "other";
  const auto verdict = verify();
  EXPECT_EQ(verdict.tally, (Tally{.equal = 98, .different = 2}));
  ASSERT_TRUE(verdict.first_difference);
  EXPECT_EQ(verdict.first_difference->source, Offset{51});
  EXPECT_EQ(verdict.first_difference->target, Offset{50});
  EXPECT_EQ(verdict.first_difference->what.substr(0, 12), "header 1 `n`");
}

TEST_P(VerificationTest, FindsARecordThatWasNeverMirrored) {
  fill(20);
  mirror(10);
  map.set_next_source(Offset{12});  // two are skipped
  mirror();
  const auto verdict = verify();
  EXPECT_EQ(verdict.tally, (Tally{.equal = 18, .missing = 2}));
  EXPECT_EQ(verdict.first_difference->source, Offset{10});
  EXPECT_FALSE(verdict.first_difference->target);
}

TEST_P(VerificationTest, FindsACopyThatIsGone) {
  fill(20);
  mirror();
  target.remove(kCopy, Offset{7});
  target.truncate(kCopy, Offset{18});
  const auto verdict = verify();
  EXPECT_EQ(verdict.tally, (Tally{.equal = 17, .missing = 3}));
  EXPECT_EQ(verdict.first_difference->source, Offset{7});
  EXPECT_EQ(verdict.first_difference->target, Offset{7});
}

TEST_P(VerificationTest, FindsAnOriginalThatIsGone) {
  fill(20);
  mirror();
  source.remove(kOrders, Offset{7});
  const auto verdict = verify();
  EXPECT_EQ(verdict.tally, (Tally{.equal = 19, .different = 1}));
  EXPECT_EQ(verdict.first_difference->what, "the source has no record there");
}

TEST_P(VerificationTest, TellsSecondCopiesFromForeignRecords) {
  fill(100);
  mirror(50);
  write_twice(50, 60);  // landed before the crash, never mapped
  mirror();
  write_twice(70, 90);  // behind the first copies
  target.append(kCopy, record("foreign"));
  map.set_next_target(target.at(kCopy).end);
  fill(10);
  mirror();
  const auto verdict = verify();
  EXPECT_EQ(verdict.tally, (Tally{.equal = 110, .twice = 30, .foreign = 1}));
  EXPECT_FALSE(verdict.first_difference->source);
  EXPECT_EQ(verdict.first_difference->target, Offset{130});
}

TEST_P(VerificationTest, SecondCopiesAtTheEndsOfARangeAreNotForeign) {
  fill(40);
  mirror(20);
  write_twice(10, 30);
  mirror();
  for (const auto& [from, to] : {std::pair{15, 20}, std::pair{20, 25}, std::pair{0, 20}}) {
    const auto verdict = verify({.from = Offset{from}, .to = Offset{to}, .last = {}});
    EXPECT_EQ(verdict.tally.equal, to - from);
    EXPECT_EQ(verdict.tally.foreign, 0);
  }
}

TEST_P(VerificationTest, WhatStoodThereBeforeTheMirrorIsNoDifference) {
  for (int i = 0; i < 5; ++i) target.append(kCopy, record("older"));
  fill(10);
  mirror();
  EXPECT_EQ(verify().tally, (Tally{.equal = 10, .before_start = 5}));
}

TEST_P(VerificationTest, RangesSelectSourceOffsets) {
  fill(100);
  mirror();
  EXPECT_EQ(verify({.from = Offset{10}, .to = Offset{20}, .last = {}}).tally.equal, 10);
  EXPECT_EQ(verify({.from = {}, .to = {}, .last = 7}).tally.equal, 7);
  EXPECT_EQ(verify({.from = Offset{95}, .to = Offset{500}, .last = 90}).tally.equal, 5);
  EXPECT_EQ(verify({.from = Offset{100}, .to = {}, .last = {}}).tally, Tally{});
}

TEST_P(VerificationTest, ExpiredRecordsAreLeftOutOnEitherSide) {
  fill(100);
  mirror();
  source.set_log_start(kOrders, Offset{10});
  target.set_log_start(kCopy, Offset{30});
  EXPECT_EQ(verify().tally, (Tally{.equal = 70, .expired = 30}));
}

TEST_P(VerificationTest, RetentionThatOvertakesTheReaderIsNoDifference) {
  fill(20'000);
  mirror();
  int turns = 0;
  while_running = [&] {
    if (++turns == 3) target.set_log_start(kCopy, Offset{19'000});
    if (turns == 5) source.set_log_start(kOrders, Offset{19'500});
  };
  const auto verdict = verify();
  EXPECT_TRUE(verdict.tally.is_clean());
  EXPECT_GE(verdict.tally.equal, 500);
  EXPECT_GT(verdict.tally.expired, 0);
  EXPECT_FALSE(verdict.trouble);
}

TEST_P(VerificationTest, UnreachableClusterIsTroubleAfterABoundedTime) {
  fill(5000);
  mirror();
  while_running = [&] { target.set_reachable(false); };
  const auto verdict = verify();
  ASSERT_TRUE(verdict.trouble);
  EXPECT_EQ(verdict.trouble->next, Next::retry);
}

TEST_P(VerificationTest, CompactionOnEitherSideIsEqualOnlyWithALaterRecordOfTheKey) {
  source.topic("orders").configs["cleanup.policy"] = "compact";
  target.topic("east.orders").configs["cleanup.policy"] = "compact,delete";
  fill(500, 50);
  mirror();
  target.compact(kCopy);
  EXPECT_EQ(verify().tally, (Tally{.equal = 50, .compacted = 450}));
  source.compact(kOrders);
  EXPECT_EQ(verify().tally, (Tally{.equal = 50}));
  fill(500, 50);
  mirror();
  target.remove(kCopy, Offset{999});  // the last of its key: nothing excuses it
  const auto verdict = verify();
  EXPECT_EQ(verdict.tally.missing, 1);
  EXPECT_EQ(verdict.first_difference->source, Offset{999});
}

TEST_P(VerificationTest, CompactedSourceBehindTheMirrorIsEqual) {
  source.topic("orders").configs["cleanup.policy"] = "compact";
  target.topic("east.orders").configs["cleanup.policy"] = "compact";
  fill(300, 20);
  mirror();
  source.compact(kOrders);
  EXPECT_EQ(verify().tally, (Tally{.equal = 20, .compacted = 280}));
}

TEST_P(VerificationTest, WhatALaterRecordOfItsKeyTookThePlaceOfIsEqualOnACompactedTarget) {
  source.topic("orders").configs["cleanup.policy"] = "compact";
  target.topic("east.orders").configs["cleanup.policy"] = "compact";
  source.append(kOrders, record("a"));
  source.append(kOrders, record("b"));
  mirror();
  // Late copies of records that the source has compacted away since.
  target.append(kCopy, {"a", "old", kFakeStart, {}});
  target.append(kCopy, {"b", "old", kFakeStart, {}});
  map.set_next_target(target.at(kCopy).end);
  EXPECT_EQ(verify().tally, (Tally{.equal = 2, .foreign = 2}));
  write_twice(0, 1);  // "a" once more, behind them
  EXPECT_EQ(verify().tally, (Tally{.equal = 2, .compacted = 1, .twice = 1, .foreign = 1}));
}

TEST_P(VerificationTest, TheLaterRecordMayStandBehindTheRange) {
  source.topic("orders").configs["cleanup.policy"] = "compact";
  target.topic("east.orders").configs["cleanup.policy"] = "compact";
  fill(10, 10);
  fill(10, 10);
  mirror();
  for (std::int64_t i = 0; i < 10; ++i) target.remove(kCopy, Offset{i});
  const AskedRange first_ten{.from = Offset{0}, .to = Offset{10}, .last = {}};
  EXPECT_EQ(verify(first_ten).tally, (Tally{.compacted = 10}));
}

TEST_P(VerificationTest, ACleanedTombstoneLeavesItsKeyUndecided) {
  source.topic("orders").configs["cleanup.policy"] = "compact";
  target.topic("east.orders").configs["cleanup.policy"] = "compact";
  source.append(kOrders, record("gone"));
  source.append(kOrders, {"gone", std::nullopt, kFakeStart, {}});
  fill(10);
  mirror();
  target.remove(kCopy, Offset{0});
  target.remove(kCopy, Offset{1});
  EXPECT_EQ(verify().tally, (Tally{.equal = 10, .undecided = 2}));
}

TEST_P(VerificationTest, RandomFaultsAreCountedExactly) {
  SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(GetParam()));
  std::mt19937_64 random(GetParam());
  const auto pick = [&](std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(0, most)(random);
  };
  Tally expected;
  for (int round = 0; round < 30; ++round) {
    fill(static_cast<int>(pick(100)));
    if (pick(2) == 0) source.append_gap(kOrders, 1 + pick(3));
    if (pick(3) == 0) source.append_aborted(kOrders, record("no"));
    const auto from = map.next_source().value;
    if (pick(4) == 0 && from > 0) {
      const auto before = target.at(kCopy).end;
      write_twice(std::max<std::int64_t>(0, from - pick(20)), from + pick(20));
      expected.twice += (target.at(kCopy).end - before).count;
    }
    if (pick(8) == 0 && from > 0) {
      target.append(kCopy, record("foreign"));
      ++expected.foreign;
    }
    mirror(pick(120));
  }
  mirror();
  for (const auto& segment : map.segments()) expected.equal += segment.length;
  for (int i = 0; i < 5; ++i) {
    const auto& segments = map.segments();
    const auto& segment = segments[static_cast<std::size_t>(pick(std::ssize(segments) - 1))];
    const auto offset = segment.target_start + Records{pick(segment.length - 1)};
    auto& log = target.at(kCopy);
    auto& copy = log.records[log.index_of(offset)];
    if (copy.data.value == "changed") continue;
    copy.data.value = "changed";
    --expected.equal;
    ++expected.different;
  }
  EXPECT_EQ(verify().tally, expected);
}

INSTANTIATE_TEST_SUITE_P(Seeds, VerificationTest, testing::ValuesIn(test_seeds(10)));

TEST(PendingKeys, SaysUndecidedAboveItsBound) {
  PendingKeys keys(300);
  for (int i = 0; i < 5; ++i) keys.wait_for(make_record({std::to_string(i), "v", kFakeStart, {}}));
  keys.found("0");
  const auto rest = keys.rest();
  EXPECT_EQ(keys.justified(), 1);
  EXPECT_GT(rest.undecided_full, 0);
  EXPECT_EQ(keys.justified() + rest.missing + rest.undecided_full, 5);
}

TEST(PendingKeys, ARecordWithoutKeyIsNeverExcused) {
  PendingKeys keys(1000);
  keys.wait_for(make_record({std::nullopt, "v", kFakeStart, {}}));
  keys.found(std::nullopt);
  EXPECT_EQ(keys.rest().missing, 1);
}

TEST(Copies, GivesTheOldestWaitingUpAboveItsWindow) {
  Copies copies;
  for (std::uint64_t i = 0; i <= Copies::kWindow; ++i) {
    copies.saw_extra(i, Offset{static_cast<std::int64_t>(i)});
  }
  EXPECT_EQ(copies.undecided(), 1);
  copies.saw_source(0);  // too late for it
  EXPECT_EQ(copies.twice(), 0);
  copies.saw_source(1);
  EXPECT_EQ(copies.twice(), 1);
}

// A tail that was written anew because the source had been compacted in between: the old copies of
// what is gone are neither second copies nor foreign.
TEST(Copies, ALaterRecordOfItsKeyExcusesACopyWhoseOriginalIsGone) {
  Copies copies;
  copies.saw_extra(1, Offset{10}, 100);  // its original was compacted away
  copies.saw_extra(2, Offset{11}, 200);  // a second copy
  copies.saw_extra(3, Offset{12}, 300);  // nobody's
  copies.saw_extra(4, Offset{13});       // without a key nothing excuses it
  copies.saw_source(9, 100);
  copies.saw_source(2, 200);
  EXPECT_EQ(copies.compacted(), 1);
  EXPECT_EQ(copies.twice(), 1);
  EXPECT_EQ(copies.foreign(), 2);
  EXPECT_EQ(copies.first_foreign(Offset{0}), Offset{12});
  EXPECT_EQ(copies.foreign_below(Offset{13}), 1);
}

}  // namespace
}  // namespace longspan
