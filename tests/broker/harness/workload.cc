#include "tests/broker/harness/workload.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <utility>

#include "tests/broker/harness/topics.h"
#include "tests/broker/harness/writer.h"

namespace longspan::harness {
namespace {

constexpr int64_t kFirstTimestampMs = 1'690'000'000'000;  // July 2023
constexpr size_t kPortions = 20;

enum class Portion { plain, committed, aborted };

// plain, committed, plain, aborted, ... so each codec meets each kind within twenty portions.
Portion kind_of(size_t portion) {
  if (portion % 2 == 0) return Portion::plain;
  return (portion / kCodecs.size()) % 2 == 0 ? Portion::committed : Portion::aborted;
}

// The writers of one workload: opened once for each codec, plain and transactional.
class Writers {
 public:
  explicit Writers(std::string bootstrap) : bootstrap_(std::move(bootstrap)) {}

  Writer& of(const std::string& codec, Portion kind) {
    const bool plain = kind == Portion::plain;
    auto& writer = writers_[codec + (plain ? "" : " transactional")];
    if (writer == nullptr) {
      writer = std::make_unique<Writer>(
          WriterOptions{.bootstrap = bootstrap_,
                        .codec = codec,
                        .transactional_id = plain ? "" : unique_name("txn")});
    }
    return *writer;
  }

 private:
  std::string bootstrap_;
  std::map<std::string, std::unique_ptr<Writer>> writers_;
};

}  // namespace

RecordMaker::RecordMaker(const RecordMix& mix) : mix_(mix), random_(mix.seed) {}

uint64_t RecordMaker::below(uint64_t bound) { return random_() % bound; }

std::string RecordMaker::bytes(size_t size) {
  std::string text(size, '\0');
  // Half of it text-like, half binary: codecs get something to do and zero bytes are met.
  const bool binary = below(2) == 0;
  for (char& c : text) c = static_cast<char>(binary ? below(256) : 'a' + below(16));
  return text;
}

Bytes RecordMaker::key() {
  const bool may_be_null = mix_.keys == Keys::some_null;
  const uint64_t dice = below(20);
  if (dice == 0 && may_be_null) return std::nullopt;
  if (dice == 1 && may_be_null) return "";
  return "key-" + std::to_string(below(mix_.distinct_keys));
}

Bytes RecordMaker::value() {
  const uint64_t dice = below(20);
  if (dice == 0) return std::nullopt;
  if (dice == 1) return "";
  std::string text = std::to_string(sequence_) + ":";
  const size_t room = mix_.value_bytes_max - std::min(mix_.value_bytes_max, text.size());
  return text + bytes(below(room + 1));
}

Headers RecordMaker::headers() {
  Headers headers;
  if (below(3) == 0) return headers;
  for (uint64_t i = 0, count = below(6); i < count; ++i) {
    const uint64_t dice = below(6);
    const std::string name = "h" + std::to_string(below(3));  // repeats soon
    if (dice == 0) {
      headers.emplace_back(name, std::nullopt);
    } else {
      headers.emplace_back(name, dice == 1 ? "" : bytes(below(30) + 1));
    }
  }
  return headers;
}

Record RecordMaker::next() {
  Record record;
  record.partition = static_cast<int32_t>(below(static_cast<uint64_t>(mix_.partitions)));
  record.key = key();
  record.value = value();
  record.headers = headers();
  record.timestamp_ms =
      kFirstTimestampMs + static_cast<int64_t>(sequence_ * 10) + static_cast<int64_t>(below(1000));
  ++sequence_;
  return record;
}

Written produce_mixed(const Workload& workload) {
  Written written;
  RecordMaker maker(workload.mix);
  Writers writers(workload.bootstrap);
  for (size_t portion = 0; portion < kPortions; ++portion) {
    const size_t first = workload.records * portion / kPortions;
    const size_t count = workload.records * (portion + 1) / kPortions - first;
    if (count == 0) continue;
    const Portion kind = kind_of(portion);
    Writer& writer = writers.of(kCodecs[portion % kCodecs.size()], kind);
    if (kind != Portion::plain) writer.begin();
    for (size_t i = 0; i < count; ++i) writer.write(workload.topic, maker.next());
    if (kind == Portion::plain) writer.flush();
    if (kind == Portion::committed) writer.commit();
    if (kind == Portion::aborted) writer.abort();
    if (kind == Portion::aborted) written.aborted += count;
    std::ranges::move(writer.take_written(), std::back_inserter(written.visible));
  }
  return written;
}

}  // namespace longspan::harness
