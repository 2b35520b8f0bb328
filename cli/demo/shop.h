// cli/demo/shop.h - a small shop's database and the connector behind it: the demo's source of
// change events.
//
// A transaction inserts, updates and deletes rows of one table, all in one partition of its topic;
// each delete is followed by its tombstone. The same seed gives the same rows.
//
// Units:   `now_us` is the wall clock in microseconds since the epoch; it is the commit time.
// Threads: one.
// Limits:  kRowsMax live rows a partition: above it rows are deleted rather than inserted.
// Source:  Debezium 3.7: context headers, tombstones that repeat their delete's headers; W3C
//          Trace Context for traceparent.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "cli/demo/change_event.h"
#include "cli/demo/tables.h"
#include "lagcalc/topic_partition.h"
#include "mirror/record.h"

namespace longspan::demo {

inline constexpr std::size_t kRowsMax = 400;

// One partition that the source writes. Streams are numbered 0.. in the order of streams().
struct Stream {
  TopicPartition place;
  const Table* table = nullptr;  // null: the heartbeat topic
};
[[nodiscard]] const std::vector<Stream>& streams();

struct ShopRecord {
  std::size_t stream = 0;
  std::int64_t lsn = 0;  // 0: the record carries none (tombstone, heartbeat)
  OwnedRecord record;
};

class Shop {
 public:
  explicit Shop(std::uint64_t seed);

  // About `changes` row changes of one commit; partitions take turns.
  std::vector<ShopRecord> transaction(std::int64_t changes, std::int64_t now_us);
  ShopRecord heartbeat(std::int64_t now_us);

 private:
  struct Partition {
    std::int64_t next_id = 1;
    std::vector<Row> rows;
  };

  void change(std::size_t stream, const Transaction& transaction, std::vector<ShopRecord>& out);
  void erase(std::size_t stream, std::size_t row, const Transaction& transaction,
             std::vector<ShopRecord>& out);
  ShopRecord make(std::size_t stream, const Transaction& transaction, ChangeEvent event,
                  Headers headers);
  Row new_row(std::size_t stream, std::int64_t now_us);
  void update(const Table& table, Row& row, std::int64_t now_us);
  Headers headers();
  std::uint64_t random() { return random_(); }
  std::int64_t below(std::int64_t limit);

  std::mt19937_64 random_;
  std::string run_id_;
  std::vector<Partition> partitions_;
  std::size_t turn_ = 0;
  std::int64_t transaction_id_ = 752;
  std::int64_t lsn_ = 26'716'536;
  std::int64_t commit_lsn_ = 26'716'536;
};

}  // namespace longspan::demo
