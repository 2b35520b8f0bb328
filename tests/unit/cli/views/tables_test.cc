// The tables of the looking commands, as whole texts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/views/events_parse.h"
#include "cli/views/events_table.h"
#include "cli/views/file_text.h"
#include "cli/views/lag_screen.h"
#include "cli/views/positions_table.h"
#include "cli/views/progress_bar.h"
#include "cli/views/text_table.h"
#include "cli/views/time_text.h"
#include "cli/views/verdict_text.h"
#include "lagcalc/slo.h"

namespace longspan {
namespace {

constexpr TimestampMs kNow{1'700'000'000'000};
constexpr TableStyle kPipe{};
constexpr LagScreenSettings kTopics{};
constexpr LagScreenSettings kPartitions{.rows = LagRowsBy::partition};

PartitionSnapshot partition(const std::string& topic, std::int32_t number, std::int64_t end,
                            std::int64_t lag) {
  PartitionSnapshot out;
  out.source = {topic, number};
  out.target_topic = "east." + topic;
  out.next_source = Offset{end - lag};
  out.source_end = Offset{end};
  out.offset_lag = Records{lag};
  out.head_age_ms = lag * 10;
  out.catch_up_ms = lag * 2;
  out.records_per_second = 500;
  return out;
}

FlowSnapshot running_flow() {
  FlowSnapshot flow;
  flow.flow = "east->west";
  flow.at = kNow;
  flow.running = true;
  flow.slots = {{0, Owner{"a:1", kNow, kNow, {}}}, {1, Owner{"b:2", kNow, kNow, {}}}};
  flow.partitions = {partition("orders", 0, 1000, 0), partition("orders", 1, 2500, 1500),
                     partition("users", 0, 10, 4)};
  flow.partitions[1].slot = 1;
  return flow;
}

TEST(LagTable, OneRowPerPartitionTheWorstFirst) {
  EXPECT_EQ(lag_screen(running_flow(), kPartitions, kPipe),
            "east->west  running on 2 processes  2023-11-14 22:13:20Z\n"
            "TOPIC   PARTITION  STATE   SOURCE-END  MIRRORED   LAG  HEAD-AGE   RATE  CATCH-UP\n"
            "orders          1  active        2500      1000  1500    15.0 s  500/s     3.0 s\n"
            "users           0  active          10         6     4     40 ms  500/s      8 ms\n"
            "orders          0  active        1000      1000     0      0 ms  500/s      0 ms\n"
            "slots: a:1 1, b:2 1\n");
}

// What a slot carries stays with one process, however many there are.
TEST(LagTable, NamesASlotThatCarriesMoreThanItsPart) {
  auto flow = running_flow();
  flow.slots.push_back({2, Owner{"b:2", kNow, kNow, {}}});
  flow.slots.push_back({3, std::nullopt});
  flow.partitions[1].records_per_second = 3000;
  EXPECT_THAT(
      lag_screen(flow, kTopics, kPipe),
      testing::HasSubstr("slots: a:1 1, b:2 2; slot 1 (b:2) carries 75 % of the records\n"));
  flow.partitions[1].records_per_second = 500;  // and slot 0 has twice that
  flow.slots.pop_back();
  EXPECT_THAT(
      lag_screen(flow, kTopics, kPipe),
      testing::HasSubstr("slots: a:1 1, b:2 2; slot 0 (a:1) carries 67 % of the records\n"));
  for (auto& partition : flow.partitions) partition.records_per_second.reset();
  EXPECT_THAT(lag_screen(flow, kTopics, kPipe), testing::HasSubstr("slots: a:1 1, b:2 2\n"));
}

TEST(LagTable, SaysAPriorityThatIsNotNormalAndWhyAPartitionWaits) {
  auto flow = running_flow();
  flow.partitions = {partition("orders", 0, 1000, 0), partition("users", 0, 10, 4)};
  flow.partitions[0].priority = Priority::high;
  flow.partitions[1].reason = "throttled";
  for (const auto& rows : {kPartitions, kTopics}) {
    const auto table = lag_screen(flow, rows, kPipe);
    EXPECT_THAT(table, testing::HasSubstr("active, high"));
    EXPECT_THAT(table, testing::HasSubstr("throttled"));
  }
}

TEST(LagTable, ATopicsRowHasTheReasonAndAPartitionsWhatCanBeDone) {
  auto flow = running_flow();
  flow.partitions[0].state = PartitionState::parked;
  flow.partitions[0].reason = "the target refuses a record; to write it: raise a limit";
  EXPECT_THAT(lag_screen(flow, kTopics, kPipe), testing::HasSubstr("refuses a record\n"));
  EXPECT_THAT(lag_screen(flow, kPartitions, kPipe),
              testing::HasSubstr("record; to write it: raise"));
}

TEST(LagTable, OneRowPerTopicSumsAndTakesTheOldest) {
  auto flow = running_flow();
  flow.partitions[0].state = PartitionState::parked;
  flow.partitions[0].reason = "not authorised";
  EXPECT_EQ(lag_screen(flow, kTopics, kPipe),
            "east->west  running on 2 processes  2023-11-14 22:13:20Z\n"
            "TOPIC   STATE        RATE   LAG  HEAD-AGE  CATCH-UP  MIRROR P99  TO TARGET P50"
            "  TO TARGET P99  TO SINK P50  TO SINK P99  WORST PART.  WORST GROUP\n"
            "orders  1 parked  1.0 k/s  1500    15.0 s         -           -              ?"
            "              ?            -            -  1            -            "
            "0: not authorised\n"
            "users   active      500/s     4     40 ms      8 ms           -              ?"
            "              ?            -            -  0            -\n"
            "slots: a:1 1, b:2 1\n");
}

TEST(LagTable, WhatIsNotKnownIsAQuestionMarkWithTheReasonBelow) {
  auto flow = running_flow();
  flow.running = false;
  flow.not_running_since = TimestampMs{kNow.value - 200'000};
  flow.source_trouble = "no broker is reachable";
  flow.partitions.resize(1);
  auto& orders = flow.partitions[0];
  orders.state = PartitionState::paused;
  orders.reason = "the topic is paused by alice@host: backfill";
  orders.source_end.reset();
  orders.offset_lag.reset();
  orders.head_age_ms.reset();
  orders.catch_up_ms.reset();
  orders.records_per_second.reset();
  EXPECT_EQ(lag_screen(flow, kPartitions, kPipe),
            "east->west  not running since 2023-11-14 22:10:00Z (3 m 20 s)  2023-11-14 22:13:20Z\n"
            "TOPIC   PARTITION  STATE   SOURCE-END  MIRRORED  LAG  HEAD-AGE  RATE  CATCH-UP\n"
            "orders          0  paused           ?      1000    ?         ?     ?         ?"
            "  the topic is paused by alice@host: backfill\n"
            "? source ends are not known: no broker is reachable\n"
            "? rates and catch-up times are not known: no process runs this flow\n");
}

TEST(LagTable, AMirrorThatIsNotFasterHasNoCatchUpTime) {
  auto flow = running_flow();
  flow.partitions = {partition("orders", 0, 10, 5)};
  flow.partitions[0].catch_up_ms.reset();
  const auto text = lag_screen(flow, kPartitions, kPipe);
  EXPECT_NE(text.find("500/s         -\n"), std::string::npos) << text;
}

TEST(LagTable, AReasonWithoutRoomStandsOnALineOfItsOwn) {
  auto flow = running_flow();
  flow.slots.resize(1);
  flow.partitions = {partition("a.topic.with.a.name", 0, 1'000'000, 500'000)};
  flow.partitions[0].state = PartitionState::paused;
  flow.partitions[0].reason = "the topic is paused by alice@host: " + std::string(60, 'x');
  const auto text = lag_screen(flow, kPartitions, {80, false});
  EXPECT_NE(text.find("\n  the topic is paused by alice@host: xxx"), std::string::npos) << text;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    EXPECT_LE(text.find('\n', at) - at, 80u) << text;
  }
}

TEST(LagTable, APausedPartitionHasNoCatchUpAndNoAgeIsNegative) {
  auto flow = running_flow();
  flow.slots.resize(1);
  flow.partitions = {partition("orders", 0, 10, 5)};
  flow.partitions[0].state = PartitionState::paused;
  flow.partitions[0].head_age_ms = -968;
  const auto text = lag_screen(flow, kPartitions, kPipe);
  EXPECT_NE(text.find("5      0 ms  500/s         -\n"), std::string::npos) << text;
}

TEST(LagTable, SaysWhichTopicsAreNotMirrored) {
  auto flow = running_flow();
  flow.slots.resize(1);
  flow.partitions.clear();
  flow.topics = {{"orders", "east.orders", "not selected", {}, {}}};
  EXPECT_EQ(lag_screen(flow, kPartitions, kPipe),
            "east->west  running on 1 process  2023-11-14 22:13:20Z\n"
            "orders is not mirrored: not selected\n");
}

TEST(LagTable, CutsNamesAndReasonsToTheTerminal) {
  auto flow = running_flow();
  flow.partitions = {partition("a.very.long.topic.name.of.some.inventory", 0, 10, 5)};
  flow.partitions[0].reason = "this is a reason that does not fit at all";
  for (const std::size_t width : {60u, 80u, 100u, 130u}) {
    const auto text = lag_screen(flow, kPartitions, {width, false});
    const auto row = text.find("a.v");
    ASSERT_NE(row, std::string::npos);
    EXPECT_LE(text.find('\n', row) - row, width) << text;
  }
}

TEST(LagTable, ColoursOnlyWhenAsked) {
  const auto flow = running_flow();
  EXPECT_EQ(lag_screen(flow, kPartitions, {100, false}).find('\x1b'), std::string::npos);
  EXPECT_NE(lag_screen(flow, kPartitions, {100, true}).find("\x1b[32mrunning\x1b[0m"),
            std::string::npos);
}

TEST(TextTable, CutsWholeCodePoints) {
  EXPECT_EQ(text_width("käse"), 4u);
  EXPECT_EQ(cut_end("käsekuchen", 6), "käs...");
  EXPECT_EQ(cut_middle("käsekuchen", 7), "kä...en");
  EXPECT_EQ(cut_middle("abc", 3), "abc");
}

std::vector<ShownEvent> some_events() {
  Event expired;
  expired.number = 7;
  expired.kind = EventKind::source_expired;
  expired.at = kNow;
  expired.partition = TopicPartition{"orders", 3};
  expired.from = Offset{10};
  expired.to = Offset{20};
  expired.text = "10 offsets were gone before they were read";
  expired.who = "host:1";
  Event started;
  started.kind = EventKind::flow_started;
  started.at = kNow;
  started.text = "first definition";
  return {{"east->west", 2, expired}, {"east->west", 0, started}};
}

TEST(EventsTable, ShowsWhatIsThere) {
  EXPECT_EQ(events_table(some_events(), kPipe),
            "TIME                  FLOW        ID   EVENT           PARTITION  OFFSETS\n"
            "2023-11-14 22:13:20Z  east->west  2/7  source_expired  orders:3   source [10, 20)"
            "  10 offsets were gone before they were read\n"
            "2023-11-14 22:13:20Z  east->west  0/0  flow_started                                "
            "first definition\n");
  EXPECT_EQ(events_table({}, kPipe), "no events\n");
}

// One of the target also says which source records it is about; a position is one number.
TEST(EventsTable, SaysWhoseOffsetsAreMeant) {
  auto events = some_events();
  events.resize(1);
  auto& event = events[0].event;
  event.kind = EventKind::target_truncated;
  event.source_to = Offset{25};
  const auto shows = [&](const std::string& text) {
    return events_table(events, kPipe).find("  " + text + "  ") != std::string::npos;
  };
  EXPECT_TRUE(shows("target [10, 20) of source [?, 25)"));
  event.source_from = Offset{12};
  EXPECT_TRUE(shows("target [10, 20) of source [12, 25)"));
  event = some_events()[0].event;
  event.to.reset();
  EXPECT_TRUE(shows("source 10"));
}

TEST(EventsParse, ReadsItsOwnJsonBack) {
  const auto events = some_events();
  const auto back = events_from_json(events_json(events));
  ASSERT_TRUE(back);
  EXPECT_EQ(events_json(*back), events_json(events));
  EXPECT_FALSE(events_from_json("{}"));
  EXPECT_FALSE(events_from_json("<html>"));
  EXPECT_FALSE(events_from_json(R"({"version": 2, "events": []})"));
}

ShownPositions some_positions() {
  TranslatedPosition exact;
  exact.source = {"orders", 0};
  exact.target = {"east.orders", 0};
  exact.from = Offset{100};
  exact.to = Translation{Offset{97}, Exactness::exact};
  TranslatedPosition unknown;
  unknown.target = {"other", 1};
  unknown.source = {"other", 1};
  unknown.from = Offset{5};
  unknown.reason = "no offset map";
  return {"east->west", Direction::to_target, {exact, unknown}};
}

TEST(PositionsTable, ShowsBothSidesAndTheKind) {
  EXPECT_EQ(positions_table(some_positions(), kPipe),
            "SOURCE POSITION  TARGET POSITION   KIND\n"
            "orders:0:100     east.orders:0:97  exact\n"
            "other:1:5        other:1:?         ?      no offset map\n");
  auto reverse = some_positions();
  reverse.direction = Direction::to_source;
  EXPECT_EQ(positions_table(reverse, kPipe).substr(0, 15), "TARGET POSITION");
}

TEST(PositionsJson, LeavesOutWhatIsUnknown) {
  EXPECT_EQ(positions_json(some_positions()),
            R"({"version":1,"flow":"east->west","reverse":false,"positions":[)"
            R"({"source_topic":"orders","partition":0,"source_offset":100,)"
            R"("target_topic":"east.orders","target_offset":97,"kind":"exact"},)"
            R"({"source_topic":"other","partition":1,"source_offset":5,)"
            R"("target_topic":"other","reason":"no offset map"}]})");
}

Verdict some_verdict() {
  PartitionVerdict clean;
  clean.source = {"orders", 0};
  clean.tally.equal = 10;
  PartitionVerdict bad;
  bad.source = {"orders", 1};
  bad.target = {"east.orders", 1};
  bad.from = Offset{0};
  bad.to = Offset{7};
  bad.tally = {.equal = 5, .different = 1, .missing = 1, .twice = 2, .undecided = 1};
  bad.first_difference = Difference{Offset{3}, Offset{2}, "value at byte 17: 0x00, 0x01"};
  return {{clean, bad}};
}

TEST(VerdictText, NamesTheFirstDifferenceAndSumsUp) {
  EXPECT_EQ(verdict_text("east->west", some_verdict(), kPipe),
            "orders:1 [0, 7): 5 equal, 1 different, 1 missing, 2 twice, 0 foreign, 1 undecided\n"
            "first difference: source orders:1 offset 3, target east.orders:1 offset 2: value at "
            "byte 17: 0x00, 0x01\n"
            "east->west: verified 17 records in 2 partitions: 15 equal, 1 different, 1 missing, "
            "2 twice, 0 foreign, 1 undecided\n");
}

TEST(FileText, MakesCommandsThatCanBePasted) {
  EXPECT_EQ(with_file("gone; to go on: longspan resume FILE --partition t:0", "a/b.properties"),
            "gone; to go on: longspan resume a/b.properties --partition t:0");
  EXPECT_EQ(with_file("`longspan offsets set FILE` or longspan dlq list FILE", "my file's"),
            R"(`longspan offsets set 'my file'\''s'` or longspan dlq list 'my file'\''s')");
  EXPECT_EQ(with_file("FILE of longspan FILES, longspan run FILENAME", "x"),
            "FILE of longspan FILES, longspan run FILENAME");
}

// A hole that an event accounts for is no difference, and is not passed over in silence either.
TEST(VerdictText, SaysWhatEventsAccountFor) {
  auto verdict = some_verdict();
  verdict.partitions.resize(1);
  auto& only = verdict.partitions[0];
  only.tally = {.equal = 5, .lost_on_target = 3};
  only.told = {{"3/7", EventKind::target_truncated, "accepted by alice", Offset{2}, Offset{9}, 3}};
  only.narrowed = "what is before 2 was not mirrored";
  const auto text = verdict_text("f", verdict, kPipe);
  EXPECT_NE(text.find("3 source records of [2, 9) are not on the target: target_truncated (event "
                      "3/7): accepted by alice\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(" only: what is before 2 was not mirrored\n"), std::string::npos) << text;
  EXPECT_NE(text.find("3 lost on the target and gone over\n"), std::string::npos) << text;
  const auto json = verdict_json("f", verdict);
  EXPECT_NE(json.find(R"("told":[{"event":"3/7","kind":"target_truncated",)"), std::string::npos);
  EXPECT_NE(json.find(R"("narrowed":"what)"), std::string::npos);
  EXPECT_NE(json.find(R"("lost_on_target":3)"), std::string::npos);
}

TEST(VerdictText, ACleanVerdictIsOneLine) {
  auto verdict = some_verdict();
  verdict.partitions.pop_back();
  EXPECT_EQ(verdict_text("east->west", verdict, kPipe),
            "east->west: verified 10 records in 1 partitions: 10 equal, 0 different, 0 missing, "
            "0 twice, 0 foreign\n");
  EXPECT_NE(verdict_json("east->west", verdict).find(R"("equal":true)"), std::string::npos);
  verdict.partitions[0].trouble = Error{Next::retry, 0, "no broker is reachable", ""};
  EXPECT_NE(verdict_json("east->west", verdict).find(R"("equal":false)"), std::string::npos);
}

TEST(VerdictText, AnEmptyRangeIsNoProofAndSaysWhatThereIs) {
  PartitionVerdict empty;
  empty.source = {"orders", 0};
  empty.mirrored_from = Offset{5};
  empty.mirrored_to = Offset{90};
  EXPECT_EQ(verdict_text("east->west", {{empty}}, kPipe),
            "east->west: nothing to compare: no mirrored record of the range is on both sides; of "
            "orders:0 source offsets [5, 90) are mirrored\n");
  EXPECT_NE(verdict_json("east->west", {{empty}}).find(R"("equal":false)"), std::string::npos);
  EXPECT_EQ(verdict_text("east->west", {}, kPipe),
            "east->west: nothing to compare: no partition is mirrored yet\n");
}

TEST(VerdictText, CallsTheFirstFindingWhatItIs) {
  auto verdict = some_verdict();
  auto& bad = verdict.partitions[1];
  bad.tally = {.equal = 5, .foreign = 2};
  bad.first_difference = Difference{std::nullopt, Offset{2}, "no copy of any source record"};
  EXPECT_NE(verdict_text("east->west", verdict, kPipe)
                .find("\nfirst foreign record: target east.orders:1 offset 2: no copy"),
            std::string::npos);
  bad.tally = {.equal = 5, .missing = 2};
  bad.first_difference->source = Offset{3};
  EXPECT_NE(verdict_text("east->west", verdict, kPipe).find("\nfirst missing record: "),
            std::string::npos);
}

TEST(ProgressLine, ShowsBarRateAndTimeLeftWithinTheWidth) {
  const ProgressLine half{"verify orders:3", 5000, 10'000, 2000};
  EXPECT_EQ(progress_line(half, 80),
            "verify orders:3  [###############               ]  50 %  2.5 k/s  2.0 s left");
  for (std::size_t width = 20; width < 90; ++width) {
    EXPECT_LE(progress_line(half, width).size(), width);
  }
  EXPECT_EQ(progress_line({"x", 0, 0, 0}, 60).find("left"), std::string::npos);
  EXPECT_NE(progress_line({"x", 0, 0, 0}, 60).find("100 %"), std::string::npos);
}

TEST(TimeText, ReadsSpansAsTheyAreTyped) {
  EXPECT_EQ(parse_span("2h"), 7'200'000);
  EXPECT_EQ(parse_span("90s"), 90'000);
  EXPECT_EQ(parse_span("500ms"), 500);
  EXPECT_EQ(parse_span("1d"), 86'400'000);
  for (const auto* wrong :
       {"", "2", "h", "-2h", "2 h", "2hours", "99999999999999999999s", "9223372036854775807d"}) {
    EXPECT_FALSE(parse_span(wrong)) << wrong;
  }
}

TEST(LagScreen, AnObjectiveSaysThatWhatWaitsIsLateAlready) {
  FlowSnapshot flow = running_flow();
  flow.partitions = {partition("orders", 0, 1'000, 300)};  // the oldest is 3 s old
  const auto screen = [&](const std::string& objective) {
    flow.slos = {{.objective = objective, .slo = *parse_slo(objective)}};
    return lag_screen(flow, kTopics, kPipe);
  };
  constexpr std::string_view kLate = "what waits now is late, and not judged yet";
  EXPECT_THAT(screen("orders:p99<2s@1d"), testing::HasSubstr(kLate));
  EXPECT_THAT(screen("orders:p99<4s@1d"), testing::Not(testing::HasSubstr(kLate)));
  EXPECT_THAT(screen("users:p99<2s@1d"), testing::Not(testing::HasSubstr(kLate)));
}

}  // namespace
}  // namespace longspan
