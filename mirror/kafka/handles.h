// mirror/kafka/handles.h - librdkafka's C handles as unique_ptr, one deleter each.
//
// Owns:    each alias destroys its handle. Client's destructor waits for librdkafka's threads, but
//          not for ever: the library may lock itself out where an answer comes while it ends (its
//          issues 4514, out of range, and 5476, a leader lost). Such a client is told and left
//          behind. Nothing of it calls us: a queue's destructor cuts it off from its wakeup.
// Threads: librdkafka handles may be used from any thread; ours are used from one.
// Source:  rdkafka.h.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>

#include "lagcalc/deleter.h"

namespace longspan::kafka {

void close_client(rd_kafka_t* client);
void close_queue(rd_kafka_queue_t* queue);

using Conf = std::unique_ptr<rd_kafka_conf_t, Deleter<rd_kafka_conf_destroy>>;
using TopicConf = std::unique_ptr<rd_kafka_topic_conf_t, Deleter<rd_kafka_topic_conf_destroy>>;
using Client = std::unique_ptr<rd_kafka_t, Deleter<close_client>>;
using Topic = std::unique_ptr<rd_kafka_topic_t, Deleter<rd_kafka_topic_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Deleter<close_queue>>;
using KafkaEvent = std::unique_ptr<rd_kafka_event_t, Deleter<rd_kafka_event_destroy>>;
using KafkaError = std::unique_ptr<rd_kafka_error_t, Deleter<rd_kafka_error_destroy>>;
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                      Deleter<rd_kafka_topic_partition_list_destroy>>;
using AdminOptions =
    std::unique_ptr<rd_kafka_AdminOptions_t, Deleter<rd_kafka_AdminOptions_destroy>>;

}  // namespace longspan::kafka
