#include "cli/views/trace_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/views/trace_json.h"
#include "cli/views/waterfall.h"

namespace longspan {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kBase = 1'795'222'920'000'000;
const TraceId kTrace{0x0af7651916cd43dd, 0x8448eb211c80319c};

Stamp at_ms(std::int64_t ms) { return {{kBase + ms * 1'000}, 1}; }

ShownRecord record() {
  ShownRecord out;
  out.source = {"east", {"orders", 3}, Offset{1000}};
  out.target = {"west", {"east.orders", 3}, Offset{998}};
  out.timestamp = TimestampMs{kBase / 1'000 + 40};
  out.is_log_append_time = true;
  out.trace.mode = TraceMode::reparent;
  out.trace.incoming = {kTrace, {0xb7ad6b7169203331}};
  out.trace.sampled = true;
  out.trace.hop = {kTrace, {0x11}};
  out.trace.send = SpanId{0x12};
  out.trace.copy = {kTrace, {0x12}};
  out.trace.url = viewer_link("https://zipkin/traces/{trace_id}?s={span_id}", kTrace, SpanId{0x11});
  ClockConfig clocks;
  clocks.source_max_error = DurationUs{5'000};
  clocks.target_max_error = DurationUs{5'000};
  out.way.emplace(WayFacts{at_ms(0), at_ms(10), at_ms(40), at_ms(140), {}}, clocks);
  for (const WayHop& hop : hops_of(*out.way)) out.hops.push_back({hop, SpanId{0x21}});
  ShownGroup waits;
  waits.group = "audit";
  waits.state = ShownGroup::State::not_committed;
  waits.position = Offset{990};
  waits.why = "it is at 990, 8 offsets before the record";
  out.groups.push_back(waits);
  out.unknown.push_back({"fetched, produced", "no mark that is kept tells when it was mirrored"});
  return out;
}

std::size_t longest_line(const std::string& text) {
  std::istringstream lines(text);
  std::size_t out = 0;
  for (std::string line; std::getline(lines, line);) out = std::max(out, line.size());
  return out;
}

TEST(TraceView, NamesBothPlacesTheTraceAndItsLink) {
  const std::string text = traces_text({"east->west", {record()}, {}}, {.width = 140});
  EXPECT_THAT(text, HasSubstr("source  orders:3:1000 on east (asked for)\n"));
  EXPECT_THAT(text, HasSubstr("target  east.orders:3:998 on west\n"));
  EXPECT_THAT(text, HasSubstr("trace   0af7651916cd43dd8448eb211c80319c, sampled\n"));
  EXPECT_THAT(text, HasSubstr("child of its part 0000000000000012\n"));
  EXPECT_THAT(text, HasSubstr("https://zipkin/traces/0af7651916cd43dd8448eb211c80319c"
                              "?s=0000000000000011\n"));
  EXPECT_THAT(text, HasSubstr("commit to target append"));
  EXPECT_THAT(text, HasSubstr("group audit has not committed it yet: it is at 990, 8 offsets"));
  EXPECT_THAT(text, HasSubstr("fetched, produced: not known: no mark"));
}

TEST(TraceView, TheWaterfallFitsANarrowTerminal) {
  const std::string text = traces_text({"east->west", {record()}, {}}, {.width = 60});
  const auto begin = text.find("HOP");
  const auto end = text.find("\n\n", begin);
  ASSERT_NE(begin, std::string::npos);
  EXPECT_LE(longest_line(text.substr(begin, end - begin)), 60U) << text;
  EXPECT_THAT(text, HasSubstr("="));
}

TEST(TraceView, WithoutACopyOrATraceTheReasonIsThere) {
  ShownRecord shown = record();
  shown.trace = {};
  shown.trace.why_none = "the record has no header of tracecontext";
  shown.target.offset.reset();
  shown.why_no_copy = "not mirrored yet";
  const std::string text = traces_text({"east->west", {shown}, {}}, {});
  EXPECT_THAT(text, HasSubstr("trace   none: the record has no header of tracecontext\n"));
  EXPECT_THAT(text, HasSubstr("no copy: not mirrored yet\n"));
  EXPECT_THAT(text, Not(HasSubstr("view  ")));
}

TEST(TraceView, JsonHasWhatTheTextHas) {
  const auto json = nlohmann::json::parse(traces_json({"east->west", {record()}, {}}));
  EXPECT_EQ(json.at("version"), 1);
  EXPECT_TRUE(json.at("scan").is_null());
  const auto& shown = json.at("records").at(0);
  EXPECT_EQ(shown.at("source").at("offset"), 1000);
  EXPECT_EQ(shown.at("target").at("topic"), "east.orders");
  EXPECT_EQ(shown.at("trace").at("trace_id"), hex(kTrace));
  EXPECT_EQ(shown.at("hops").size(), 3U);
  EXPECT_EQ(shown.at("hops").at(0).at("hop"), "commit_to_connector");
  EXPECT_EQ(shown.at("hops").at(0).at("point_us"), 10'000);
  EXPECT_FALSE(shown.at("times").contains("fetched"));
  EXPECT_EQ(shown.at("groups").at(0).at("state"), "not_committed");
  EXPECT_TRUE(shown.at("why_no_copy").is_null());
}

TEST(TraceView, AScanSaysHowMuchItLookedThrough) {
  ShownScan scan{"8448eb211c80319c", 1'000, 2, 0, false, 12};
  const std::string text = traces_text({"east->west", {record()}, scan}, {});
  EXPECT_THAT(text, HasSubstr("12 records in the newest 1"));
  EXPECT_THAT(text, HasSubstr("of which the newest 1 are shown"));
}

TEST(Waterfall, ABarLiesWhereItsHopLies) {
  EXPECT_EQ(bar_text(0, 5, 10, 10), "=====");
  EXPECT_EQ(bar_text(5, 5, 10, 10), "     =====");
  EXPECT_EQ(bar_text(3, 0, 10, 10), "   =") << "at least one column";
  EXPECT_EQ(bar_text(1, 1, 0, 10), "");
  EXPECT_EQ(range_bar({2, 4, 6, 8}, 10, 10), "  --==--");
  EXPECT_EQ(range_bar({10, 10, 10, 10}, 10, 10).size(), 10U);
}

}  // namespace
}  // namespace longspan
