// A topic that is reparented, and a mirror that is killed (-9) while it writes: nothing is missing,
// what was written already is recognised although its trace headers differ, and verify knows.

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/mirror_run.h"
#include "tests/broker/harness/properties.h"
#include "tests/broker/harness/reader.h"
#include "tests/broker/harness/topics.h"
#include "tests/broker/harness/writer.h"

namespace longspan::harness {
namespace {

// Of one that is killed twice a new owner suspects its partition, and reads it alone first.
constexpr int kKills = 1;
constexpr int kPortion = 30'000;
const std::string kTrace = "0af7651916cd43dd8448eb211c80319c";
const std::string kIncoming = "00-" + kTrace + "-b7ad6b7169203331-0";

class Traces : public BrokerTest {
 protected:
  // Half of them are in a trace, sampled or not.
  void write(int count) {
    Writer writer({.bootstrap = clusters().source});
    for (int i = 0; i < count; ++i) {
      Record record{.key = "k",
                    .value = "v" + std::to_string(written_++),
                    .headers = {{"a", "1"}, {"n", std::nullopt}}};
      if (i % 2 == 0) {
        record.headers.insert(record.headers.begin() + 1,
                              {"traceparent", kIncoming + (i % 4 == 0 ? "1" : "0")});
      }
      record.timestamp_ms = 1'700'000'000'000 + written_;
      writer.write(topic_, record);
    }
    writer.flush();
  }
  Properties properties() { return Properties(clusters(), topic_).of_flow(alias_); }

  const std::string alias_ = unique_name("east");
  const std::string topic_ = unique_name("traced");
  const std::string copy_ = alias_ + "." + topic_;
  int written_ = 0;
};

TEST_F(Traces, AKilledMirrorGoesOnAndVerifySaysEqual) {
  Admin(clusters().source).create({.name = topic_});
  // Nobody listens there: an exporter that fails is in nobody's way.
  const auto file = properties()
                        .set("trace.exporter", "zipkin")
                        .set("trace.endpoint", "http://127.0.0.1:9")
                        .set("trace.reparent.topics", topic_)
                        .set("ownership.session.timeout.ms", "3000")
                        .write(folder());
  const auto kept = properties().write(folder(), "preserve.properties");
  std::unique_ptr<MirrorRun> run;
  for (int kill = 0; kill < kKills; ++kill) {
    write(kPortion);
    run = std::make_unique<MirrorRun>(file, "longspan-" + std::to_string(kill));
    ASSERT_TRUE(run->wait_for_records(clusters().target, copy_, kill * kPortion + 1))
        << run->last_lines();
    run->kill_hard();
  }
  run = std::make_unique<MirrorRun>(file, "longspan-last");
  ASSERT_TRUE(wait_until_caught_up(clusters().source, file, {topic_})) << run->last_lines();
  EXPECT_EQ(run->stop(), 0) << run->last_lines();

  const Finished verified = ask("verify", file);
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  const auto total = ask_json("verify", file).at("total");
  EXPECT_EQ(total.at("equal"), written_);
  const auto copies = read_topic(clusters().target, copy_);
  EXPECT_EQ(copies.size(), written_ + total.at("twice").get<std::size_t>());
  std::cout << "written twice: " << total.at("twice") << " of " << total.at("equal") << "\n";

  // The options are others now: what they had written is right still.
  const Finished later = ask("verify", kept);
  EXPECT_EQ(later.exit_code, 0) << later.out << later.err;
  int in_trace = 0;
  for (const Record& copy : copies) {
    ASSERT_GE(copy.headers.size(), 3U);
    EXPECT_EQ(copy.headers[0].first, "a");
    if (copy.headers.back().first != "traceparent") continue;
    const std::string& last = copy.headers.back().second.value();
    if (last.find(kTrace) == std::string::npos) continue;
    ++in_trace;
    EXPECT_EQ(last.find("b7ad6b7169203331"), std::string::npos) << "its parent is our span";
  }
  EXPECT_GE(in_trace, written_ / 4) << "at least those of which nobody wants spans";
}

}  // namespace
}  // namespace longspan::harness
