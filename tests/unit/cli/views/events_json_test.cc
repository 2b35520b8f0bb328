#include "cli/views/events_json.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

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
            R"("from_offset":10,"to_offset":20,"text":"gone","who":"host:1"}]})");
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
