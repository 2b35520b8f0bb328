#include "tests/chaos/traffic.h"

#include <algorithm>
#include <utility>

#include "tests/broker/harness/topics.h"

namespace longspan::chaos {
namespace {

constexpr int64_t kFirstTimestampMs = 1'690'000'000'000;  // July 2023
constexpr uint64_t kShuffled = 0x1ff;

}  // namespace

int64_t nth_timestamp_ms(uint64_t n) {
  return kFirstTimestampMs +
         static_cast<int64_t>(n ^ (((n >> 9) & 1) != 0 ? kShuffled : kShuffled >> 4));
}

Traffic::Traffic(std::string bootstrap, const std::vector<TrafficTopic>& topics, TrafficPace pace)
    : bootstrap_(std::move(bootstrap)), pace_(pace), random_(pace.seed) {
  for (const TrafficTopic& topic : topics) {
    topics_.push_back({.given = topic, .maker = harness::RecordMaker(topic.mix)});
  }
  thread_ = std::jthread([this](const std::stop_token& stopped) { run(stopped); });
}

void Traffic::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  writers_.clear();
}

// A writer that was kept waiting does not make up for it: the rate is an upper bound.
void Traffic::run(const std::stop_token& stopped) {
  auto due = std::chrono::steady_clock::now();
  while (!stopped.stop_requested()) {
    const uint64_t before = written_;
    write_portion();
    const std::chrono::duration<double> share(static_cast<double>(written_ - before + 1) /
                                              pace_.records_per_second);
    due = std::max(due + std::chrono::duration_cast<std::chrono::nanoseconds>(share),
                   std::chrono::steady_clock::now() - std::chrono::seconds(1));
    std::this_thread::sleep_until(due);
  }
}

harness::Writer& Traffic::writer_of(const std::string& codec, bool transactional) {
  auto& writer = writers_[codec + (transactional ? " transactional" : "")];
  if (writer != nullptr) return *writer;
  harness::WriterOptions options{.bootstrap = bootstrap_, .codec = codec, .remember = false};
  if (transactional) {
    options.transactional_id = harness::unique_name("txn");
    options.extra["transaction.timeout.ms"] = "20000";  // what a lost writer leaves open ends soon
  }
  writer = std::make_unique<harness::Writer>(options);
  return *writer;
}

size_t Traffic::fill(harness::Writer& writer, Topic& topic) {
  const size_t count = random_() % topic.given.portion_max + 1;
  for (size_t i = 0; i < count; ++i) {
    harness::Record record = topic.maker.next();
    record.timestamp_ms = nth_timestamp_ms(topic.sequence++);
    writer.write(topic.given.name, record);
  }
  return count;
}

void Traffic::write_plain(const std::string& codec, Topic& topic) {
  harness::Writer& writer = writer_of(codec, false);
  const size_t count = fill(writer, topic);
  writer.flush();
  written_ += count;
}

// One transaction over two topics.
void Traffic::write_transaction(const std::string& codec, Topic& one, Topic& other) {
  const bool is_aborted = random_() % 3 == 0;
  harness::Writer& writer = writer_of(codec, true);
  writer.begin();
  const size_t count = fill(writer, one) + fill(writer, other);
  is_aborted ? writer.abort() : writer.commit();
  written_ += count;
}

void Traffic::write_portion() {
  const std::string& codec = harness::kCodecs[random_() % harness::kCodecs.size()];
  const bool transactional = random_() % 2 == 0;
  Topic& one = topics_[random_() % topics_.size()];
  Topic& other = topics_[random_() % topics_.size()];
  try {
    transactional ? write_transaction(codec, one, other) : write_plain(codec, one);
  } catch (const harness::HarnessError&) {
    writers_.erase(codec + (transactional ? " transactional" : ""));
    ++writers_lost_;
  }
}

}  // namespace longspan::chaos
