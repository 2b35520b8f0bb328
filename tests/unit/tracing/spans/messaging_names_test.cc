#include "tracing/spans/messaging_names.h"

#include <gtest/gtest.h>

#include <string>

namespace longspan {
namespace {

TEST(MessagingNames, AreChosenByTheVariable) {
  EXPECT_EQ(names_wanted(""), NamesWanted::current);
  EXPECT_EQ(names_wanted("messaging"), NamesWanted::current);
  EXPECT_EQ(names_wanted("messaging/dup"), NamesWanted::both);
  EXPECT_EQ(names_wanted("http, messaging/dup ,database"), NamesWanted::both);
  EXPECT_EQ(names_wanted("http/dup,messaging/duplicate"), NamesWanted::current);
  EXPECT_EQ(names_wanted(",,"), NamesWanted::current);
}

struct Row {
  MessagingName name;
  AttributeValue value;
  std::vector<Attribute> both;  // the first is the one that is put alone, otherwise
};

TEST(MessagingNames, ArePutOldAndNew) {
  const std::int64_t three = 3;
  const std::string text = "x";
  const Row rows[] = {
      {MessagingName::system, "kafka", {{"messaging.system", "kafka"}}},
      {MessagingName::partition,
       three,
       {{"messaging.destination.partition.id", "3"},
        {"messaging.kafka.destination.partition", three}}},
      {MessagingName::offset,
       three,
       {{"messaging.kafka.offset", three}, {"messaging.kafka.message.offset", three}}},
      {MessagingName::consumer_group,
       text,
       {{"messaging.consumer.group.name", text}, {"messaging.kafka.consumer.group", text}}},
      {MessagingName::client_id,
       text,
       {{"messaging.client.id", text}, {"messaging.client_id", text}}},
      {MessagingName::operation_type,
       "send",
       {{"messaging.operation.type", "send"}, {"messaging.operation", "publish"}}},
      {MessagingName::operation_type,
       "process",
       {{"messaging.operation.type", "process"}, {"messaging.operation", "deliver"}}},
      {MessagingName::operation_type,
       "receive",
       {{"messaging.operation.type", "receive"}, {"messaging.operation", "receive"}}},
      {MessagingName::cluster_id, text, {{"messaging.kafka.cluster.id", text}}},
      {MessagingName::tombstone, true, {{"messaging.kafka.message.tombstone", true}}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.both[0].key);
    Attributes both;
    put_messaging(both, row.name, row.value, NamesWanted::both);
    EXPECT_EQ(both.all(), row.both);
    Attributes current;
    put_messaging(current, row.name, row.value, NamesWanted::current);
    EXPECT_EQ(current.all(), std::vector<Attribute>{row.both[0]});
  }
}

}  // namespace
}  // namespace longspan
