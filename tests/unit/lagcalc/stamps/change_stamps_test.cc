#include "lagcalc/stamps/change_stamps.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "lagcalc/stamps/change_fields.h"

namespace longspan {
namespace {

constexpr std::int64_t kUs = 1'795'219'743'138'067;

ChangeFields change(ChangeOp op = ChangeOp::update) {
  ChangeFields out;
  out.shape = ChangeShape::envelope;
  out.commit = {kUs / 1000, kUs, kUs * 1000, false};
  out.connector = {kUs / 1000 + 5, {}, {}, false};
  out.op = op;
  return out;
}

TEST(ChangeStamps, TakesTheFinestTime) {
  ChangeFields fields = change();
  EXPECT_EQ(judge(fields).commit, (Stamp{{kUs}, 1}));
  fields.commit.ns = kUs * 1000 + 999;
  EXPECT_EQ(judge(fields).commit, (Stamp{{kUs}, 1}));
  fields.commit = {1, 2, kUs * 1000, false};
  EXPECT_EQ(judge(fields).commit, (Stamp{{kUs}, 1}));
  fields.commit = {1, kUs, {}, false};
  EXPECT_EQ(judge(fields).commit, (Stamp{{kUs}, 1}));
  fields.commit = {kUs / 1000, {}, {}, false};
  EXPECT_EQ(judge(fields).commit, (Stamp{{kUs / 1000 * 1000}, 1000}));
  EXPECT_EQ(judge(fields).connector, (Stamp{{kUs / 1000 * 1000 + 5000}, 1000}));
}

TEST(ChangeStamps, SaysWhyThereIsNoCommit) {
  struct Row {
    const char* name;
    ChangeFields fields;
    NoCommit why;
  };
  ChangeFields incremental = change(ChangeOp::read);
  incremental.snapshot = SnapshotMark::incremental;
  ChangeFields marked = change(ChangeOp::create);
  marked.snapshot = SnapshotMark::snapshot;
  ChangeFields bare = change();
  bare.commit = {};
  ChangeFields damaged = change();
  damaged.commit.is_damaged = true;
  ChangeFields other = change();
  other.shape = ChangeShape::other;
  const Row rows[] = {
      {"read", change(ChangeOp::read), NoCommit::snapshot},
      {"marked_by_source", marked, NoCommit::snapshot},
      {"incremental", incremental, NoCommit::incremental_snapshot},
      {"message", change(ChangeOp::message), NoCommit::non_transactional_message},
      {"truncate", change(ChangeOp::truncate), NoCommit::truncate},
      {"bare", bare, NoCommit::missing},
      {"damaged", damaged, NoCommit::unreadable},
      {"no_change", other, NoCommit::missing},
      {"unreadable", faulty(NoCommit::unreadable), NoCommit::unreadable},
      {"over_limit", faulty(NoCommit::over_limit), NoCommit::over_limit},
  };
  for (const Row& row : rows) {
    const ChangeStamps stamps = judge(row.fields);
    EXPECT_EQ(stamps.why, row.why) << row.name;
    EXPECT_FALSE(stamps.commit) << row.name;
    const bool is_read = !row.fields.fault && row.fields.shape != ChangeShape::other;
    EXPECT_EQ(stamps.connector.has_value(), is_read) << row.name;
  }
}

TEST(ChangeStamps, ATransactionsMessageHasACommit) {
  ChangeFields fields = change(ChangeOp::message);
  fields.has_transaction = true;
  EXPECT_EQ(judge(fields).commit, (Stamp{{kUs}, 1}));
}

TEST(ChangeStamps, AbsurdTimesAreUnreadableAndNeverWrapped) {
  struct Row {
    const char* name;
    WrittenTimes times;
    bool is_read;
  };
  constexpr std::int64_t kFirstMs = 946'684'800'000;
  constexpr std::int64_t kBehindMs = 7'258'118'400'000;
  const Row rows[] = {
      {"first_ms", {kFirstMs, {}, {}, false}, true},
      {"before_first_ms", {kFirstMs - 1, {}, {}, false}, false},
      {"last_ms", {kBehindMs - 1, {}, {}, false}, true},
      {"behind_last_ms", {kBehindMs, {}, {}, false}, false},
      {"first_us", {{}, kFirstMs * 1000, {}, false}, true},
      {"before_first_us", {{}, kFirstMs * 1000 - 1, {}, false}, false},
      {"last_us", {{}, kBehindMs * 1000 - 1, {}, false}, true},
      {"behind_last_us", {{}, kBehindMs * 1000, {}, false}, false},
      {"first_ns", {{}, {}, kFirstMs * 1'000'000, false}, true},
      {"before_first_ns", {{}, {}, kFirstMs * 1'000'000 - 1, false}, false},
      {"last_ns", {{}, {}, kBehindMs * 1'000'000 - 1, false}, true},
      {"behind_last_ns", {{}, {}, kBehindMs * 1'000'000, false}, false},
      {"zero", {0, {}, {}, false}, false},
      {"negative", {-1, {}, {}, false}, false},
      {"greatest_ms", {INT64_MAX, {}, {}, false}, false},
      {"least_ms", {INT64_MIN, {}, {}, false}, false},
      {"greatest_ns", {{}, {}, INT64_MAX, false}, false},
      {"least_us", {{}, INT64_MIN, {}, false}, false},
      // INT64_MAX / 1000 + 1 would come back as a negative product.
      {"wraps_if_multiplied", {INT64_MAX / 1000 + 1, {}, {}, false}, false},
      {"a_good_ms_does_not_help_an_absurd_ns", {kFirstMs, {}, 1, false}, false},
  };
  for (const Row& row : rows) {
    ChangeFields fields = change();
    fields.commit = row.times;
    fields.connector = row.times;
    const ChangeStamps stamps = judge(fields);
    EXPECT_EQ(stamps.commit.has_value(), row.is_read) << row.name;
    EXPECT_EQ(stamps.connector.has_value(), row.is_read) << row.name;
    EXPECT_EQ(stamps.why == NoCommit::unreadable, !row.is_read) << row.name;
  }
}

TEST(ChangeStamps, AHeartbeatIsNeverACommit) {
  ChangeFields fields = change();
  fields.shape = ChangeShape::other;
  EXPECT_EQ(judge_heartbeat(fields).why, NoCommit::heartbeat);
  EXPECT_FALSE(judge_heartbeat(fields).commit);
  EXPECT_EQ(judge_heartbeat(fields).connector, judge(change()).connector);
  EXPECT_EQ(judge_heartbeat(faulty(NoCommit::unreadable)).why, NoCommit::unreadable);
  // Whatever else somebody wrote there does not show that a connector lives.
  EXPECT_FALSE(judge_heartbeat(change()).connector);
}

TEST(ChangeStamps, ReasonsHaveNamesForMetrics) {
  std::set<std::string_view> names;
  for (const NoCommit why : kNoCommits) {
    EXPECT_EQ(name(why).find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string::npos);
    names.insert(name(why));
  }
  EXPECT_EQ(names.size(), kNoCommits.size());
  EXPECT_FALSE(names.contains(""));
}

TEST(ChangeFields, HeadersAreEnoughWhenNothingIsLeftToAsk) {
  ChangeFields headers = change();
  EXPECT_TRUE(headers.is_enough());
  headers.op = ChangeOp::message;
  EXPECT_FALSE(headers.is_enough());
  headers.has_transaction = true;
  EXPECT_TRUE(headers.is_enough());
  headers.op.reset();  // may be a snapshot's
  EXPECT_FALSE(headers.is_enough());
  EXPECT_TRUE(judge(headers).commit);
  headers = change();
  headers.commit = {};
  EXPECT_FALSE(headers.is_enough());
}

TEST(ChangeFields, HeadersAddWhatTheValueDoesNotHave) {
  ChangeFields headers = change(ChangeOp::remove);
  headers.shape = ChangeShape::flattened;
  headers.snapshot = SnapshotMark::snapshot;
  ChangeFields value;
  value.shape = ChangeShape::flattened;
  value.commit.ms = kUs / 1000;
  const ChangeFields both = joined(value, headers);
  EXPECT_EQ(both.commit, headers.commit);
  EXPECT_EQ(both.op, ChangeOp::remove);
  EXPECT_EQ(both.snapshot, SnapshotMark::snapshot);

  EXPECT_EQ(joined(faulty(NoCommit::unreadable), headers), headers);
  EXPECT_EQ(joined(faulty(NoCommit::unreadable), {}), faulty(NoCommit::unreadable));
  EXPECT_EQ(joined(change(), {}), change());
  ChangeFields damaged;
  damaged.shape = ChangeShape::flattened;
  damaged.commit.is_damaged = true;
  EXPECT_EQ(joined(change(), damaged), change());
  ChangeFields row;  // of a table that has a column ts_ms
  row.connector.ms = 7;
  EXPECT_EQ(joined(row, headers), headers);
}

}  // namespace
}  // namespace longspan
