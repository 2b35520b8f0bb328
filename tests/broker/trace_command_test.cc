// `longspan trace` on real Kafka: a record is found by its place on either cluster and by its trace
// id; and what cannot be found says why.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/mirror_run.h"
#include "tests/broker/harness/properties.h"
#include "tests/broker/harness/topics.h"
#include "tests/broker/harness/writer.h"

namespace longspan::harness {
namespace {

const std::string kTrace = "0af7651916cd43dd8448eb211c80319c";
const std::string kOther = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kParent = "b7ad6b7169203331";
constexpr int kRecords = 20;
constexpr int kInTrace = 12;  // offset of the record that is

class TraceCommand : public BrokerTest {
 protected:
  void SetUp() override {
    BrokerTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    Admin source(clusters().source);
    source.create({.name = topic_, .configs = {{"message.timestamp.type", "LogAppendTime"}}});
    file_ = Properties(clusters(), topic_)
                .of_flow(alias_)
                .set("trace.exporter", "zipkin")
                .set("trace.endpoint", "http://127.0.0.1:9")
                .set("trace.reparent.topics", topic_)
                .set("trace.viewer.url", "https://zipkin.example/traces/{trace_id}?at={span_id}")
                .write(folder());
    write();
    MirrorRun run(file_);
    ASSERT_TRUE(wait_until_caught_up(clusters().source, file_, {topic_})) << run.last_lines();
    ASSERT_EQ(run.stop(), 0) << run.last_lines();
  }

  void write() {
    Writer writer({.bootstrap = clusters().source});
    for (int i = 0; i < kRecords; ++i) {
      Record record{.key = "k", .value = "v" + std::to_string(i), .headers = {{"a", "1"}}};
      if (i == kInTrace) {
        record.headers.emplace_back("traceparent", "00-" + kTrace + "-" + kParent + "-01");
      }
      writer.write(topic_, record);
    }
    writer.flush();
  }

  static std::string at(const std::string& topic, std::int64_t offset) {
    return topic + ":0:" + std::to_string(offset);
  }
  Finished trace(const std::string& what, std::vector<std::string> flags = {}) {
    flags.insert(flags.begin(), what);
    return ask("trace", file_, flags);
  }
  nlohmann::json only_record(const std::string& what) {
    const auto json = ask_json("trace", file_, {what});
    EXPECT_EQ(json.at("records").size(), 1U) << json;
    return json.at("records").at(0);
  }
  void expect_one_line(const Finished& done, int code, const std::string& what) {
    EXPECT_EQ(done.exit_code, code) << done.out << done.err;
    EXPECT_NE(done.err.find(what), std::string::npos) << done.err;
    EXPECT_EQ(std::count(done.err.begin(), done.err.end(), '\n'), 1) << done.err;
    EXPECT_EQ(done.out, "");
  }

  const std::string alias_ = unique_name("east");
  const std::string topic_ = unique_name("traced");
  const std::string copy_ = alias_ + "." + topic_;
  std::filesystem::path file_;
};

TEST_F(TraceCommand, FindsARecordByEitherPlaceAndByItsTrace) {
  Admin(clusters().target).commit("reader-" + alias_, copy_, {{0, kInTrace + 1}});
  Admin(clusters().target).commit("slow-" + alias_, copy_, {{0, 2}});
  const auto by_source = only_record(at(topic_, kInTrace));
  const auto by_target = only_record(at(copy_, kInTrace));
  const auto by_trace = only_record(kTrace);
  EXPECT_EQ(by_source.at("asked"), "source");
  EXPECT_EQ(by_target.at("asked"), "target");
  EXPECT_EQ(only_record(kTrace.substr(16)).at("source"), by_source.at("source"));
  for (const auto& shown : {by_source, by_target, by_trace}) {
    EXPECT_EQ(shown.at("source").at("topic"), topic_);
    EXPECT_EQ(shown.at("source").at("offset"), kInTrace);
    EXPECT_EQ(shown.at("target").at("topic"), copy_);
    EXPECT_EQ(shown.at("target").at("offset"), kInTrace);
    const auto& trace = shown.at("trace");
    EXPECT_EQ(trace.at("trace_id"), kTrace);
    EXPECT_EQ(trace.at("parent_id"), kParent);
    EXPECT_EQ(trace.at("sampled"), true);
    EXPECT_EQ(trace.at("copy_trace_id"), kTrace);
    EXPECT_EQ(trace.at("copy_parent_id"), trace.at("send_span_id")) << "the id that was written";
    EXPECT_EQ(trace.at("url"), "https://zipkin.example/traces/" + kTrace +
                                   "?at=" + trace.at("hop_span_id").get<std::string>());
    EXPECT_TRUE(shown.at("times").contains("source_append"));
    EXPECT_FALSE(shown.at("times").contains("commit"));
    EXPECT_FALSE(shown.at("unknown").empty());
    ASSERT_FALSE(shown.at("hops").empty());
    EXPECT_EQ(shown.at("hops").back().at("to"), "target_append");
    std::map<std::string, std::string> groups;
    for (const auto& group : shown.at("groups")) groups[group.at("group")] = group.at("state");
    EXPECT_EQ(groups["reader-" + alias_], "committed");
    EXPECT_EQ(groups["slow-" + alias_], "not_committed");
  }
  const Finished text = trace(at(copy_, kInTrace));
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_NE(text.out.find("view    https://zipkin.example/traces/" + kTrace), std::string::npos);
  EXPECT_NE(text.out.find("10 offsets before the record"), std::string::npos) << text.out;
}

TEST_F(TraceCommand, ARecordInNoTraceHasTheOneThatBeginsHere) {
  const auto shown = only_record(at(topic_, 3));
  EXPECT_TRUE(shown.at("trace").at("trace_id").is_null());
  EXPECT_FALSE(shown.at("trace").at("why_none").is_null());
  EXPECT_FALSE(shown.at("trace").at("hop_trace_id").is_null());
  EXPECT_EQ(shown.at("trace").at("copy_trace_id"), shown.at("trace").at("hop_trace_id"));
  const Finished text = trace(at(topic_, 3));
  EXPECT_NE(text.out.find("trace   none: the record has no header of"), std::string::npos)
      << text.out;
}

// The id of a hop that links stands in no record.
TEST_F(TraceCommand, AHopThatLinksIsFoundByItsOwnTrace) {
  const std::string viewer = "https://zipkin.example/traces/";
  const auto linked = Properties(clusters(), topic_)
                          .of_flow(alias_)
                          .set("trace.exporter", "zipkin")
                          .set("trace.endpoint", "http://127.0.0.1:9")
                          .set("trace.link.topics", topic_)
                          .set("trace.viewer.url", viewer + "{trace_id}")
                          .write(folder(), "linked.properties");
  const auto records = [&](const std::string& what) {
    return nlohmann::json::parse(ask("trace", linked, {what, "--json"}).out).at("records");
  };
  const auto shown = records(at(topic_, kInTrace)).at(0).at("trace");
  const auto hop = shown.at("hop_trace_id").get<std::string>();
  EXPECT_NE(hop, kTrace);
  EXPECT_EQ(shown.at("url"), viewer + kTrace);
  EXPECT_EQ(shown.at("hop_url"), viewer + hop);
  const auto found = records(hop);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.at(0).at("source").at("offset"), kInTrace);
  write();  // not mirrored
  const auto waiting = records(at(topic_, kRecords + 3)).at(0).at("trace").at("hop_trace_id");
  ASSERT_EQ(records(waiting).size(), 1U);
  EXPECT_EQ(records(waiting).at(0).at("source").at("offset"), kRecords + 3);
}

TEST_F(TraceCommand, WhatIsNotThereSaysWhy) {
  Admin(clusters().source).delete_records(topic_, 0, 5);
  // The copy is still there, and tells what it can.
  const auto half = ask_json("trace", file_, {at(topic_, 4)}).at("records").at(0);
  EXPECT_NE(half.at("why_no_source").get<std::string>().find("is deleted: the log begins at 5"),
            std::string::npos);
  EXPECT_EQ(half.at("target").at("offset"), 4);
  Admin(clusters().target).delete_records(copy_, 0, 4);
  expect_one_line(trace(at(topic_, 2)), 1, "is deleted: the log begins at 5");
  expect_one_line(trace(at(copy_, 2)), 1, "is deleted: the log begins at 4");
  expect_one_line(trace(at(topic_, 500)), 1, "is not written yet: the log ends before 20");
  expect_one_line(trace(topic_ + ":7:1"), 2, "no partition " + topic_ + ":7; the flow mirrors 1");
  expect_one_line(trace("nowhere:0:1"), 2, "the flow does not mirror a topic nowhere");
  expect_one_line(trace(topic_), 2, "nor a trace id");
  expect_one_line(trace(kOther), 1, "no record of trace " + kOther + " is among the 16 records");
  expect_one_line(trace(kOther, {"--last", "3"}), 1, "among the newest 3 records of 1 partition");
}

TEST_F(TraceCommand, ARecordThatIsNotMirroredYetSaysWhereTheMirrorIs) {
  write();
  const Finished done = trace(at(topic_, kRecords + kInTrace));
  EXPECT_EQ(done.exit_code, 1) << done.out << done.err;
  EXPECT_NE(done.out.find("no copy: not mirrored yet: the mirror is at " + topic_ + ":0:20"),
            std::string::npos)
      << done.out;
  EXPECT_NE(done.out.find("trace   " + kTrace), std::string::npos);
  // Both are found: one by its copy, one where it waits.
  const Finished both = trace(kTrace);
  EXPECT_NE(both.out.find(": 2 records in all"), std::string::npos) << both.out << both.err;
}

}  // namespace
}  // namespace longspan::harness
