#include "lagcalc/group_lag.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>

#include "lagcalc/offset_times.h"
#include "tests/unit/lagcalc/seeds.h"

namespace longspan {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr TimestampUs kNow{1'000'000 * kSecond};

StampRange ago(std::int64_t seconds, std::int64_t disorder_us = 0) {
  const std::int64_t at = kNow.value - seconds * kSecond;
  return {{at}, {at + 1000}, disorder_us};
}
TimestampMs ms_ago(std::int64_t seconds) { return {kNow.value / 1000 - seconds * 1000}; }
AgeRange age(std::int64_t seconds) { return {seconds * kSecond - 1000, seconds * kSecond}; }

// Committed 70 of 0 to 100, ten seconds after 50; the next record is 20 seconds old.
GroupPartition behind() {
  GroupPartition p;
  p.commit = GroupCommit{{70}, 3, ms_ago(5), TopicMatch::unknown};
  p.previous = GroupCommit{{50}, 3, ms_ago(15), TopicMatch::unknown};
  p.group = GroupState::stable;
  p.log_start = {0};
  p.last_stable = {100};
  p.high_watermark = {100};
  p.leader_epoch = 3;
  p.readable = Records{30};
  p.head = ago(20);
  p.last_read = ago(21);
  p.newest = TimestampUs{kNow.value - kSecond};
  p.produce_rate = 1;
  return p;
}

GroupLag lag_of_behind() {
  GroupLag lag;
  lag.state = LagState::known;
  lag.group = GroupState::stable;
  lag.step = CommitStep::forward;
  lag.offset_lag = Records{30};
  lag.high_watermark_lag = Records{30};
  lag.record_lag = Records{30};
  lag.expired = Records{0};
  lag.head_age = age(20);
  lag.newest_age_us = kSecond;
  lag.catch_up_ms = 30'000;  // gains one a second
  lag.residence = AgeRange{16 * kSecond - 1000, 16 * kSecond + 1000};
  return lag;
}

GroupLag caught_up() {
  GroupLag lag = lag_of_behind();
  lag.record_lag = Records{0};
  lag.is_caught_up = true;
  lag.head_age = AgeRange{0, 0};
  lag.catch_up_ms = 0;
  return lag;
}

// Nothing can be said of the partition.
GroupLag only(LagState state, CommitStep step) {
  GroupLag lag;
  lag.state = state;
  lag.group = GroupState::stable;
  lag.step = step;
  lag.newest_age_us = kSecond;
  return lag;
}

struct Row {
  const char* name;
  std::function<void(GroupPartition&)> change;  // of behind()
  GroupLag expected;
};

GroupLag with(GroupLag lag, const std::function<void(GroupLag&)>& change) {
  change(lag);
  return lag;
}

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    GroupPartition p = behind();
    row.change(p);
    const GroupLag lag = compute_group_lag(p, kNow);
    EXPECT_EQ(lag.state, row.expected.state);
    EXPECT_EQ(lag.step, row.expected.step);
    EXPECT_EQ(lag.offset_lag, row.expected.offset_lag);
    EXPECT_EQ(lag.high_watermark_lag, row.expected.high_watermark_lag);
    EXPECT_EQ(lag.record_lag, row.expected.record_lag);
    EXPECT_EQ(lag.expired, row.expected.expired);
    EXPECT_EQ(lag.head_age, row.expected.head_age);
    EXPECT_EQ(lag.doubt, row.expected.doubt);
    EXPECT_EQ(lag.catch_up_ms, row.expected.catch_up_ms);
    EXPECT_EQ(lag.residence, row.expected.residence);
    EXPECT_EQ(lag, row.expected);
  }
}

TEST(GroupLag, OfOffsetsThatAreNoRecords) {
  check({
      {"behind", [](auto&) {}, lag_of_behind()},
      {"compacted_between", [](auto& p) { p.readable = Records{7}; },
       with(lag_of_behind(), [](auto& lag) { lag.record_lag = Records{7}; })},
      {"only_markers_and_aborted_records_are_left",
       [](auto& p) {
         p.readable = Records{0};
         p.head.reset();
       },
       caught_up()},
      {"stuck_at_one_by_a_commit_marker",
       [](auto& p) {
         p.commit->offset = {99};
         p.readable = Records{0};
         p.head.reset();
       },
       with(caught_up(), [](auto& lag) { lag.offset_lag = lag.high_watermark_lag = Records{1}; })},
      {"the_log_is_not_read_here",
       [](auto& p) {
         p.readable.reset();
         p.head.reset();
       },
       with(lag_of_behind(),
            [](auto& lag) {
              lag.record_lag.reset();
              lag.head_age.reset();
            })},
      {"counted_later_than_the_ends", [](auto& p) { p.readable = Records{45}; }, lag_of_behind()},
  });
}

TEST(GroupLag, WhenRetentionPassedTheCommit) {
  check({
      {"floored_and_counted_apart",
       [](auto& p) {
         p.log_start = {90};
         p.readable = Records{10};
       },
       with(lag_of_behind(),
            [](auto& lag) {
              lag.state = LagState::expired;
              lag.offset_lag = lag.high_watermark_lag = lag.record_lag = Records{10};
              lag.expired = Records{20};
              lag.catch_up_ms = 10'000;
            })},
      {"nothing_is_left",
       [](auto& p) {
         p.log_start = {100};
         p.readable.reset();
         p.head.reset();
       },
       with(caught_up(),
            [](auto& lag) {
              lag.state = LagState::expired;
              lag.offset_lag = lag.high_watermark_lag = Records{0};
              lag.expired = Records{30};
            })},
      {"the_start_was_asked_for_later_than_the_ends",
       [](auto& p) {
         p.log_start = {110};
         p.readable = Records{0};
       },
       with(caught_up(),
            [](auto& lag) {
              lag.state = LagState::expired;
              lag.offset_lag = lag.high_watermark_lag = Records{0};
              lag.expired = Records{40};
            })},
      {"committed_at_the_start_exactly", [](auto& p) { p.log_start = {70}; }, lag_of_behind()},
  });
}

TEST(GroupLag, OfAnIdlePartition) {
  const auto idle = [](GroupPartition& p) {
    p.commit->offset = p.previous->offset = {100};
    p.readable = Records{0};
    p.head.reset();
    p.newest = TimestampUs{kNow.value - 3600 * kSecond};
  };
  const GroupLag nothing_to_do = with(caught_up(), [](auto& lag) {
    lag.step = CommitStep::unmoved;
    lag.offset_lag = lag.high_watermark_lag = Records{0};
    lag.newest_age_us = 3600 * kSecond;
    lag.residence.reset();  // the commit of what was read long ago, made again
  });
  check({
      {"is_zero_for_as_long_as_it_takes", idle, nothing_to_do},
      {"also_where_the_log_is_not_read",
       [&](auto& p) {
         idle(p);
         p.readable.reset();
       },
       nothing_to_do},
      {"and_a_heartbeat_says_as_of_when",
       [&](auto& p) {
         idle(p);
         p.newest = TimestampUs{kNow.value - 2 * kSecond};
       },
       with(nothing_to_do, [](auto& lag) { lag.newest_age_us = 2 * kSecond; })},
      {"empty_from_the_beginning",
       [&](auto& p) {
         idle(p);
         p.commit->offset = p.previous->offset = {0};
         p.last_stable = p.high_watermark = {0};
         p.newest.reset();
       },
       with(nothing_to_do, [](auto& lag) { lag.newest_age_us.reset(); })},
  });
}

TEST(GroupLag, WithoutACommitIsAbsent) {
  check({
      {"never_committed",
       [](auto& p) {
         p.commit.reset();
         p.previous.reset();
       },
       only(LagState::never_committed, CommitStep::none)},
      {"deleted", [](auto& p) { p.commit.reset(); },
       only(LagState::never_committed, CommitStep::none)},
      {"the_first_one", [](auto& p) { p.previous.reset(); },
       with(lag_of_behind(),
            [](auto& lag) {
              lag.step = CommitStep::first;
              lag.catch_up_ms.reset();
              lag.residence.reset();
            })},
  });
}

TEST(GroupLag, AfterAResetOrARecreation) {
  const GroupLag anew = with(lag_of_behind(), [](auto& lag) {
    lag.step = CommitStep::new_log;
    lag.catch_up_ms.reset();
    lag.residence.reset();
  });
  check({
      {"rewound", [](auto& p) { p.previous->offset = {95}; },
       with(anew, [](auto& lag) { lag.step = CommitStep::backward; })},
      {"rewound_to_records_of_an_older_leader",
       [](auto& p) {
         p.previous->offset = {95};
         p.commit->leader_epoch = 2;
       },
       with(anew, [](auto& lag) { lag.step = CommitStep::backward; })},
      {"recreated_and_shorter", [](auto& p) { p.last_stable = p.high_watermark = {60}; },
       only(LagState::ahead_of_end, CommitStep::forward)},
      {"recreated_and_longer_by_its_id", [](auto& p) { p.commit->topic = TopicMatch::other; },
       only(LagState::recreated, CommitStep::new_log)},
      {"recreated_and_longer_by_its_epochs", [](auto& p) { p.leader_epoch = 0; },
       only(LagState::recreated, CommitStep::new_log)},
      {"recreated_after_the_commit", [](auto& p) { p.recreated_at = ms_ago(4); },
       only(LagState::recreated, CommitStep::new_log)},
      {"the_id_is_right_whatever_the_clocks_say",
       [](auto& p) {
         p.recreated_at = ms_ago(4);
         p.commit->topic = p.previous->topic = TopicMatch::same;
       },
       lag_of_behind()},
      {"the_first_commit_in_the_new_topic", [](auto& p) { p.recreated_at = ms_ago(10); }, anew},
      {"further_on_by_an_older_leader", [](auto& p) { p.commit->leader_epoch = 2; }, anew},
  });
}

TEST(GroupLag, WhileTheGroupIsAway) {
  const auto in = [](GroupState state) { return [state](GroupPartition& p) { p.group = state; }; };
  const auto lag_in = [](GroupState state, bool reads) {
    return with(lag_of_behind(), [&](auto& lag) {
      lag.group = state;
      if (!reads) lag.catch_up_ms.reset();
    });
  };
  check({
      {"rebalancing", in(GroupState::rebalancing), lag_in(GroupState::rebalancing, true)},
      {"not_told", in(GroupState::unknown), lag_in(GroupState::unknown, true)},
      {"empty", in(GroupState::empty), lag_in(GroupState::empty, false)},
      {"dead", in(GroupState::dead), lag_in(GroupState::dead, false)},
  });
}

TEST(GroupLag, ByClocksThatAreWrong) {
  const auto doubted = [](ClockDoubt doubt, const AgeRange& head_age, bool by_arrival) {
    return with(lag_of_behind(), [&](auto& lag) {
      lag.doubt = doubt;
      lag.head_age = head_age;
      lag.is_age_by_arrival = by_arrival;
    });
  };
  const StampRange y1970{{0}, {1000}, kNow.value};
  check({
      {"ahead_is_kept_negative", [](auto& p) { p.head = ago(-60); },
       doubted(ClockDoubt::ahead, age(-60), false)},
      {"ahead_falls_back_to_the_arrival",
       [](auto& p) {
         p.head = ago(-60);
         p.head_arrival = ago(18);
       },
       doubted(ClockDoubt::ahead, age(18), true)},
      {"ahead_of_its_arrival_though_not_of_now",
       [](auto& p) {
         p.head = ago(10);
         p.head_arrival = ago(18);
       },
       doubted(ClockDoubt::ahead, age(18), true)},
      {"believed_where_it_can_be", [](auto& p) { p.head_arrival = ago(18); }, lag_of_behind()},
      {"an_old_record_between_new_ones",
       [&](auto& p) {
         p.head = y1970;
         p.head_arrival = ago(18);
       },
       doubted(ClockDoubt::disordered, age(18), true)},
      {"an_old_record_and_nothing_else_is_known", [&](auto& p) { p.head = y1970; },
       doubted(ClockDoubt::disordered, {kNow.value - 1000, kNow.value}, false)},
      {"a_little_disorder_is_usual",
       [](auto& p) {
         p.head = ago(20, kDisorderMaxUs);
         p.head_arrival = ago(18);
       },
       lag_of_behind()},
      {"an_interval_is_passed_on",
       [](auto& p) {
         p.head = StampRange{{kNow.value - 30 * kSecond}, {kNow.value - kSecond}};
       },
       with(lag_of_behind(),
            [](auto& lag) {
              lag.head_age = {kSecond, 30 * kSecond};
            })},
      {"only_the_arrival_is_known",
       [](auto& p) {
         p.head.reset();
         p.head_arrival = ago(18);
       },
       doubted(ClockDoubt::none, age(18), true)},
      {"a_residence_may_be_negative", [](auto& p) { p.last_read = ago(3); },
       with(lag_of_behind(),
            [](auto& lag) {
              lag.residence = {-2 * kSecond - 1000, -2 * kSecond + 1000};
            })},
      {"the_newest_may_be_ahead", [](auto& p) { p.newest = TimestampUs{kNow.value + kSecond}; },
       with(lag_of_behind(), [](auto& lag) { lag.newest_age_us = -kSecond; })},
      {"caught_up_needs_no_clock",
       [](auto& p) {
         p.readable = Records{0};
         p.head = ago(-60);
       },
       caught_up()},
  });
}

TEST(GroupLag, WhileATransactionIsOpen) {
  check({
      {"behind_both_ends", [](auto& p) { p.high_watermark = {5000}; },
       with(lag_of_behind(), [](auto& lag) { lag.high_watermark_lag = Records{4930}; })},
      {"all_that_can_be_read_is_read",
       [](auto& p) {
         p.commit->offset = {100};
         p.high_watermark = {5000};
         p.readable = Records{0};
         p.head.reset();
       },
       with(caught_up(),
            [](auto& lag) {
              lag.offset_lag = Records{0};
              lag.high_watermark_lag = Records{4900};
            })},
      {"a_reader_of_uncommitted_records_is_beyond",
       [](auto& p) {
         p.commit->offset = {4000};
         p.high_watermark = {5000};
         p.readable.reset();
         p.head.reset();
       },
       with(caught_up(),
            [](auto& lag) {
              lag.offset_lag = Records{0};
              lag.high_watermark_lag = Records{1000};
            })},
      {"beyond_both_ends", [](auto& p) { p.commit->offset = {101}; },
       only(LagState::ahead_of_end, CommitStep::forward)},
  });
}

TEST(CommitRate, IsThatOfTheLastTwoCommitsUnlessOneIsOverdue) {
  GroupPartition p = behind();
  EXPECT_EQ(commit_rate(p, kNow), 2.0) << "20 offsets in 10 seconds";
  EXPECT_EQ(commit_rate(p, {kNow.value + 35 * kSecond}), 0.5) << "40 seconds without a commit";
  p.previous->at = ms_ago(4);
  EXPECT_EQ(commit_rate(p, kNow), std::nullopt) << "commits whose times fall";
  p.previous->at.reset();
  EXPECT_EQ(commit_rate(p, kNow), std::nullopt);
  p = behind();
  p.commit->at = p.previous->at = ms_ago(0);
  EXPECT_EQ(commit_rate(p, kNow), std::nullopt) << "both in one millisecond, which is now";
}

TEST(FirstUnread, IsWhereToLookUpTheHead) {
  GroupPartition p = behind();
  EXPECT_EQ(first_unread(p), Offset{70});
  p.log_start = {90};
  EXPECT_EQ(first_unread(p), Offset{90});
  p.commit->topic = TopicMatch::other;
  EXPECT_EQ(first_unread(p), std::nullopt);
  p.commit.reset();
  EXPECT_EQ(first_unread(p), std::nullopt);
}

class GroupLagRandom : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, GroupLagRandom, testing::ValuesIn(seeds(10)));

// A log with gaps that is read here, a group that follows it, and the truth kept beside: what a
// caller does with OffsetTimes and the snapshot.
TEST_P(GroupLagRandom, AgreesWithTheWholeLog) {
  SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(GetParam()));
  std::mt19937_64 random(GetParam());
  OffsetTimes times(Offset{0});
  std::vector<std::pair<Offset, TimestampUs>> log;
  std::int64_t now = kNow.value;
  GroupPartition p;
  p.group = GroupState::stable;
  for (int i = 0; i < 3000; ++i) {
    now += static_cast<std::int64_t>(random() % kSecond);
    if (random() % 3 != 0) {
      log.push_back({p.last_stable, {now}});
      times.add(p.last_stable, {{now}, 1});
    }
    p.last_stable = p.high_watermark = p.last_stable.next();
    times.read_up_to(p.last_stable);
    if (random() % 10 == 0) {
      p.previous = p.commit;
      const std::int64_t from = p.commit ? p.commit->offset.value : 0;
      p.commit = GroupCommit{
          {from + std::int64_t(random() % std::uint64_t(p.last_stable.value - from + 1))}};
    }
    if (random() % 100 == 0) {
      p.log_start = {std::int64_t(random() % std::uint64_t(p.last_stable.value + 1))};
    }
    if (!p.commit) continue;
    const Offset unread = *first_unread(p);
    std::int64_t readable = 0;
    std::optional<TimestampUs> head;
    for (auto it = log.rbegin(); it != log.rend() && it->first >= unread; ++it, ++readable) {
      head = it->second;
    }
    p.readable = Records{readable};
    p.head = times.first_at_or_behind(unread);
    ASSERT_TRUE(times.covers({unread, p.last_stable}));
    const GroupLag lag = compute_group_lag(p, {now});
    ASSERT_EQ(lag.record_lag, Records{readable});
    ASSERT_EQ(lag.offset_lag, p.last_stable - unread);
    ASSERT_EQ(lag.expired, std::max(Records{0}, p.log_start - p.commit->offset));
    ASSERT_EQ(lag.is_caught_up, readable == 0);
    ASSERT_TRUE(lag.head_age.has_value());
    const std::int64_t truth = head ? now - head->value : 0;
    ASSERT_LE(lag.head_age->low_us, truth);
    ASSERT_GE(lag.head_age->high_us, truth);
    ASSERT_EQ(lag.doubt, ClockDoubt::none);
  }
}

}  // namespace
}  // namespace longspan
