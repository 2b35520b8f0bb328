#include "tests/chaos/written_topic.h"

#include <algorithm>
#include <utility>

#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/reader.h"
#include "tests/broker/harness/writer.h"
#include "tests/chaos/traffic.h"

namespace longspan::chaos {

WrittenTopic::WrittenTopic(const harness::Clusters& clusters, harness::Topic topic)
    : clusters_(clusters), topic_(std::move(topic)), admin_(clusters.source) {
  admin_.create(topic_);
}

void WrittenTopic::write(size_t records) {
  harness::Writer writer({.bootstrap = clusters_.source});
  for (size_t i = 0; i < records; ++i) {
    const uint64_t n = written_.size() + i;
    writer.write(topic_.name, {.key = "key-" + std::to_string(n % 7),
                               .value = "record " + std::to_string(n),
                               .timestamp_ms = nth_timestamp_ms(n)});
  }
  writer.flush();
  std::ranges::move(writer.take_written(), std::back_inserter(written_));
}

void WrittenTopic::remake() {
  admin_.remove(topic_.name);
  const bool is_gone =
      harness::eventually(kCopyDeadline, [&] { return admin_.partitions(topic_.name) == 0; });
  harness::require(is_gone, topic_.name + " was deleted and does not go");
  admin_.create(topic_);
}

// A client that knows the former leader would go on asking it.
void WrittenTopic::ask_leader(const std::function<void(harness::Admin&)>& ask) {
  std::string trouble;
  const bool is_led = harness::eventually(kCopyDeadline, [&] {
    try {
      harness::Admin admin(clusters_.source);
      ask(admin);
    } catch (const harness::HarnessError& error) {
      trouble = error.what();
      return false;
    }
    return true;
  });
  harness::require(is_led, topic_.name + " has no leader: " + trouble);
}

int64_t WrittenTopic::end() {
  int64_t end = -1;
  ask_leader([&](harness::Admin& admin) { end = admin.range(topic_.name, 0).end; });
  return end;
}

void WrittenTopic::delete_before(int64_t offset) {
  ask_leader([&](harness::Admin& admin) { admin.delete_records(topic_.name, 0, offset); });
}

bool WrittenTopic::wait_until_copied() {
  const int64_t last = written_.back().timestamp_ms;
  return harness::eventually(kCopyDeadline, [&] {
    const auto copies = target();
    return std::ranges::any_of(copies, [&](const auto& r) { return r.timestamp_ms == last; });
  });
}

std::vector<harness::Record> WrittenTopic::source() const {
  return harness::read_partition({.bootstrap = clusters_.source, .topic = topic_.name});
}

std::vector<harness::Record> WrittenTopic::target() const {
  const std::string copy = "east." + topic_.name;
  if (harness::Admin(clusters_.target).partitions(copy) == 0) return {};
  return harness::read_partition({.bootstrap = clusters_.target, .topic = copy});
}

}  // namespace longspan::chaos
