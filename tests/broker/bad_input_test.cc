// Wrong files, unreachable brokers, missing rights: a clear line, the right exit code, and at run
// time only what is broken stands still.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/mirror_run.h"
#include "tests/broker/harness/properties.h"
#include "tests/broker/harness/topics.h"
#include "tests/broker/harness/workload.h"
#include "tests/broker/harness/writer.h"

namespace longspan::harness {
namespace {

using ::testing::AssertionFailure;
using ::testing::AssertionResult;
using ::testing::AssertionSuccess;

constexpr int kUsage = 2;
constexpr int kUnreachable = 3;
constexpr const char* kNobodyListens = "127.0.0.1:1";

class BadInput : public BrokerTest {
 protected:
  Finished run(const std::filesystem::path& file, const std::vector<std::string>& flags = {}) {
    Command command{.arguments = {longspan_program(), "run", file.string()},
                    .folder = folder(),
                    .name = "longspan"};
    command.arguments.insert(command.arguments.end(), flags.begin(), flags.end());
    return run_command(command, kMirrorDeadline);
  }

  // It ended with this code, said all of these words, and nobody has to read a page to find them.
  static AssertionResult ended(const Finished& finished, int code,
                               const std::vector<std::string>& words) {
    const std::string said = finished.out + finished.err;
    if (finished.exit_code != code) {
      return AssertionFailure() << "exit code "
                                << (finished.exit_code ? std::to_string(*finished.exit_code)
                                                       : "none before the deadline")
                                << ", not " << code << ": " << said;
    }
    for (const std::string& word : words) {
      if (said.find(word) == std::string::npos) {
        return AssertionFailure() << "nothing about " << word << " in: " << said;
      }
    }
    if (std::ranges::count(said, '\n') > 20) return AssertionFailure() << "too much: " << said;
    return AssertionSuccess();
  }

  // What a user who may log in on the source's secure listener writes.
  Properties secure(const std::string& topics, const std::string& password) {
    return Properties(clusters(), topics)
        .set("east.bootstrap.servers", clusters().source_secure)
        .set("east.security.protocol", "SASL_PLAINTEXT")
        .set("east.sasl.mechanism", "SCRAM-SHA-256")
        .set("east.sasl.jaas.config",
             "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"" +
                 clusters().user + "\" password=\"" + password + "\";")
        .of_flow(alias_);
  }

  void write_one(const std::string& topic) {
    Writer writer({.bootstrap = clusters().source});
    writer.write(topic, {.key = "k", .value = "v", .timestamp_ms = 1'700'000'000'000});
    writer.flush();
  }

  const std::string alias_ = unique_name("east");
};

TEST_F(BadInput, AMissingFile) {
  EXPECT_TRUE(ended(run(folder() / "missing.properties"), kUsage, {"missing.properties"}));
}

TEST_F(BadInput, EveryWrongValueAtOnceWithItsLine) {
  const auto file = folder() / "wrong.properties";
  std::ofstream(file) << "clusters = east, west\n"
                      << "east.bootstrap.servers = " << clusters().source << "\n"
                      << "west.bootstrap.servers = " << clusters().target << "\n"
                      << "east->west.enabled = true\n"
                      << "position.interval.ms = soon\n"
                      << "topics = orders(\n";
  EXPECT_TRUE(ended(run(file), kUsage, {"position.interval.ms", "5", "topics", "6"}));
}

TEST_F(BadInput, NoFlowIsEnabled) {
  const auto file = Properties(clusters(), ".*").remove("east->west.enabled").write(folder());
  EXPECT_TRUE(ended(run(file), kUsage, {"enabled"}));
}

TEST_F(BadInput, AnAliasWithADot) {
  const auto file = Properties(clusters(), ".*").of_flow("us.east").write(folder());
  EXPECT_TRUE(ended(run(file), kUsage, {"us.east"}));
}

// By the same name it can be seen in the file, by another one only from the cluster's id.
TEST_F(BadInput, TheSameClusterOnBothEnds) {
  const std::string port = clusters().source.substr(clusters().source.find(':'));
  for (const std::string& target : {clusters().source, "localhost" + port}) {
    const auto file = Properties(clusters(), "none-" + alias_)
                          .set("west.bootstrap.servers", target)
                          .of_flow(alias_)
                          .write(folder());
    EXPECT_TRUE(ended(run(file), kUsage, {"same", alias_})) << target;
  }
}

TEST_F(BadInput, CheckConfigStartsNothing) {
  const auto file = Properties(clusters(), ".*").of_flow(alias_).write(folder());
  const Finished finished =
      run_command({.arguments = {longspan_program(), "run", "--check-config", file.string()},
                   .folder = folder()});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_NE(finished.out.find(clusters().source), std::string::npos) << finished.out;
  EXPECT_EQ(Admin(clusters().target).partitions("longspan." + alias_ + ".west.state.internal"), 0);
}

TEST_F(BadInput, AnUnreachableTarget) {
  const auto file = Properties(clusters(), ".*")
                        .set("west.bootstrap.servers", kNobodyListens)
                        .set("admin.timeout.ms", "2000")
                        .write(folder());
  EXPECT_TRUE(ended(run(file), kUnreachable, {"west", kNobodyListens}));
}

TEST_F(BadInput, AnUnreachableSource) {
  const auto file = Properties(clusters(), ".*")
                        .set("east.bootstrap.servers", kNobodyListens)
                        .set("admin.timeout.ms", "2000")
                        .write(folder());
  EXPECT_TRUE(ended(run(file), kUnreachable, {"east", kNobodyListens}));
}

TEST_F(BadInput, AWrongPasswordThatIsNeverPrinted) {
  if (clusters().source_secure.empty()) GTEST_SKIP() << "clusters run without --secure";
  const auto file = secure(".*", "wrong-secret").set("admin.timeout.ms", "2000").write(folder());
  const Finished finished = run(file);
  EXPECT_TRUE(ended(finished, kUnreachable, {alias_, "uthenticat"}));
  EXPECT_EQ((finished.out + finished.err).find("wrong-secret"), std::string::npos);
}

// A right that is missing parks its topic and no other one, and granting it is enough.
TEST_F(BadInput, AnUnauthorisedTopicIsParkedAndTheOthersGoOn) {
  if (clusters().source_secure.empty()) GTEST_SKIP() << "clusters run without --secure";
  const std::string open = unique_name("open");
  const std::string closed = unique_name("closed");
  Admin admin(clusters().source);
  for (const std::string& topic : {open, closed}) {
    admin.create({.name = topic});
    admin.allow(clusters().user, topic, RD_KAFKA_ACL_OPERATION_DESCRIBE);
    admin.allow(clusters().user, topic, RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS);
    write_one(topic);
  }
  admin.allow(clusters().user, open, RD_KAFKA_ACL_OPERATION_READ);
  const auto file =
      secure(open + ", " + closed, clusters().password).set("park.retry.ms", "500").write(folder());
  MirrorRun mirror(file);
  ASSERT_TRUE(mirror.wait_for_records(clusters().target, alias_ + "." + open, 1))
      << mirror.last_lines();
  EXPECT_TRUE(eventually(kMirrorDeadline, [&] {
    const auto json = ask_json("lag", file);
    return std::ranges::any_of(json.at("flows").at(0).at("partitions"), [&](const auto& one) {
      return one.at("topic") == closed && one.at("state") == "parked" && one.contains("reason");
    });
  })) << mirror.last_lines();
  admin.allow(clusters().user, closed, RD_KAFKA_ACL_OPERATION_READ);
  EXPECT_TRUE(mirror.wait_for_records(clusters().target, alias_ + "." + closed, 1))
      << mirror.last_lines();
  EXPECT_EQ(mirror.stop(), 0);
}

TEST_F(BadInput, ATopicNameTooLongOnceItIsPrefixed) {
  const std::string good = unique_name("good");
  std::string too_long = good + "-";
  too_long.resize(249, 'x');
  Admin admin(clusters().source);
  for (const std::string& topic : {good, too_long}) {
    admin.create({.name = topic});
    write_one(topic);
  }
  const auto file = Properties(clusters(), good + ".*").of_flow(alias_).write(folder());
  MirrorRun mirror(file);
  ASSERT_TRUE(mirror.wait_for_records(clusters().target, alias_ + "." + good, 1))
      << mirror.last_lines();
  EXPECT_TRUE(eventually(kMirrorDeadline, [&] {
    return mirror.output().find(too_long) != std::string::npos;
  })) << mirror.last_lines();
  EXPECT_EQ(mirror.stop(), 0);
}

// Two files that disagree about one flow: the second process takes nothing and says which key.
TEST_F(BadInput, ADefinitionThatDiffersFromTheRunningOne) {
  const std::string topic = unique_name("defined");
  const std::string other = unique_name("other");
  Admin admin(clusters().source);
  for (const std::string& name : {topic, other}) {
    admin.create({.name = name});
    write_one(name);
  }
  MirrorRun first(Properties(clusters(), topic).of_flow(alias_).write(folder(), "first"), "first");
  ASSERT_TRUE(first.wait_for_records(clusters().target, alias_ + "." + topic, 1))
      << first.last_lines();
  const auto file = Properties(clusters(), other).of_flow(alias_).write(folder(), "second");
  MirrorRun second(file, "second");
  EXPECT_TRUE(eventually(kMirrorDeadline, [&] {
    const std::string said = second.output();
    return said.find("definition") != std::string::npos && said.find("topics") != std::string::npos;
  })) << second.last_lines();
  EXPECT_EQ(Admin(clusters().target).partitions(alias_ + "." + other), 0);
  // It is replaced when it is asked for, and only while nobody runs by it.
  EXPECT_TRUE(ended(run(file, {"--new-definition"}), kUsage, {"is running", "--new-definition"}));
  EXPECT_EQ(first.stop(), 0);
  MirrorRun third(file, "third", {"--new-definition"});
  ASSERT_TRUE(third.wait_for_records(clusters().target, alias_ + "." + other, 1))
      << third.last_lines();
  const Finished events = ask("events", file, {"--kind=definition_changed"});
  EXPECT_NE(events.out.find("definition_changed"), std::string::npos) << events.out << events.err;
  EXPECT_EQ(events.out.find("slot_taken"), std::string::npos) << events.out;
  EXPECT_TRUE(ended(ask("events", file, {"--kind=definitely"}), kUsage, {"definition_changed"}));
  EXPECT_EQ(third.stop(), 0);
}

}  // namespace
}  // namespace longspan::harness
