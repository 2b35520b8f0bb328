// mirror/kafka/errors.h - librdkafka's codes become Error here, by one table.
//
// Errors:  this is where Next is decided for everything that comes from Kafka.
// Threads: free functions.
// Source:  rdkafka.h, rd_kafka_resp_err_t; Kafka protocol error codes.
#pragma once

#include <librdkafka/rdkafka.h>

#include <string>

#include "lagcalc/result.h"

namespace longspan::kafka {

// `what` says what was being done: "cannot write"; the library's own text is added behind it.
[[nodiscard]] Error to_error(rd_kafka_resp_err_t code, const std::string& what, std::string where,
                             const char* detail = nullptr);
[[nodiscard]] Next next_of(rd_kafka_resp_err_t code);

}  // namespace longspan::kafka
