// The least rights, as ARCHITECTURE.md lists them, are enough: everything a flow does, it may.

#include <gtest/gtest.h>

#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/mirror_run.h"
#include "tests/broker/harness/properties.h"
#include "tests/broker/harness/topics.h"
#include "tests/broker/harness/writer.h"

namespace longspan::harness {
namespace {

class Acls : public BrokerTest, public testing::WithParamInterface<const char*> {
 protected:
  static constexpr auto kPrefixed = RD_KAFKA_RESOURCE_PATTERN_PREFIXED;

  [[nodiscard]] bool is_exactly_once() const { return std::string(GetParam()) == "enabled"; }

  void allow_source() {
    Admin admin(clusters().source);
    for (const auto operation :
         {RD_KAFKA_ACL_OPERATION_READ, RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS}) {
      admin.allow(clusters().user, {.name = topic_, .operation = operation});
    }
  }
  void allow_target() {
    Admin admin(clusters().target);
    const auto& user = clusters().user;
    const std::string own = "longspan." + alias_ + ".west.";
    for (const auto operation : {RD_KAFKA_ACL_OPERATION_CREATE, RD_KAFKA_ACL_OPERATION_READ,
                                 RD_KAFKA_ACL_OPERATION_WRITE}) {
      admin.allow(user, {.name = own, .operation = operation, .pattern = kPrefixed});
      admin.allow(user, {.name = alias_ + ".", .operation = operation, .pattern = kPrefixed});
    }
    for (const auto operation :
         {RD_KAFKA_ACL_OPERATION_ALTER, RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS,
          RD_KAFKA_ACL_OPERATION_ALTER_CONFIGS}) {
      admin.allow(user, {.name = alias_ + ".", .operation = operation, .pattern = kPrefixed});
    }
    for (const auto operation : {RD_KAFKA_ACL_OPERATION_CREATE, RD_KAFKA_ACL_OPERATION_WRITE,
                                 RD_KAFKA_ACL_OPERATION_ALTER}) {
      admin.allow(user, {.name = "longspan.clock.internal", .operation = operation});
    }
    admin.allow(user, {.name = "__consumer_offsets", .operation = RD_KAFKA_ACL_OPERATION_READ});
    const std::string syncs = "mm2-offset-syncs." + alias_ + ".internal";
    for (const auto operation : {RD_KAFKA_ACL_OPERATION_CREATE, RD_KAFKA_ACL_OPERATION_WRITE}) {
      admin.allow(user, {.name = syncs, .operation = operation});
    }
    admin.allow(user, {.type = RD_KAFKA_RESOURCE_GROUP,
                       .name = own,
                       .operation = RD_KAFKA_ACL_OPERATION_READ,
                       .pattern = kPrefixed});
    if (!is_exactly_once()) return;
    admin.allow(user, {.type = RD_KAFKA_RESOURCE_TRANSACTIONAL_ID,
                       .name = own,
                       .operation = RD_KAFKA_ACL_OPERATION_WRITE,
                       .pattern = kPrefixed});
  }
  Properties flow() {
    Properties out(clusters(), topic_);
    const std::string login =
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"" +
        clusters().user + "\" password=\"" + clusters().password + "\";";
    for (const std::string side : {"east", "west"}) {
      out.set(side + ".bootstrap.servers",
              side == "east" ? clusters().source_secure : clusters().target_secure)
          .set(side + ".security.protocol", "SASL_PLAINTEXT")
          .set(side + ".sasl.mechanism", "SCRAM-SHA-256")
          .set(side + ".sasl.jaas.config", login);
    }
    return out.of_flow(alias_)
        .set("refresh.topics.interval.seconds", "1")
        .set("sync.topic.configs.interval.seconds", "1")
        .set("emit.heartbeats.enabled", "true")
        .set("on.record.refused", "dlq")
        .set("exactly.once.source.support", GetParam());
  }
  void write(int count, int partition) {
    Writer writer({.bootstrap = clusters().source});
    for (int i = 0; i < count; ++i) {
      writer.write(topic_, {.partition = partition, .key = "k", .value = std::to_string(i)});
    }
    writer.flush();
  }

  const std::string alias_ = unique_name("east");
  const std::string topic_ = unique_name("acls");
};

TEST_P(Acls, TheLeastRightsAreEnough) {
  if (clusters().source_secure.empty()) GTEST_SKIP() << "clusters run without --secure";
  Admin source(clusters().source);
  Admin target(clusters().target);
  source.create({.name = topic_});
  allow_source();
  allow_target();
  write(100, 0);
  const auto file = flow().write(folder());
  {
    MirrorRun run(file, "first");
    ASSERT_TRUE(wait_until_caught_up(clusters().source, file, {topic_})) << run.last_lines();
    source.grow(topic_, 2);
    source.set_config(topic_, "retention.ms", "7200000");
    write(100, 1);
    ASSERT_TRUE(eventually(kMirrorDeadline, [&] {
      return target.config(alias_ + "." + topic_, "retention.ms") == "7200000";
    })) << run.last_lines();
    ASSERT_TRUE(run.wait_for_records(clusters().target, alias_ + "." + topic_, 200))
        << run.last_lines();
    run.kill_hard();
  }
  write(100, 0);
  MirrorRun run(file, "second");
  ASSERT_TRUE(wait_until_caught_up(clusters().source, file, {topic_})) << run.last_lines();
  EXPECT_EQ(ask("verify", file).exit_code, 0);
  EXPECT_EQ(ask("dlq list", file).exit_code, 0);
  EXPECT_EQ(ask("pause", file, {"--topic", topic_}).exit_code, 0);
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
  EXPECT_EQ(run.output().find("AUTHORIZATION"), std::string::npos) << run.output();
}

INSTANTIATE_TEST_SUITE_P(BothModes, Acls, testing::Values("disabled", "enabled"));

}  // namespace
}  // namespace longspan::harness
