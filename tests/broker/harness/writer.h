// tests/broker/harness/writer.h - writes exact records with one codec, plainly or in transactions.
//
// Errors:  HarnessError when a record is refused, a flush takes 120 s, or a transaction fails.
// Threads: one thread; delivery reports are served inside write(), flush(), commit() and abort().
// Limits:  librdkafka's own queue; write() waits when it is full.

#pragma once

#include <deque>
#include <string>
#include <vector>

#include "tests/broker/harness/kafka_handle.h"
#include "tests/broker/harness/record.h"

namespace longspan::harness {

struct WriterOptions {
  std::string bootstrap;
  std::string codec = "none";
  std::string transactional_id = {};  // empty: idempotent, without transactions
  Settings extra = {};
  bool remember = true;  // false: written() stays empty, for workloads that do not fit in memory
};

class Writer {
 public:
  explicit Writer(const WriterOptions& options);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void write(const std::string& topic, const Record& record);
  void flush();

  void begin();
  void commit();
  // Flushes first: aborting a transaction of which nothing was sent is fatal in librdkafka. So a
  // transaction needs a record before it can be aborted.
  void abort();

  // Acknowledged and, in transactions, committed records, with their offsets; and then forgotten.
  std::vector<Record> take_written();

 private:
  static void delivered(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque);
  void keep_open();

  bool remember_;
  std::string failure_;      // the first failed delivery
  std::deque<Record> open_;  // stable addresses: messages carry a pointer to their record
  std::vector<Record> done_;
  bool in_transaction_ = false;
  Client client_;  // last: its destructor may still serve delivery reports
};

}  // namespace longspan::harness
