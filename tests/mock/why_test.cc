// A flow between two embedded clusters, each behind a line of its own that is cut: the first cause
// must be the cluster that is away, within 30 s, and gone when it is back.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "cli/demo/demo_admin.h"
#include "cli/demo/wan_link.h"
#include "lagcalc/why/cause_table.h"
#include "mirror/flow.h"
#include "mirror/kafka/clients.h"
#include "mirror/kafka/embedded_cluster.h"
#include "tests/broker/harness/eventually.h"

namespace longspan {
namespace {

using demo::WanLink;
using harness::eventually;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kDeadline{30};
constexpr milliseconds kSession{6000};  // less than an answer may take

// One region: a cluster, and the line over which the flow reaches it.
struct Region {
  explicit Region(const std::string& alias) {
    cluster = std::move(*EmbeddedCluster::start(alias));
    link = std::move(*WanLink::start(cluster->port(), milliseconds(2)));
    EXPECT_TRUE(cluster->advertise(link->port()));
    config.alias = alias;
    config.common = {{"bootstrap.servers", "127.0.0.1:" + std::to_string(link->port())}};
  }
  std::unique_ptr<EmbeddedCluster> cluster;
  std::unique_ptr<WanLink> link;
  ClusterConfig config;
};

class Why : public testing::Test {
 protected:
  void SetUp() override {
    set_log_level(LogLevel::error);
    ASSERT_TRUE(east.cluster->create_topic("orders", 2));
    writer = std::move(*east.cluster->make_writer("writer"));
    FlowConfig config;
    config.source = east.config;
    config.target = west.config;
    config.naming = *Naming::make({NamingPolicy::prefixed, "east", "west", ".", false, {}});
    config.topics = *TopicFilter::make({"orders"}, {}, false);
    config.slots = 2;
    config.refresh_topics_interval = milliseconds(1000);
    config.admin_timeout = milliseconds(8000);
    config.session_timeout = kSession;
    flow = std::make_unique<Flow>(config, FlowLimits{.process = "test:1"}, ports());
    const auto started = flow->start();
    ASSERT_TRUE(started) << started.error().text();
    ASSERT_TRUE(becomes(Cause::keeping_up)) << all();
  }
  void TearDown() override {
    west.link->restore();
    if (flow) flow->stop(seconds(3));
  }

  FlowPorts ports() {
    FlowPorts out = real_ports();
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
  // Meanwhile a record is written, as a source that lives does.
  bool becomes(Cause cause) {
    return eventually(kDeadline, [&] {
      std::ignore = writer->write({"orders", 0}, {"k", "v", make_clock()->now(), {}}, 0);
      std::ignore = writer->poll(milliseconds(0));
      const auto why = flow->snapshot().why;
      return why && !why->found.empty() && why->found.front().cause == cause;
    });
  }
  std::string all() {
    std::string out;
    const auto why = flow->snapshot().why;
    for (const auto& each : why->found)
      out += std::string(name(each.cause)) + ": " + each.what + "\n";
    for (const Cause cause : why->unknown) out += " ?" + std::string(name(cause));
    return out;
  }

  Region east{"east"};
  Region west{"west"};
  std::unique_ptr<EmbeddedWriter> writer;
  std::unique_ptr<Flow> flow;
};

TEST_F(Why, ASourceThatStopsIsTheFirstCauseUntilItIsBack) {
  east.link->cut();
  ASSERT_TRUE(becomes(Cause::source_unreachable)) << all();
  east.link->restore();
  ASSERT_TRUE(becomes(Cause::keeping_up)) << all();
}

TEST_F(Why, ATargetThatStopsIsTheFirstCauseUntilItIsBack) {
  west.link->cut();
  ASSERT_TRUE(becomes(Cause::target_unreachable)) << all();
  west.link->restore();
  ASSERT_TRUE(becomes(Cause::keeping_up)) << all();
}

// A liveness probe must not restart a process because a cluster is away.
TEST_F(Why, EveryThreadTurnsWhileTheTargetIsAwayForLongerThanTheSession) {
  west.link->cut();
  ASSERT_TRUE(eventually(kDeadline, [&] { return flow->snapshot().slots.empty(); }));
  EXPECT_FALSE(eventually(2 * kSession, [&] { return !flow->is_alive(); }));
}

// The clients' threads tell their time: the mirror does something, and is not busy.
TEST_F(Why, TheLoadOfTheClientsIsKnown) {
  ASSERT_TRUE(eventually(kDeadline, [&] {
    const auto load = flow->snapshot().load;
    return load && load->shard_cpu_ratio && load->source.cpu_ratio && load->target.cpu_ratio &&
           load->source.throttle_ratio;
  }));
  const auto load = *flow->snapshot().load;
  EXPECT_GT(*load.shard_cpu_ratio, 0);
  EXPECT_GT(*load.source.cpu_ratio, 0);
  EXPECT_LT(*load.source.cpu_ratio, 1.1);
  EXPECT_EQ(load.source.throttle_ratio, 0);
}

}  // namespace
}  // namespace longspan
