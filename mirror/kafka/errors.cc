#include "mirror/kafka/errors.h"

#include <algorithm>
#include <array>

namespace longspan::kafka {
namespace {

struct Row {
  rd_kafka_resp_err_t code;
  Next next;
};

// What is not in this table is transient: librdkafka retries it by itself, and so do we.
constexpr auto kRows = std::to_array<Row>({
    {RD_KAFKA_RESP_ERR__FATAL, Next::rebuild_client},
    {RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE, Next::rebuild_client},
    {RD_KAFKA_RESP_ERR__FENCED, Next::rebuild_client},
    {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, Next::rebuild_client},
    {RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, Next::rebuild_client},
    {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, Next::rebuild_client},
    {RD_KAFKA_RESP_ERR__PURGE_QUEUE, Next::rebuild_client},
    {RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, Next::rebuild_client},

    {RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, Next::park_partition},
    {RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, Next::park_partition},
    {RD_KAFKA_RESP_ERR__BAD_MSG, Next::park_partition},
    {RD_KAFKA_RESP_ERR__BAD_COMPRESSION, Next::park_partition},
    {RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED, Next::park_partition},
    {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, Next::park_partition},
    {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, Next::park_partition},
    {RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, Next::park_partition},
    {RD_KAFKA_RESP_ERR__INVALID_ARG, Next::park_partition},
    {RD_KAFKA_RESP_ERR__KEY_SERIALIZATION, Next::park_partition},
    {RD_KAFKA_RESP_ERR__LOG_TRUNCATION, Next::park_partition},
    {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, Next::park_partition},
    {RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, Next::park_partition},
    {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, Next::park_partition},
    {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, Next::park_partition},
    {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, Next::refuse_record},
    {RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, Next::refuse_record},
    {RD_KAFKA_RESP_ERR_INVALID_MSG, Next::park_partition},
    {RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, Next::park_partition},
    {RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, Next::refuse_record},
    {RD_KAFKA_RESP_ERR_INVALID_RECORD, Next::refuse_record},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE, Next::park_partition},
    {RD_KAFKA_RESP_ERR_POLICY_VIOLATION, Next::park_partition},
    {RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS, Next::park_partition},
    {RD_KAFKA_RESP_ERR_INVALID_PARTITIONS, Next::park_partition},
    {RD_KAFKA_RESP_ERR_INVALID_CONFIG, Next::park_partition},

    {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, Next::stop_process},
    {RD_KAFKA_RESP_ERR__AUTHENTICATION, Next::retry},
    {RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, Next::retry},
});

}  // namespace

Next next_of(rd_kafka_resp_err_t code) {
#if RD_KAFKA_VERSION >= 0x020400ff
  // Another record of its request was refused, which is reported itself.
  if (code == RD_KAFKA_RESP_ERR__INVALID_DIFFERENT_RECORD) return Next::rebuild_client;
#endif
  const auto* row =
      std::find_if(kRows.begin(), kRows.end(), [code](const Row& r) { return r.code == code; });
  return row == kRows.end() ? Next::retry : row->next;
}

Error to_error(rd_kafka_resp_err_t code, const std::string& what, std::string where,
               const char* detail) {
  std::string text = what + ": " + rd_kafka_err2name(code);
  const std::string library_text = detail != nullptr ? detail : rd_kafka_err2str(code);
  if (!library_text.empty()) text += ": " + library_text;
  return {next_of(code), static_cast<int>(code), std::move(text), std::move(where)};
}

}  // namespace longspan::kafka
