#include "cli/config/changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longspan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

LoadedConfig load(const std::string& rows) {
  const std::string text =
      "clusters=A,B,C\nA.bootstrap.servers=a:1\nB.bootstrap.servers=b:1\n"
      "C.bootstrap.servers=c:1\nA->B.enabled=true\noffset-syncs.topic.location=target\n"
      "emit.checkpoints.enabled=false\nsync.topic.acls.enabled=false\n" +
      rows;
  const Surroundings surroundings{
      [](const std::string&) -> std::optional<std::string> { return "s3cr3t-env"; },
      [text](const std::string&) -> std::optional<std::string> { return text; }};
  auto loaded = load_config_from({"f", {}}, surroundings,
                                 [](const ClusterConfig&) { return std::vector<Error>(); });
  EXPECT_THAT(loaded.errors, IsEmpty());
  return loaded;
}

ConfigChanges between(const std::string& before, const std::string& after) {
  return changes_between(load(before), load(after));
}

TEST(ConfigChanges, TheSameFileInOtherWordsChangesNothing) {
  const auto changes = between("throttle.bytes.per.second=1MiB\npark.retry.ms=5000\n",
                               "A->B.throttle.bytes.per.second=1048576\n");
  EXPECT_THAT(changes.flows, IsEmpty());
  EXPECT_THAT(changes.needs_restart, IsEmpty());
}

TEST(ConfigChanges, ALiveKeyChangesItsFlowAndSaysHow) {
  const auto changes = between("", "park.retry.ms=1000\npriority.high=orders.*,billing\n");
  ASSERT_EQ(changes.flows.size(), 1U);
  EXPECT_EQ(changes.flows[0].flow, "A->B");
  EXPECT_EQ(changes.flows[0].changed, "park.retry.ms=5000->1000, priority.high=->orders.*,billing");
  EXPECT_EQ(changes.flows[0].settings.park_retry, std::chrono::milliseconds(1000));
  EXPECT_TRUE(changes.flows[0].settings.priority_high.matches("billing"));
  EXPECT_THAT(changes.needs_restart, IsEmpty());
}

TEST(ConfigChanges, AnyOtherKeyNeedsARestart) {
  const auto changes = between("", "slots=7\nmemory.limit=1GiB\ntopics=orders\n");
  EXPECT_THAT(changes.flows, IsEmpty());
  EXPECT_THAT(changes.needs_restart, ElementsAre("memory.limit", "slots", "topics"));
}

TEST(ConfigChanges, FlowsThatComeAndGoNeedARestart) {
  EXPECT_THAT(between("", "A->C.enabled=true\n").needs_restart, ElementsAre("A->C.enabled"));
  EXPECT_THAT(between("A->C.enabled=true\n", "").needs_restart, ElementsAre("A->C.enabled"));
}

TEST(ConfigChanges, OfClientSettingsTheNamesAreSaidAndNeverTheValues) {
  const auto changes =
      between("A.consumer.fetch.max.bytes=1000000\n",
              "A.consumer.fetch.max.bytes=2000000\nB.producer.compression.type=zstd\n"
              "A.consumer.auto.offset.reset=latest\n");
  EXPECT_THAT(changes.needs_restart, ElementsAre("A.consumer.auto.offset.reset",
                                                 "A.consumer.fetch.max.bytes", "compression"));
}

TEST(ConfigChanges, ASecretIsNotSaid) {
  const auto changes = between("", "priority.high=${env:TOPIC}\n");
  ASSERT_EQ(changes.flows.size(), 1U);
  EXPECT_THAT(changes.flows[0].changed, Not(HasSubstr("s3cr3t")));
  EXPECT_THAT(changes.flows[0].changed, HasSubstr("<hidden>"));
}

// 8 s beside a session timeout of 20 s would do, but that comes with the restart only.
TEST(ConfigChanges, AValueThatOnlyFitsAfterTheRestartIsRefused) {
  const auto changes =
      between("", "position.interval.ms=8000\nownership.session.timeout.ms=20000\n");
  EXPECT_THAT(changes.error, HasSubstr("ownership.session.timeout.ms"));
  EXPECT_THAT(between("", "position.interval.ms=4000\n").error, IsEmpty());
}

TEST(ConfigChanges, WhatWasAdoptedIsNoChangeAnyMoreWhatNeedsARestartIs) {
  LoadedConfig running = load("");
  const LoadedConfig read = load("park.retry.ms=1000\nslots=7\n");
  adopt(running, read);
  EXPECT_EQ(running.flows[0].park_retry, std::chrono::milliseconds(1000));
  EXPECT_EQ(running.flows[0].slots, 16);
  const auto again = changes_between(running, read);
  EXPECT_THAT(again.flows, IsEmpty());
  EXPECT_THAT(again.needs_restart, ElementsAre("slots"));
}

// The mark in the table and the members of LiveSettings are the same set.
TEST(ConfigChanges, AKeyIsMarkedLiveExactlyWhereItsValueIsALiveSetting) {
  for (const Option& option : options()) {
    if (option.scope != Scope::flow || range_text(option).empty()) continue;
    FlowConfig flow;
    land(option, OptionValue(option.max - 1), flow);
    FlowConfig live_only;
    static_cast<LiveSettings&>(live_only) = flow;
    const bool is_live = std::visit(
        [&](auto member) {
          if constexpr (requires { live_only.*member == flow.*member; }) {
            return live_only.*member == flow.*member;
          }
          return option.on_reload == OnReload::live;  // settled elsewhere
        },
        option.lands_in);
    EXPECT_EQ(is_live, option.on_reload == OnReload::live) << option.key;
  }
}

}  // namespace
}  // namespace longspan
