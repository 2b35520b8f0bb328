#include "tests/broker/harness/group_member.h"

namespace longspan::harness {
namespace {

constexpr int kPollMs = 100;

}  // namespace

GroupMember::GroupMember(const std::string& bootstrap, const std::string& group,
                         const std::string& topic)
    : client_(open_client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", bootstrap},
                                              {"group.id", group},
                                              {"auto.offset.reset", "earliest"},
                                              {"topic.metadata.refresh.interval.ms", "1000"},
                                              {"auto.commit.interval.ms", "1000"}})) {
  const Partitions topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  require_ok(rd_kafka_subscribe(client_.get(), topics.get()), "subscribe");
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const Message message(rd_kafka_consumer_poll(client_.get(), kPollMs));
      if (message && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) ++read_;
    }
  });
}

GroupMember::~GroupMember() {
  thread_.request_stop();
  thread_.join();
  rd_kafka_consumer_close(client_.get());
}

}  // namespace longspan::harness
