#include "cli/demo/shop.h"

#include <array>
#include <cstdio>
#include <ctime>
#include <utility>

namespace longspan::demo {
namespace {

constexpr auto kStatuses =
    std::to_array<const char*>({"new", "paid", "packed", "sent", "returned"});
constexpr auto kCities = std::to_array<const char*>({"Lisboa", "Tromsø", "Zürich", "Kraków", ""});
constexpr auto kNames =
    std::to_array<const char*>({"Ada", "Grace", "Edsger", "Barbara", "Niklaus"});
constexpr auto kMethods = std::to_array<const char*>({"card", "transfer", "invoice"});

// 2026-11-21T00:08:37.034262Z
std::string zoned(std::int64_t us) {
  const std::time_t seconds = us / 1'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  char fraction[16];
  std::snprintf(fraction, sizeof fraction, ".%06dZ", static_cast<int>(us % 1'000'000));
  return std::string(text, length) + fraction;
}

std::string hex(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

std::vector<Stream> all_streams() {
  std::vector<Stream> out;
  for (const Table& table : tables()) {
    for (std::int32_t p = 0; p < table.partitions; ++p) {
      out.push_back({{std::string(table.topic), p}, &table});
    }
  }
  out.push_back({{std::string(kHeartbeatTopic), 0}, nullptr});
  return out;
}

// A version 4 UUID.
std::string uuid(std::uint64_t high, std::uint64_t low) {
  std::string h = hex(high);
  std::string l = hex(low);
  h[12] = '4';
  l[0] = '8';
  return h.substr(0, 8) + "-" + h.substr(8, 4) + "-" + h.substr(12) + "-" + l.substr(0, 4) + "-" +
         l.substr(4);
}

}  // namespace

const std::vector<Stream>& streams() {
  static const std::vector<Stream> all = all_streams();
  return all;
}

Shop::Shop(std::uint64_t seed) : random_(seed), partitions_(streams().size() - 1) {
  const std::uint64_t high = random();
  run_id_ = uuid(high, random());
  for (std::size_t i = 0; i < partitions_.size(); ++i) {
    partitions_[i].next_id = 1000 + streams()[i].place.partition;
  }
}

std::int64_t Shop::below(std::int64_t limit) {
  return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(limit));
}

std::vector<ShopRecord> Shop::transaction(std::int64_t changes, std::int64_t now_us) {
  const Transaction transaction{++transaction_id_, now_us, commit_lsn_};
  const std::size_t stream = turn_++ % partitions_.size();
  std::vector<ShopRecord> out;
  out.reserve(static_cast<std::size_t>(changes) + 1);
  while (std::cmp_less(out.size(), changes)) change(stream, transaction, out);
  commit_lsn_ = lsn_ += 48;  // the commit record
  return out;
}

void Shop::change(std::size_t stream, const Transaction& transaction,
                  std::vector<ShopRecord>& out) {
  auto& rows = partitions_[stream].rows;
  const std::int64_t dice = below(100);
  ChangeEvent event;
  if (rows.size() < 8 || (dice < 45 && rows.size() < kRowsMax)) {
    rows.push_back(new_row(stream, transaction.commit_us));
    event.after = rows.back();
  } else {
    const auto at = static_cast<std::size_t>(below(std::ssize(rows)));
    if (dice >= 85 || rows.size() >= kRowsMax) return erase(stream, at, transaction, out);
    event.op = 'u';
    event.before = rows[at];
    update(*streams()[stream].table, rows[at], transaction.commit_us);
    event.after = rows[at];
  }
  out.push_back(make(stream, transaction, std::move(event), headers()));
}

void Shop::erase(std::size_t stream, std::size_t row, const Transaction& transaction,
                 std::vector<ShopRecord>& out) {
  auto& rows = partitions_[stream].rows;
  ChangeEvent event;
  event.op = 'd';
  event.before = std::move(rows[row]);
  rows[row] = std::move(rows.back());
  rows.pop_back();
  out.push_back(make(stream, transaction, std::move(event), headers()));
  ShopRecord tombstone = out.back();  // key, headers and time of its delete
  tombstone.lsn = 0;
  tombstone.record.value.reset();
  out.push_back(std::move(tombstone));
}

ShopRecord Shop::make(std::size_t stream, const Transaction& transaction, ChangeEvent event,
                      Headers headers) {
  const Table& table = *streams()[stream].table;
  lsn_ += 56 + below(16) * 8;
  event.lsn = lsn_;
  event.processed_us = transaction.commit_us;  // the connector is as quick as the clock
  const Row& image = event.after ? *event.after : *event.before;
  ShopRecord out{stream, event.lsn, {}};
  out.record.key = encode_key(table, std::get<std::int64_t>(image[0]));
  out.record.value = encode_value(table, transaction, event);
  out.record.timestamp = {transaction.commit_us / 1000};
  out.record.headers = std::move(headers);
  return out;
}

Row Shop::new_row(std::size_t stream, std::int64_t now_us) {
  const Table& table = *streams()[stream].table;
  auto& next_id = partitions_[stream].next_id;
  const std::int64_t id = std::exchange(next_id, next_id + table.partitions);
  if (table.name == "orders") {
    return {id,     below(5000),   kStatuses[0],   below(100'000) - 500,
            now_us, zoned(now_us), below(10) == 0, {}};
  }
  const std::string name = kNames[random() % kNames.size()];
  if (table.name == "customers") {
    return {id, name, name + std::to_string(id) + "@shop.example", {}, now_us};
  }
  return {id, below(50'000), kMethods[random() % kMethods.size()], below(100'000), now_us};
}

void Shop::update(const Table& table, Row& row, std::int64_t now_us) {
  if (table.name == "orders") {
    row[2] = kStatuses[1 + random() % (kStatuses.size() - 1)];
    row[5] = zoned(now_us);
    row[7] = below(3) == 0 ? Cell() : Cell("changed at " + zoned(now_us));
  } else if (table.name == "customers") {
    const std::string city = kCities[random() % kCities.size()];
    row[3] = city.empty() ? Cell() : Cell(city);
  } else {
    row[3] = below(100'000);
  }
}

ShopRecord Shop::heartbeat(std::int64_t now_us) {
  ShopRecord out{streams().size() - 1, 0, {}};
  out.record.key = encode_heartbeat_key();
  out.record.value = encode_heartbeat_value(now_us / 1000);
  out.record.timestamp = {now_us / 1000};
  return out;
}

Headers Shop::headers() {
  Headers out = {{"__debezium.context.connectorLogicalName", std::string(kTopicPrefix)},
                 {"__debezium.context.taskId", "0"},
                 {"__debezium.context.connectorName", "postgresql"},
                 {"__debezium.context.runId", run_id_}};
  const std::string high = hex(random());
  const std::string trace = high + hex(random());
  out.push_back({"traceparent", "00-" + trace + "-" + hex(random() | 1) + "-01"});
  return out;
}

}  // namespace longspan::demo
