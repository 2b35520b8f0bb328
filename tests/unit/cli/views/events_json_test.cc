#include "cli/views/events_json.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "cli/views/events_parse.h"

namespace longspan {
namespace {

TEST(EventsJson, ShowsEveryMember) {
  const Event event{7,          EventKind::source_expired,
                    {1000},     TopicPartition{"orders", 3},
                    Offset{10}, Offset{20},
                    "gone",     "host:1"};
  EXPECT_EQ(events_json({{"east->west", 4, event}}),
            R"({"version":1,"events":[{"flow":"east->west","slot":4,"number":7,)"
            R"("kind":"source_expired","at_ms":1000,"topic":"orders","partition":3,)"
            R"("side":"source","from_offset":10,"to_offset":20,"text":"gone","who":"host:1"}]})");
}

// Offsets of the two clusters look alike: whose they are is said, and what a lost copy was of.
TEST(EventsJson, SaysWhoseOffsetsAreMeant) {
  Event event{7,          EventKind::target_truncated,
              {1000},     TopicPartition{"orders", 3},
              Offset{10}, Offset{20},
              "gone",     "host:1",
              Offset{12}, Offset{25}};
  const std::string range =
      R"("side":"target","from_offset":10,"to_offset":20,"source_from_offset":12,)"
      R"("source_to_offset":25,)";
  EXPECT_NE(events_json({{"east->west", 4, event}}).find(range), std::string::npos);
  event.kind = EventKind::loss_accepted;
  event.accepts = EventReference{6, EventKind::target_truncated};
  event.offsets = 5;
  const std::string accepted =
      R"("side":"target","from_offset":10,"to_offset":20,"offsets":5,"source_from_offset":12,)"
      R"("source_to_offset":25,"accepts":{"number":6,"kind":"target_truncated"},)";
  const auto json = events_json({{"east->west", 4, event}});
  EXPECT_NE(json.find(accepted), std::string::npos) << json;
  const auto read = events_from_json(json);
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(events_json(*read), json);
}

TEST(EventsJson, LeavesOutWhatTheEventIsNotAbout) {
  const Event event{0, EventKind::flow_started, {5}, {}, {}, {}, "first", "host:1"};
  EXPECT_EQ(events_json({{"f", 0, event}}),
            R"({"version":1,"events":[{"flow":"f","slot":0,"number":0,"kind":"flow_started",)"
            R"("at_ms":5,"text":"first","who":"host:1"}]})");
}

TEST(EventsJson, SurvivesBytesThatAreNotText) {
  const Event event{0, EventKind::flow_started, {5}, {}, {}, {}, "a\xff", "w"};
  EXPECT_NE(events_json({{"f", 0, event}}).find("a\xef\xbf\xbd"), std::string::npos);
}

TEST(Events, NameTheSourceRecordsOfCopiesThatAreGone) {
  const auto lost = [](std::int64_t from, std::int64_t to, const OffsetMap& map) {
    Event event{0, EventKind::target_truncated, {}, {}, Offset{from}, Offset{to}, "", ""};
    name_sources(event, map);
    return std::pair(event.source_from, event.source_to);
  };
  const OffsetMap map({{Offset{5}, Offset{0}, 10}, {Offset{20}, Offset{10}, 10}}, Offset{31},
                      Offset{22});
  EXPECT_EQ(lost(4, 12, map), std::pair(std::optional(Offset{9}), std::optional(Offset{22})));
  EXPECT_EQ(lost(10, 20, map), std::pair(std::optional(Offset{20}), std::optional(Offset{30})));
  EXPECT_EQ(lost(10, 22, map), std::pair(std::optional(Offset{20}), std::optional(Offset{31})));
  EXPECT_EQ(lost(20, 22, map), (std::pair<std::optional<Offset>, std::optional<Offset>>{}));
  OffsetMap pruned = map;
  pruned.prune_below(Offset{20});
  EXPECT_EQ(lost(4, 12, pruned),
            (std::pair<std::optional<Offset>, std::optional<Offset>>{std::nullopt, Offset{22}}));
}

// A kind appended to mirror/event.h must be in the list that views and metrics walk.
TEST(EventKinds, AreAllThatHaveAName) {
  std::set<std::string_view> names;
  for (const auto& row : kEventTable) names.insert(name(row.kind));
  EXPECT_EQ(names.size(), kEventTable.size());
  const auto beyond = static_cast<EventKind>(kEventTable.size() + 1);
  EXPECT_FALSE(names.contains(name(beyond)));
  EXPECT_EQ(name(beyond), name(static_cast<EventKind>(255)));
  EXPECT_FALSE(names.contains(name(beyond)));
}

}  // namespace
}  // namespace longspan
