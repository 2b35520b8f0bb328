#include "mirror/topics/topic_filter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace longspan {
namespace {

using Texts = std::vector<std::string>;

TopicFilter filter(Texts include, Texts exclude, bool debezium = true) {
  auto made = TopicFilter::make(std::move(include), std::move(exclude), debezium);
  EXPECT_TRUE(made.has_value()) << made.error().text();
  return *made;
}

TEST(TopicFilter, ExcludeWins) {
  const auto both = filter({"orders.*", "items"}, {".*-secret"});
  EXPECT_TRUE(both.matches("orders"));
  EXPECT_TRUE(both.matches("items"));
  EXPECT_FALSE(both.matches("items2"));
  EXPECT_FALSE(both.matches("orders-secret"));
  EXPECT_EQ(both.verdict("orders-secret").reason, "excluded by .*-secret");
  EXPECT_EQ(both.verdict("other").reason, "not in topics");
  EXPECT_EQ(both.verdict("orders").reason, "included by orders.*");
  EXPECT_FALSE(TopicFilter().matches("orders"));
}

TEST(TopicFilter, DefaultExcludeIsThatOfMm2) {
  const auto defaults = filter({".*"}, default_topics_exclude());
  EXPECT_EQ(defaults.exclude_text(), R"(.*[\-\.]internal,.*\.replica,__.*)");
  EXPECT_EQ(defaults.include_text(), ".*");
  for (const char* topic :
       {"__consumer_offsets", "x.internal", "x-internal", "orders.replica", "__x"}) {
    EXPECT_FALSE(defaults.matches(topic)) << topic;
  }
  for (const char* topic : {"orders", "internal", "_schemas", "replica"}) {
    EXPECT_TRUE(defaults.matches(topic)) << topic;
  }
}

TEST(TopicFilter, DebeziumHeartbeatsHaveTheirOwnKey) {
  const char* heartbeat = "__debezium-heartbeat.pg";
  Texts own_too = default_topics_exclude();
  own_too.push_back("__debezium.*");
  struct Row {
    const char* name;
    Texts include;
    Texts exclude;
    bool key;
    bool passes;
  };
  for (const Row& row : {
           Row{"default_exclude_does_not_count", {".*"}, default_topics_exclude(), true, true},
           Row{"include_is_not_needed", {"orders"}, default_topics_exclude(), true, true},
           Row{"own_exclude_wins", {".*"}, own_too, true, false},
           Row{"own_exclude_alone_wins", {".*"}, {".*heartbeat.*"}, true, false},
           Row{"key_off", {".*"}, default_topics_exclude(), false, false},
           Row{"key_off_no_exclude", {".*"}, {}, false, false},
       }) {
    EXPECT_EQ(filter(row.include, row.exclude, row.key).matches(heartbeat), row.passes) << row.name;
  }
  EXPECT_FALSE(is_debezium_heartbeat("__debezium-heartbeats"));
  EXPECT_EQ(filter({".*"}, own_too).verdict(heartbeat).reason, "excluded by __debezium.*");
}

// What may have to stay at home stays there: a copy cannot be taken back.
TEST(TopicFilter, AnUndecidedExcludeKeepsTheTopicBack) {
  const std::string name = std::string(60, 'a') + "!";
  const auto undecided = filter({".*"}, {"(a|a)*[yz]"});
  EXPECT_FALSE(undecided.matches(name));
  EXPECT_NE(undecided.verdict(name).reason.find("gave up"), std::string::npos);
  EXPECT_TRUE(undecided.matches("orders")) << "only that name";
}

TEST(TopicFilter, ErrorsNameTheKey) {
  EXPECT_EQ(TopicFilter::make({"("}, {}, true).error().where, "key=topics");
  EXPECT_EQ(TopicFilter::make({}, {"("}, true).error().where, "key=topics.exclude");
}

}  // namespace
}  // namespace longspan
