// The target's disk is full: the broker ends itself in the middle of a write. When there is room
// again the mirror goes on where it was, without an operator.
//
// A limit of the file size stands for the full disk: to Kafka both are an I/O error of its log.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/mirror_run.h"
#include "tests/broker/harness/process.h"
#include "tests/broker/harness/properties.h"
#include "tests/broker/harness/reader.h"
#include "tests/broker/harness/topics.h"
#include "tests/broker/harness/writer.h"

namespace longspan::harness {
namespace {

constexpr rlim_t kFileBytes = 24 << 20;  // above the 10 MiB that Kafka gives a new index
constexpr size_t kRecordBytes = 100'000;
constexpr int kRecords = 400;  // more than fit

class DiskFull : public BrokerTest {
 protected:
  static std::filesystem::path env_file() { return std::getenv("LONGSPAN_CLUSTERS_ENV"); }
  static pid_t target_pid() {
    return std::stoi(read_env_file(env_file()).at("LONGSPAN_TARGET_PIDS"));
  }
  static bool is_running(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline");
    return file.get() != std::ifstream::traits_type::eof();  // a zombie has none
  }
  void start_target() {
    const Finished started = run_command({.arguments = {LONGSPAN_CLUSTERS_SCRIPT, "start", "target",
                                                        "--dir", env_file().parent_path().string()},
                                          .folder = folder(),
                                          .name = "clusters"},
                                         std::chrono::seconds(150));
    ASSERT_EQ(started.exit_code, 0) << started.err;
  }
  // Incompressible, so that the copies need the same room.
  void write(int count) {
    Writer writer({.bootstrap = clusters().source});
    std::mt19937_64 random(seed());
    for (int i = 0; i < count; ++i) {
      std::string value(kRecordBytes, '\0');
      for (char& c : value) c = static_cast<char>(random());
      writer.write(topic_, {.partition = 0, .key = "k", .value = std::move(value)});
    }
    writer.flush();
  }

  const std::string alias_ = unique_name("east");
  const std::string topic_ = unique_name("full");
};

TEST_F(DiskFull, TheMirrorWaitsAndGoesOnWithoutALoss) {
  Admin(clusters().source).create({.name = topic_});
  const std::string copy = alias_ + "." + topic_;
  const auto file = Properties(clusters(), topic_)
                        .of_flow(alias_)
                        .set("refresh.topics.interval.seconds", "1")
                        .write(folder());
  write(10);
  MirrorRun run(file, "longspan");
  ASSERT_TRUE(run.wait_for_records(clusters().target, copy, 10)) << run.last_lines();
  const pid_t broker = target_pid();
  const rlimit full{kFileBytes, kFileBytes};
  rlimit before{};
  ASSERT_EQ(prlimit(broker, RLIMIT_FSIZE, &full, &before), 0);
  write(kRecords);
  const bool has_ended = eventually(kMirrorDeadline, [&] { return !is_running(broker); });
  if (!has_ended) prlimit(broker, RLIMIT_FSIZE, &before, nullptr);
  ASSERT_TRUE(has_ended) << "a broker that cannot write ends itself";
  EXPECT_TRUE(run.running()) << run.last_lines();
  start_target();
  write(10);
  ASSERT_TRUE(wait_until_caught_up(clusters().source, file, {topic_})) << run.last_lines();
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
  const auto compared =
      compare_copies(read_topic(clusters().source, topic_), read_topic(clusters().target, copy));
  EXPECT_EQ(compared.difference, "");
  EXPECT_EQ(compared.first_copies.size(), static_cast<size_t>(kRecords + 20));
  EXPECT_EQ(compared.written_twice, reported_twice(file, topic_));
}

}  // namespace
}  // namespace longspan::harness
