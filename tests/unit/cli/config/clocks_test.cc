#include "cli/config/clocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/config/load.h"
#include "cli/config/show.h"

namespace longspan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

LoadedConfig load(const std::string& more) {
  const std::string text =
      "clusters=A,B\nA.bootstrap.servers=a:1\nB.bootstrap.servers=b:1\nA->B.enabled=true\n"
      "offset-syncs.topic.location=target\nemit.checkpoints.enabled=false\n"
      "sync.topic.acls.enabled=false\n" +
      more;
  const Surroundings around{[](const std::string&) { return std::nullopt; },
                            [&](const std::string&) { return text; }};
  return load_config_from({"f", {}}, around,
                          [](const ClusterConfig&) { return std::vector<Error>{}; });
}

TEST(Clocks, AreAssumedToBeWithin100MsAndTheSourceIsNotWrittenTo) {
  const auto loaded = load("");
  ASSERT_EQ(loaded.flows.size(), 1U);
  const ClockConfig& clocks = loaded.flows[0].clocks;
  EXPECT_TRUE(clocks.probe_target);
  EXPECT_FALSE(clocks.probe_source);
  EXPECT_EQ(clocks.database_dsn, "");
  for (const ClockKind kind : {ClockKind::source_broker, ClockKind::target_broker,
                               ClockKind::connector, ClockKind::database}) {
    EXPECT_EQ(clocks.max_error(kind), DurationUs{100'000}) << name(kind);
  }
}

TEST(Clocks, EachHasItsOwnAssumptionOrNone) {
  const auto loaded = load(
      "clock.source.max.error.ms=5\nA->B.clock.target.max.error.ms=0\n"
      "clock.connector.max.error.ms=none\nclock.database.max.error.ms=250\n"
      "clock.probe.source=true\nA->B.clock.probe.target=false\n");
  EXPECT_THAT(loaded.errors, IsEmpty());
  const ClockConfig& clocks = loaded.flows.at(0).clocks;
  EXPECT_TRUE(clocks.probe_source);
  EXPECT_FALSE(clocks.probe_target);
  EXPECT_EQ(clocks.source_max_error, DurationUs{5'000});
  EXPECT_EQ(clocks.target_max_error, DurationUs{0});
  EXPECT_EQ(clocks.connector_max_error, std::nullopt);
  EXPECT_EQ(clocks.database_max_error, DurationUs{250'000});
}

TEST(Clocks, AnAssumptionThatIsNoneOfBothIsAnErrorOnItsLine) {
  for (const std::string wrong : {"-1", "3600001", "5s", "None", ""}) {
    const auto loaded = load("clock.source.max.error.ms=" + wrong + "\n");
    EXPECT_THAT(loaded.errors, ElementsAre(HasSubstr("f:8: clock.source.max.error.ms=" + wrong)));
  }
}

TEST(Clocks, TheConnectionStringIsASecret) {
  const std::string dsn = "postgresql://u:hunter2@db/x";
  const auto loaded = load("clock.database.dsn=" + dsn + "\nclock.source.max.error.ms=x\n");
  EXPECT_EQ(loaded.flows.empty() ? dsn : loaded.flows[0].clocks.database_dsn, dsn);
  EXPECT_TRUE(loaded.secrets.contains(dsn));
  EXPECT_THAT(describe(loaded), Not(HasSubstr("hunter2")));
  for (const auto& line : loaded.errors) EXPECT_THAT(line, Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace longspan
