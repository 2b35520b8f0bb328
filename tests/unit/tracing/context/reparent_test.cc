#include "tracing/context/reparent.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/fakes/seed.h"

namespace longspan {
namespace {

using Lines = std::vector<std::string>;  // "name=value"

const SpanId kNew{0x00f067aa0ba902b7};
constexpr std::string_view kW3c = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

Lines lines(std::span<const HeaderView> headers) {
  Lines out;
  for (const auto& [name, value] : headers) {
    out.push_back(std::string(name) + "=" + std::string(value.value_or("null")));
  }
  return out;
}

// The headers with our span as the parent, all else as it was told.
std::optional<Lines> reparented(const std::vector<HeaderView>& headers) {
  const TraceContext found = read_trace_context(headers);
  const auto edits = reparent(found, child_of(found, kNew), {});
  if (!edits) return std::nullopt;
  return lines(edited(headers, *edits));
}

struct Row {
  std::string what;
  std::vector<HeaderView> before;
  Lines after;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> all{
      {"w3c",
       {{"traceparent", kW3c}},
       {"traceparent=00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01"}},
      {"others stay, in order",
       {{"a", "1"}, {"traceparent", kW3c}, {"a", std::nullopt}, {"tracestate", "x=1 ,y=2"}},
       {"a=1", "a=null", "tracestate=x=1 ,y=2",
        "traceparent=00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01"}},
      {"all of a name go",
       {{"traceparent", "old"}, {"b", "2"}, {"traceparent", kW3c}},
       {"b=2", "traceparent=00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01"}},
      {"a later version becomes ours, flags that we know stay",
       {{"traceparent", "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-09-x"}},
       {"traceparent=00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01"}},
      {"the random flag stays",
       {{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-02"}},
       {"traceparent=00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-02"}},
      {"dd member",
       {{"traceparent", kW3c}, {"tracestate", "congo=2,dd=s:2;p:b7ad6b7169203331,x=y"}},
       {"traceparent=00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01",
        "tracestate=dd=s:2;p:00f067aa0ba902b7,congo=2,x=y"}},
      {"b3 without its parent span",
       {{"b3", "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1-05e3ac9a4f6e3b90"}},
       {"b3=80f198ee56343ba864fe8b2a57d3eff7-00f067aa0ba902b7-1"}},
      {"b3 that defers",
       {{"b3", "64fe8b2a57d3eff7-e457b5a2e4d86bd1"}},
       {"b3=64fe8b2a57d3eff7-00f067aa0ba902b7"}},
      {"b3 debug",
       {{"b3", "64fe8b2a57d3eff7-e457b5a2e4d86bd1-d"}},
       {"b3=64fe8b2a57d3eff7-00f067aa0ba902b7-d"}},
      {"b3 multi",
       {{"x-b3-traceid", "64fe8b2a57d3eff7"},
        {"x-b3-spanid", "e457b5a2e4d86bd1"},
        {"x-b3-parentspanid", "05e3ac9a4f6e3b90"},
        {"x-b3-sampled", "true"}},
       {"x-b3-traceid=64fe8b2a57d3eff7", "x-b3-spanid=00f067aa0ba902b7", "x-b3-sampled=1"}},
      {"b3 multi, capitals, debug",
       {{"X-B3-TraceId", "64fe8b2a57d3eff7"},
        {"X-B3-SpanId", "e457b5a2e4d86bd1"},
        {"X-B3-ParentSpanId", "05e3ac9a4f6e3b90"},
        {"X-B3-Sampled", "1"},
        {"X-B3-Flags", "1"}},
       {"X-B3-TraceId=64fe8b2a57d3eff7", "X-B3-SpanId=00f067aa0ba902b7", "X-B3-Flags=1"}},
      {"jaeger",
       {{"uber-trace-id", "ff00ff:ab:cd:1"}},
       {"uber-trace-id=0000000000ff00ff:00f067aa0ba902b7:0:1"}},
      {"datadog keeps its priority and tags",
       {{"x-datadog-tags", "_dd.p.dm=-4,_dd.p.tid=0af7651916cd43dd"},
        {"x-datadog-trace-id", "9532127138774266268"},
        {"x-datadog-parent-id", "13235353014750950193"},
        {"x-datadog-origin", "rum"},
        {"x-datadog-sampling-priority", "2"}},
       {"x-datadog-tags=_dd.p.dm=-4,_dd.p.tid=0af7651916cd43dd", "x-datadog-origin=rum",
        "x-datadog-sampling-priority=2", "x-datadog-trace-id=9532127138774266268",
        "x-datadog-parent-id=67667974448284343"}},
      {"all follow the one that decides",
       {{"traceparent", kW3c},
        {"b3", "64fe8b2a57d3eff7-e457b5a2e4d86bd1-0"},
        {"x-datadog-trace-id", "1"},
        {"x-datadog-parent-id", "2"},
        {"x-datadog-sampling-priority", "-1"},
        {"x-datadog-tags", "_dd.p.dm=-4"}},
       {"traceparent=00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01",
        "b3=0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-1",
        "x-datadog-trace-id=9532127138774266268", "x-datadog-parent-id=67667974448284343",
        "x-datadog-sampling-priority=1", "x-datadog-tags=_dd.p.dm=-4,_dd.p.tid=0af7651916cd43dd"}},
  };
  return all;
}

TEST(Reparent, MakesTheNextReaderAChildOfOurSpan) {
  for (const Row& row : rows()) {
    SCOPED_TRACE(row.what);
    EXPECT_EQ(reparented(row.before), row.after);
  }
}

TEST(Reparent, LeavesBrokenHeadersAlone) {
  const std::string large(513, 'x');
  const std::string long_dd = "dd=t.a:" + std::string(234, 'v');
  for (const auto& headers :
       std::vector<std::vector<HeaderView>>{{{"traceparent", kW3c}, {"b3", "what"}},
                                            {{"traceparent", kW3c}, {"tracestate", "A=1"}},
                                            {{"traceparent", kW3c}, {"x-b3-traceid", std::nullopt}},
                                            {{"traceparent", kW3c}, {"x-datadog-tags", large}},
                                            {{"traceparent", kW3c}, {"tracestate", long_dd}}}) {
    SCOPED_TRACE(headers[1].name);
    EXPECT_EQ(reparented(headers), std::nullopt);
  }
}

TEST(Reparent, AddsTheFormatsThatAreAskedForWhereNoneIsThere) {
  const std::vector<HeaderView> headers{{"a", "1"}};
  const TraceContext found = read_trace_context(headers);
  const NewParent parent{{{0x0af7651916cd43dd, 0x8448eb211c80319c}, kNew}, true, false, true};
  const TraceFormats all{TraceFormat::w3c, TraceFormat::b3, TraceFormat::b3_multi,
                         TraceFormat::jaeger, TraceFormat::datadog};
  const auto edits = reparent(found, parent, all);
  ASSERT_TRUE(edits);
  EXPECT_EQ(
      lines(edited(headers, *edits)),
      (Lines{"a=1", "traceparent=00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-03",
             "b3=0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-1",
             "x-b3-traceid=0af7651916cd43dd8448eb211c80319c", "x-b3-spanid=00f067aa0ba902b7",
             "x-b3-sampled=1",
             "uber-trace-id=0af7651916cd43dd8448eb211c80319c:00f067aa0ba902b7:0:1",
             "x-datadog-trace-id=9532127138774266268", "x-datadog-parent-id=67667974448284343",
             "x-datadog-sampling-priority=1", "x-datadog-tags=_dd.p.tid=0af7651916cd43dd"}));
  const auto none = reparent(found, parent, {});
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
  // Where one is there the others are not added.
  const std::vector<HeaderView> w3c{{"traceparent", kW3c}};
  EXPECT_EQ(reparent(read_trace_context(w3c), parent, all)->size(), 1U);
}

TEST(Reparent, WritesANewDecisionIntoEveryFormat) {
  const std::vector<HeaderView> headers{{"traceparent", kW3c},
                                        {"tracestate", "dd=s:2"},
                                        {"b3",
                                         "0af7651916cd43dd8448eb211c80319c-"
                                         "b7ad6b7169203331-d"},
                                        {"x-datadog-trace-id", "9532127138774266268"},
                                        {"x-datadog-parent-id", "13235353014750950193"},
                                        {"x-datadog-sampling-priority", "2"}};
  const TraceContext found = read_trace_context(headers);
  NewParent parent = child_of(found, kNew);
  parent.sampled = false;
  const auto edits = reparent(found, parent, {});
  ASSERT_TRUE(edits);
  const auto after = edited(headers, *edits);
  const TraceContext again = read_trace_context(after);
  EXPECT_EQ(again.sampled, false);
  EXPECT_FALSE(again.disagreement.any());
  EXPECT_EQ(again.tracestate, "dd=s:0;p:00f067aa0ba902b7");
}

// A record with any of the formats, well formed, in any order, among other headers.
class Headers {
 public:
  explicit Headers(std::uint64_t seed) : random_(seed) {
    const std::string trace = hex(TraceId{chance(2) ? random_() : 0, random_() | 1});
    const std::string span = hex(SpanId{random_() | 1});
    if (chance(2)) add("traceparent", "00-" + trace + "-" + span + (chance(2) ? "-01" : "-00"));
    if (!pairs_.empty() && chance(2)) add("tracestate", chance(2) ? "x=1,dd=s:1;t.a:b" : "x=1");
    if (chance(2)) add("b3", trace + "-" + span + (chance(2) ? "-1" : ""));
    if (chance(2)) {
      const bool is_capital = chance(2);
      add(is_capital ? "X-B3-TraceId" : "x-b3-traceid", trace.substr(chance(2) ? 16 : 0));
      add(is_capital ? "X-B3-SpanId" : "x-b3-spanid", span);
      if (chance(2)) add(is_capital ? "X-B3-Sampled" : "x-b3-sampled", chance(2) ? "1" : "0");
    }
    if (chance(2)) add("uber-trace-id", trace + ":" + hex(SpanId{random_() | 1}) + ":0:1");
    if (chance(2)) {
      add("x-datadog-trace-id", std::to_string(random_() | 1));
      add("x-datadog-parent-id", std::to_string(random_() | 1));
      if (chance(2)) add("x-datadog-tags", "_dd.p.tid=" + hex(SpanId{random_()}));
    }
    for (auto count = random_() % 4; count > 0; --count) add("other", std::to_string(count));
    std::shuffle(pairs_.begin(), pairs_.end(), random_);
  }
  [[nodiscard]] std::vector<HeaderView> views() const {
    std::vector<HeaderView> out;
    for (const auto& [name, value] : pairs_) out.push_back({name, value});
    return out;
  }
  bool chance(std::uint64_t of) { return random_() % of == 0; }
  std::uint64_t next() { return random_(); }

 private:
  void add(std::string name, std::string value) {
    pairs_.emplace_back(std::move(name), std::move(value));
  }
  std::mt19937_64 random_;
  std::vector<std::pair<std::string, std::string>> pairs_;
};

std::vector<HeaderView> others(const std::vector<HeaderView>& headers, const HeaderEdits& edits) {
  std::vector<HeaderView> out;
  for (const HeaderView& header : headers) {
    const auto is_it = [&](const HeaderEdit& edit) { return edit.name == header.name; };
    if (std::none_of(edits.begin(), edits.end(), is_it)) out.push_back(header);
  }
  return out;
}

TEST(Reparent, IsReadBackInEveryFormatThatWasThere) {
  for (const std::uint64_t first : test_seeds(2000)) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(first));
    Headers headers(first);
    const auto before = headers.views();
    const TraceContext found = read_trace_context(before);
    ASSERT_TRUE(found.is_intact());
    NewParent parent{{{headers.next(), headers.next() | 1}, {headers.next() | 1}}, {}, {}, {}};
    if (found.ids) parent = child_of(found, parent.ids.span);
    if (headers.chance(3)) parent.sampled = headers.chance(2);
    const auto edits = reparent(found, parent, TraceFormats{TraceFormat::w3c});
    ASSERT_TRUE(edits);
    const auto after = edited(before, *edits);
    const TraceContext again = read_trace_context(after);
    EXPECT_TRUE(again.is_intact());
    EXPECT_EQ(again.ids, parent.ids);
    EXPECT_FALSE(again.disagreement.of_trace || again.disagreement.of_span);
    if (parent.sampled) {
      EXPECT_EQ(again.sampled, parent.sampled);
      EXPECT_FALSE(again.disagreement.of_decision);
    }
    const TraceFormats formats =
        found.formats.empty() ? TraceFormats{TraceFormat::w3c} : found.formats;
    EXPECT_EQ(again.formats, formats);
    EXPECT_EQ(others(after, *edits), others(before, *edits));
    for (const HeaderView& other : others(before, *edits)) {
      EXPECT_TRUE(other.name == "other" || other.name == "tracestate" ||
                  other.name.starts_with("x-datadog-"))
          << other.name;
    }
    // Once more changes nothing but the places.
    const auto twice = reparent(again, parent, {});
    ASSERT_TRUE(twice);
    auto first_lines = lines(after);
    auto second_lines = lines(edited(after, *twice));
    std::sort(first_lines.begin(), first_lines.end());
    std::sort(second_lines.begin(), second_lines.end());
    EXPECT_EQ(first_lines, second_lines);
  }
}

}  // namespace
}  // namespace longspan
