#include "cli/config/traces.h"

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

LoadedConfig load(const std::string& more, const std::string& opt_in = "") {
  const std::string text =
      "clusters=A,B\nA.bootstrap.servers=a:1\nB.bootstrap.servers=b:1\nA->B.enabled=true\n"
      "offset-syncs.topic.location=target\nemit.checkpoints.enabled=false\n"
      "sync.topic.acls.enabled=false\n" +
      more;
  const Surroundings around{[&](const std::string& name) {
                              return name == "OTEL_SEMCONV_STABILITY_OPT_IN" && !opt_in.empty()
                                         ? std::optional(opt_in)
                                         : std::nullopt;
                            },
                            [&](const std::string&) { return text; }};
  return load_config_from({"f", {}}, around,
                          [](const ClusterConfig&) { return std::vector<Error>{}; });
}

TEST(Traces, HeadersAreKeptUnlessATopicIsNamed) {
  const auto loaded = load("");
  ASSERT_EQ(loaded.flows.size(), 1U);
  const TraceSettings& traces = loaded.flows[0].traces;
  EXPECT_FALSE(traces.is_on());
  EXPECT_EQ(traces.mode_of("orders"), TraceMode::preserve);
  EXPECT_THAT(loaded.warnings, IsEmpty());
  EXPECT_THAT(describe(loaded), Not(HasSubstr("traces")));
}

TEST(Traces, EachKeyLands) {
  const auto loaded = load(
      "trace.exporter=otlp\ntrace.reparent.topics=orders, shop[.].*\ntrace.link.topics=.*\n"
      "trace.start=never\ntrace.inject=w3c, datadog\ntrace.ratio=0.25\n"
      "A->B.trace.records.per.second=7\ntrace.slowest.per.minute=0\n",
      "messaging/dup");
  EXPECT_THAT(loaded.errors, IsEmpty());
  EXPECT_THAT(loaded.warnings, IsEmpty());
  const TraceSettings& traces = loaded.flows[0].traces;
  EXPECT_EQ(traces.mode_of("orders"), TraceMode::reparent) << "goes before link";
  EXPECT_EQ(traces.mode_of("shop.a"), TraceMode::reparent);
  EXPECT_EQ(traces.mode_of("orders2"), TraceMode::link);
  EXPECT_FALSE(traces.starts);
  EXPECT_EQ(traces.inject, (TraceFormats{TraceFormat::w3c, TraceFormat::datadog}));
  EXPECT_EQ(traces.ratio, 0.25);
  EXPECT_EQ(traces.records_per_second, 7);
  EXPECT_EQ(traces.slowest_per_minute, 0);
  EXPECT_EQ(loaded.telemetry.names, NamesWanted::both);
  EXPECT_THAT(describe(loaded),
              HasSubstr("reparent orders,shop[.].*; link .*; records in no trace stay in none"));
}

TEST(Traces, TheViewersUrlIsATemplate) {
  const auto loaded = load("trace.viewer.url=https://zipkin/traces/{trace_id}?at={span_id}\n");
  EXPECT_THAT(loaded.errors, IsEmpty());
  EXPECT_THAT(loaded.warnings, IsEmpty()) << "it needs no exporter: others may send spans";
  EXPECT_EQ(loaded.flows[0].traces.viewer_url, "https://zipkin/traces/{trace_id}?at={span_id}");
  EXPECT_THAT(describe(loaded), HasSubstr("https://zipkin/traces/{trace_id}"));
  for (const auto& [url, what] : std::vector<std::pair<std::string, std::string>>{
           {"ftp://zipkin/{trace_id}", "is no URL of http or https"},
           {"https://", "is no URL of http or https"},
           {"https://zipkin/{trace_id} x", "has blanks in it"},
           {"https://zipkin/{trace}", "begins neither {trace_id} nor {span_id}"},
           {"https://zipkin/traces", "has no {trace_id}"}}) {
    EXPECT_THAT(load("trace.viewer.url=" + url + "\n").errors, ElementsAre(HasSubstr(what))) << url;
  }
}

TEST(Traces, TopicsWithoutAnExporterAreToldOf) {
  EXPECT_THAT(load("trace.link.topics=orders\n").warnings,
              ElementsAre(HasSubstr("do nothing without an exporter")));
}

TEST(Traces, AWrongValueIsAnErrorOnItsLine) {
  for (const auto& [line, what] : std::vector<std::pair<std::string, std::string>>{
           {"trace.ratio=1.5", "trace.ratio=1.5 is not in 0..1"},
           {"trace.ratio=half", "trace.ratio=half is not in 0..1"},
           {"trace.ratio=", "trace.ratio= is empty"},
           {"trace.ratio=nan", "is not in 0..1"},
           {"trace.inject=w3c, opentracing", "is not of tracecontext, b3, b3multi"},
           {"trace.start=sometimes", "trace.start=sometimes"},
           {"trace.records.per.second=-1", "is not in 0..1000000"},
           {"trace.slowest.per.minute=1001", "is not in 0..1000"},
           {"trace.reparent.topics=a(", "trace.reparent.topics"}}) {
    EXPECT_THAT(load("trace.exporter=otlp\n" + line + "\n").errors, ElementsAre(HasSubstr(what)))
        << line;
  }
}

}  // namespace
}  // namespace longspan
