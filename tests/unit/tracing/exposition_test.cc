#include "tracing/exposition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tracing/proto_writer.h"

namespace longspan {
namespace {

using testing::HasSubstr;

constexpr const char* kProtobuf =
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

// What Prometheus 2.42 and 3 send, and what others may.
TEST(Exposition, IsTheOneThatTheScraperLikesBest) {
  const std::string protobuf = kProtobuf;
  struct Case {
    std::string accept;
    Exposition form;
  };
  for (const auto& [accept, form] : {
           Case{"", Exposition::text},
           Case{"*/*", Exposition::text},
           Case{"text/html,application/xhtml+xml,*/*;q=0.8", Exposition::text},
           Case{"application/openmetrics-text;version=1.0.0,application/openmetrics-text;"
                "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                Exposition::openmetrics},
           Case{protobuf + ",application/openmetrics-text;version=1.0.0;q=0.8,application/"
                           "openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,"
                           "*/*;q=0.1",
                Exposition::protobuf},
           Case{protobuf + ";q=0.7,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.9,text/plain;"
                           "version=0.0.4;q=0.6",
                Exposition::protobuf},
           Case{"text/plain;version=0.0.4;q=0.9," + protobuf + ";q=0.2", Exposition::text},
           Case{protobuf + ";q=0", Exposition::text},
           Case{"application/vnd.google.protobuf;encoding=text", Exposition::text},
           Case{"application/openmetrics-text; version=\"1.0.0\"; charset=utf-8",
                Exposition::openmetrics},
           Case{"application/openmetrics-text;version=2.0.0", Exposition::text},
           Case{"application/openmetrics-text;q=rubbish, text/plain;q=0.1", Exposition::text},
           Case{",;,=;q,\"", Exposition::text},
           Case{std::string(100'000, ',') + protobuf, Exposition::text},
       }) {
    EXPECT_EQ(exposition_of(accept), form) << accept.substr(0, 200);
  }
}

TEST(Exposition, OpenMetricsHasUnitsAndItsEnd) {
  MetricSet set;
  set.add("longspan_process_cpu_seconds_total", {}, 1.5);
  set.add("longspan_flow_running", {"a\"b\\c\nd"}, 1);
  EXPECT_EQ(exposed(set, Exposition::openmetrics),
            "# TYPE longspan_process_cpu_seconds counter\n"
            "# UNIT longspan_process_cpu_seconds seconds\n"
            "# HELP longspan_process_cpu_seconds User and system CPU time of the process\n"
            "longspan_process_cpu_seconds_total 1.5\n"
            "# TYPE longspan_flow_running gauge\n"
            "# HELP longspan_flow_running 1 when some process owns slots of the flow, else 0\n"
            "longspan_flow_running{flow=\"a\\\"b\\\\c\\nd\"} 1\n"
            "# EOF\n");
  EXPECT_EQ(exposed({}, Exposition::openmetrics), "# EOF\n");
}

TEST(Exposition, OpenMetricsSpellsBoundsWithAPoint) {
  Histogram histogram;
  histogram.record(0.0015, 3);
  histogram.record(7200);
  MetricSet set;
  set.add("longspan_residence_seconds", {"f", "t"}, histogram);
  const std::string text = exposed(set, Exposition::openmetrics);
  const std::string name = "longspan_residence_seconds";
  EXPECT_THAT(text, HasSubstr(name + "_bucket{flow=\"f\",topic=\"t\",le=\"0.001\"} 0\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket{flow=\"f\",topic=\"t\",le=\"1.0\"} 3\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket{flow=\"f\",topic=\"t\",le=\"3600.0\"} 3\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket{flow=\"f\",topic=\"t\",le=\"+Inf\"} 4\n"));
  EXPECT_THAT(text, HasSubstr(name + "_count{flow=\"f\",topic=\"t\"} 4\n"));
}

const Exemplar kSlow{12.5, {{0xabc, 0xdef}, {0x123}}, {1'700'000'000'250}};

TEST(Exposition, OpenMetricsPointsAtTraces) {
  Histogram histogram;
  histogram.record(0.0015);
  histogram.record(12.5);
  MetricSet set;
  set.add("longspan_residence_seconds", {"f", "t"}, histogram,
          {kSlow, {9'999, {{0, 1}, {2}}, {1'700'000'000'000}}});
  const std::string text = exposed(set, Exposition::openmetrics);
  const std::string bucket = "longspan_residence_seconds_bucket{flow=\"f\",topic=\"t\",le=";
  EXPECT_THAT(text, HasSubstr(bucket + "\"10.0\"} 1\n"));
  EXPECT_THAT(text,
              HasSubstr(bucket + "\"30.0\"} 2 # {trace_id=\"0000000000000abc0000000000000def\","
                                 "span_id=\"0000000000000123\"} 12.5 1700000000.25\n"));
  EXPECT_THAT(text,
              HasSubstr(bucket + "\"+Inf\"} 2 # {trace_id=\"00000000000000000000000000000001\","
                                 "span_id=\"0000000000000002\"} 9999 1.7e+09\n"));
  EXPECT_EQ(exposed(set, Exposition::text).find("trace_id"), std::string::npos);
}

TEST(Exposition, ProtobufPointsAtTraces) {
  Histogram histogram;
  histogram.record(12.5);
  MetricSet set;
  set.add("longspan_residence_seconds", {"f", "t"}, histogram, {kSlow});
  ProtoWriter at;
  at.varint(1, 1'700'000'000);
  at.varint(2, 250'000'000);
  const auto label = [](const char* name, const char* value) {
    ProtoWriter out;
    out.bytes(1, name);
    out.bytes(2, value);
    return out;
  };
  ProtoWriter exemplar;
  exemplar.message(1, label("trace_id", "0000000000000abc0000000000000def"));
  exemplar.message(1, label("span_id", "0000000000000123"));
  exemplar.real(2, 12.5);
  exemplar.message(3, at);
  ProtoWriter of_bucket;
  of_bucket.varint(1, 1);
  of_bucket.real(2, 30);
  of_bucket.message(3, exemplar);
  ProtoWriter bucket;
  bucket.message(3, of_bucket);
  ProtoWriter native;
  native.message(16, exemplar);
  const std::string found = exposed(set, Exposition::protobuf);
  EXPECT_THAT(found, HasSubstr(bucket.text()));
  EXPECT_THAT(found, HasSubstr(native.text()));
}

TEST(Exemplars, OfEachBucketTheNewestAndNotTooMany) {
  Exemplars all;
  const auto at = [](double value, std::int64_t ms) {
    return Exemplar{value, {{1, 1}, {static_cast<std::uint64_t>(ms)}}, {ms}};
  };
  all.put(at(0.3, 1));
  all.put(at(0.4, 3));
  all.put(at(0.45, 2));
  EXPECT_THAT(all.all(), testing::ElementsAre(at(0.4, 3)));
  std::int64_t ms = 10;
  for (const double bound : kLatencyBoundsSeconds) all.put(at(bound, ++ms));
  EXPECT_EQ(all.all().size(), Exemplars::kMax);
  EXPECT_THAT(all.all(), testing::Contains(at(3600, ms))) << "the oldest go";
  EXPECT_EQ(bucket_of(at(0.001, 0)), 0U);
  EXPECT_EQ(bucket_of(at(1e6, 0)), kLatencyBoundsSeconds.size());
  EXPECT_EQ(bucket_of(at(-1, 0)), 0U);
}

// By hand, field by field, from the encoding's description; Prometheus itself reads it in
// tests/monitoring.
TEST(Exposition, ProtobufIsDelimitedFamilies) {
  MetricSet set;
  set.add("longspan_process_shards", {}, 2);
  const std::string help = "Threads that mirror";
  const std::string name = "longspan_process_shards";
  const std::string metric("\x12\x09\x09\0\0\0\0\0\0\0\x40", 11);  // gauge {value: 2.0}
  std::string family = "\x0a" + std::string(1, static_cast<char>(name.size())) + name + "\x12" +
                       std::string(1, static_cast<char>(help.size())) + help;
  family += std::string("\x18\x01\x22\x0b", 4) + metric;
  EXPECT_EQ(exposed(set, Exposition::protobuf),
            std::string(1, static_cast<char>(family.size())) + family);
}

TEST(ProtoWriter, WritesTheExamplesOfTheEncoding) {
  ProtoWriter plain;
  plain.varint(1, 150);
  plain.bytes(2, "testing");
  ProtoWriter nested;
  nested.varint(1, 150);
  plain.message(3, nested);
  EXPECT_EQ(plain.text(), "\x08\x96\x01\x12\x07testing\x1a\x03\x08\x96\x01");
  ProtoWriter zigzag;
  for (const std::int64_t value : {0L, -1L, 1L, -2L}) zigzag.zigzag(1, value);
  EXPECT_EQ(zigzag.text(), std::string("\x08\x00\x08\x01\x08\x02\x08\x03", 8));
  ProtoWriter packed;
  packed.packed_zigzag(6, std::vector<std::int64_t>{3, 270, -86'942});
  packed.packed_zigzag(7, {});
  EXPECT_EQ(packed.text(), "\x32\x06\x06\x9c\x04\xbb\xce\x0a");
  ProtoWriter real;
  real.real(16, 1.0);
  EXPECT_EQ(real.text(), std::string("\x81\x01\0\0\0\0\0\0\xf0\x3f", 10));
}

}  // namespace
}  // namespace longspan
