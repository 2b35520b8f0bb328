// A flow between two embedded clusters whose topic is reparented: what librdkafka writes is the
// record with its hop in the trace headers, and nothing else is changed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cli/demo/demo_admin.h"
#include "mirror/flow.h"
#include "mirror/kafka/clients.h"
#include "mirror/kafka/embedded_cluster.h"
#include "mirror/verify/difference.h"
#include "tests/broker/harness/eventually.h"

namespace longspan {
namespace {

using harness::eventually;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kDeadline{30};
const std::string kTrace = "0af7651916cd43dd8448eb211c80319c";
const std::string kIncoming = "00-" + kTrace + "-b7ad6b7169203331-01";

class Collected : public SpanSink {
 public:
  void push(Span span) override {
    const std::lock_guard lock(mutex_);
    spans_.push_back(std::move(span));
  }
  [[nodiscard]] std::vector<Span> all() const {
    const std::lock_guard lock(mutex_);
    return spans_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Span> spans_;  // protected by mutex_
};

struct Region {
  explicit Region(const std::string& alias) : cluster(std::move(*EmbeddedCluster::start(alias))) {
    config.alias = alias;
    config.common = {{"bootstrap.servers", "127.0.0.1:" + std::to_string(cluster->port())}};
  }
  std::unique_ptr<EmbeddedCluster> cluster;
  ClusterConfig config;
};

class Traces : public testing::Test {
 protected:
  void SetUp() override {
    set_log_level(LogLevel::error);
    ASSERT_TRUE(east.cluster->create_topic("orders", 1));
    writer = std::move(*east.cluster->make_writer("writer"));
    start();
  }
  void TearDown() override {
    if (flow) flow->stop(seconds(3));
  }
  void start() {
    FlowConfig config;
    config.source = east.config;
    config.target = west.config;
    config.naming = *Naming::make({NamingPolicy::prefixed, "east", "west", ".", false, {}});
    config.topics = *TopicFilter::make({"orders"}, {}, false);
    config.slots = 2;
    config.refresh_topics_interval = milliseconds(1000);
    config.admin_timeout = milliseconds(5000);
    config.latency_groups = *NamePatterns::make({}, "latency.groups");
    config.traces.reparent = *NamePatterns::make({"orders"}, "trace.reparent.topics");
    config.traces.records_per_second = 100'000;
    flow = std::make_unique<Flow>(config, FlowLimits{.process = "test:1"}, ports());
    const auto started = flow->start();
    ASSERT_TRUE(started) << started.error().text();
  }
  FlowPorts ports() {
    FlowPorts out = real_ports();
    out.spans = &spans;
    out.make_admin = [this](const ClusterConfig& config, const std::string& id,
                            milliseconds timeout) -> Result<std::unique_ptr<Admin>> {
      auto inner = make_admin(config, id, timeout);
      if (!inner) return inner.error();
      auto topics = make_embedded_topics(config, id + "|topics", timeout);
      if (!topics) return topics.error();
      EmbeddedCluster& home = config.alias == "east" ? *east.cluster : *west.cluster;
      return demo::make_demo_admin(home, std::move(*inner), std::move(*topics));
    };
    return out;
  }
  void write(Headers headers, std::size_t value_bytes) {
    const OwnedRecord record{"k" + std::to_string(written.size()),
                             std::string(value_bytes, 'v'),
                             {1'700'000'000'000 + static_cast<std::int64_t>(written.size())},
                             std::move(headers)};
    written.push_back(record);
    ASSERT_TRUE(eventually(kDeadline, [&] {
      const auto taken = writer->write({"orders", 0}, record, written.size());
      std::ignore = writer->poll(milliseconds(0));
      return taken && *taken;
    }));
  }
  // All that is on the target, once as much is there as was written.
  std::vector<ReadRecord> copies() {
    auto reader = std::move(*west.cluster->make_reader("reader", {{"east.orders", 0}}));
    std::vector<ReadRecord> out;
    EXPECT_TRUE(eventually(kDeadline, [&] {
      std::ignore = writer->poll(milliseconds(0));
      auto some = reader->poll(milliseconds(20));
      if (some) std::move(some->begin(), some->end(), std::back_inserter(out));
      return out.size() >= written.size();
    })) << out.size();
    return out;
  }
  void expect_equal(const std::vector<ReadRecord>& copies) {
    ASSERT_EQ(copies.size(), written.size());
    for (std::size_t i = 0; i < written.size(); ++i) {
      Record source = make_record(written[i]);
      source.offset = {static_cast<std::int64_t>(i)};
      const auto differs = difference(source, make_record(copies[i].record), rule);
      EXPECT_FALSE(differs) << i << ": " << *differs;
    }
  }

  const RewriteRule rule{HopIds("east->west", {"orders", 0}), true, {TraceFormat::w3c}};
  Region east{"east"};
  Region west{"west"};
  Collected spans;
  std::unique_ptr<EmbeddedWriter> writer;
  std::vector<OwnedRecord> written;
  std::unique_ptr<Flow> flow;
};

// Small values are copied into the library, large ones are lent to it.
TEST_F(Traces, OnlyTraceHeadersOfACopyDiffer) {
  const std::string bytes("\0\xff\x01", 3);
  for (const std::size_t size : {10U, 4'000U}) {
    write({{"a", "1"}, {"traceparent", kIncoming}, {"a", "1"}, {"n", std::nullopt}, {"z", bytes}},
          size);
    write({}, size);
    write({{"a", "1"}, {"a", ""}}, size);
    write({{"traceparent", "00-nonsense"}, {"a", "1"}}, size);
    write({{"b3", kTrace + "-b7ad6b7169203331-1"}, {"traceparent", kIncoming}}, size);
  }
  const auto all = copies();
  expect_equal(all);
  const std::string hop = "00-" + kTrace + "-" + hex(rule.ids.span({5})) + "-01";
  EXPECT_EQ(
      all[5].record.headers,
      (Headers{{"a", "1"}, {"a", "1"}, {"n", std::nullopt}, {"z", bytes}, {"traceparent", hop}}));
  ASSERT_EQ(all[6].record.headers.size(), 1U) << "a trace begins";
  EXPECT_EQ(all[8].record.headers, written[8].headers) << "what is broken stays";
  EXPECT_TRUE(eventually(kDeadline, [&] {
    for (const Span& span : spans.all()) {
      if (span.ids.span == rule.ids.span({5}) && hex(span.ids.trace) == kTrace) return true;
    }
    return false;
  })) << "the span that the copy names";
}

TEST_F(Traces, AnotherProcessGoesOnWhereTheFirstStopped) {
  for (int i = 0; i < 300; ++i) write({{"traceparent", kIncoming}}, 500);
  std::ignore = copies();
  flow->stop(seconds(5));
  flow.reset();
  for (int i = 0; i < 300; ++i) write({{"traceparent", kIncoming}}, 50);
  start();
  expect_equal(copies());
  EXPECT_EQ(flow->snapshot().events_total[EventKind::tail_mismatch], 0);
}

}  // namespace
}  // namespace longspan
