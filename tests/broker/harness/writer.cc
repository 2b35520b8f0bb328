#include "tests/broker/harness/writer.h"

#include <array>

namespace longspan::harness {
namespace {

constexpr int kTimeoutMs = 120'000;
constexpr int kPollPauseMs = 10;

using RawHeaders = Handle<rd_kafka_headers_t, rd_kafka_headers_destroy>;

Settings settings_of(const WriterOptions& options) {
  Settings settings{
      {"bootstrap.servers", options.bootstrap}, {"compression.codec", options.codec},
      {"enable.idempotence", "true"},           {"linger.ms", "5"},
      {"message.max.bytes", "20000000"},        {"topic.metadata.refresh.interval.ms", "1000"}};
  if (!options.transactional_id.empty()) settings["transactional.id"] = options.transactional_id;
  for (const auto& [key, value] : options.extra) settings[key] = value;
  return settings;
}

RawHeaders raw_headers(const Headers& headers) {
  RawHeaders raw(rd_kafka_headers_new(headers.size()));
  for (const auto& [name, value] : headers) {
    require_ok(rd_kafka_header_add(raw.get(), name.data(), static_cast<ssize_t>(name.size()),
                                   value ? value->data() : nullptr,
                                   value ? static_cast<ssize_t>(value->size()) : 0),
               "add header");
  }
  return raw;
}

rd_kafka_vu_t argument(rd_kafka_vtype_t type) {
  rd_kafka_vu_t vu{};
  vu.vtype = type;
  return vu;
}

rd_kafka_vu_t memory(rd_kafka_vtype_t type, const Bytes& bytes) {
  rd_kafka_vu_t vu = argument(type);
  vu.u.mem.ptr = bytes ? const_cast<char*>(bytes->data()) : nullptr;
  vu.u.mem.size = bytes ? bytes->size() : 0;
  return vu;
}

// One attempt; null, or librdkafka's error. Headers are librdkafka's only when it succeeded.
RawError produce_once(rd_kafka_t* client, const std::string& topic, const Record& record,
                      void* opaque) {
  RawHeaders headers = raw_headers(record.headers);
  std::array<rd_kafka_vu_t, 8> args = {argument(RD_KAFKA_VTYPE_TOPIC),
                                       argument(RD_KAFKA_VTYPE_PARTITION),
                                       argument(RD_KAFKA_VTYPE_MSGFLAGS),
                                       memory(RD_KAFKA_VTYPE_KEY, record.key),
                                       memory(RD_KAFKA_VTYPE_VALUE, record.value),
                                       argument(RD_KAFKA_VTYPE_TIMESTAMP),
                                       argument(RD_KAFKA_VTYPE_OPAQUE),
                                       argument(RD_KAFKA_VTYPE_HEADERS)};
  args[0].u.cstr = topic.c_str();
  args[1].u.i32 = record.partition;
  args[2].u.i = RD_KAFKA_MSG_F_COPY;
  args[5].u.i64 = record.timestamp_ms;
  args[6].u.ptr = opaque;
  args[7].u.headers = headers.get();
  const size_t count = record.headers.empty() ? args.size() - 1 : args.size();
  RawError error(rd_kafka_produceva(client, args.data(), count));
  if (error == nullptr && count == args.size()) (void)headers.release();
  return error;
}

}  // namespace

Writer::Writer(const WriterOptions& options)
    : remember_(options.remember),
      client_(open_client(RD_KAFKA_PRODUCER, settings_of(options), &Writer::delivered, this)) {
  if (options.transactional_id.empty()) return;
  require_ok(rd_kafka_init_transactions(client_.get(), kTimeoutMs), "init transactions");
}

void Writer::delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto* writer = static_cast<Writer*>(opaque);
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (writer->failure_.empty()) writer->failure_ = rd_kafka_err2str(message->err);
    return;
  }
  auto* record = static_cast<Record*>(message->_private);
  if (record != nullptr) record->offset = message->offset;
}

void Writer::write(const std::string& topic, const Record& record) {
  void* opaque = nullptr;
  if (remember_) opaque = &open_.emplace_back(record);
  while (true) {
    const RawError error = produce_once(client_.get(), topic, record, opaque);
    rd_kafka_poll(client_.get(), error == nullptr ? 0 : kPollPauseMs);
    if (error == nullptr) break;
    if (rd_kafka_error_code(error.get()) == RD_KAFKA_RESP_ERR__QUEUE_FULL) continue;
    throw HarnessError("produce to " + topic + ": " + rd_kafka_error_string(error.get()));
  }
  require(failure_.empty(), "delivery to " + topic + ": " + failure_);
}

void Writer::flush() {
  require_ok(rd_kafka_flush(client_.get(), kTimeoutMs), "flush");
  require(failure_.empty(), "delivery: " + failure_);
  if (!in_transaction_) keep_open();
}

void Writer::begin() {
  require_ok(rd_kafka_begin_transaction(client_.get()), "begin transaction");
  in_transaction_ = true;
}

void Writer::commit() {
  require_ok(rd_kafka_commit_transaction(client_.get(), kTimeoutMs), "commit transaction");
  require(failure_.empty(), "delivery: " + failure_);
  in_transaction_ = false;
  keep_open();
}

void Writer::abort() {
  flush();
  require_ok(rd_kafka_abort_transaction(client_.get(), kTimeoutMs), "abort transaction");
  in_transaction_ = false;
  open_.clear();
}

void Writer::keep_open() {
  for (Record& record : open_) done_.push_back(std::move(record));
  open_.clear();
}

std::vector<Record> Writer::take_written() {
  require(open_.empty(), "take_written() before flush() or commit()");
  return std::exchange(done_, {});
}

}  // namespace longspan::harness
