#include "cli/http/sink_reports.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/views/json_object.h"
#include "lagcalc/json_depth.h"

namespace longspan {
namespace {

constexpr std::int64_t kEarliestMs = 1'000'000'000'000;  // nobody reports of 2001; seconds look so

constexpr std::size_t kNameMax = 249;  // as a topic's
constexpr int kDepthMax = 8;

// As a topic's: it stands in tables, logs and the name of a group.
bool is_name(std::string_view text) {
  const auto is_fine = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= kNameMax && std::all_of(text.begin(), text.end(), is_fine);
}

void read_report(JsonObject& object, SinkReport& report) {
  object.required("topic", report.partition.topic);
  object.required("partition", report.partition.partition);
  object.required("offset", report.offset);
  object.optional("at_ms", report.at);
}

Unexpected<Error> wrong(const std::string& what) {
  return fail(Next::stop_process, "a report of a sink: " + what);
}

}  // namespace

Result<std::vector<SinkReport>> parse_sink_reports(std::string_view body, TimestampMs now) {
  if (!is_shallow(body, kDepthMax)) return wrong("the text is nested too deeply");
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (json.is_discarded()) return wrong("the text is not JSON");
  std::string trouble;
  std::string sink;
  std::vector<SinkReport> reports;
  JsonObject object(json, "", trouble);
  object.required("sink", sink);
  if (trouble.empty()) object.each("reports", reports, read_report);
  if (!trouble.empty()) return wrong(trouble);
  if (!is_name(sink)) return wrong("sink has 1 to 249 of the characters a-z A-Z 0-9 . _ -");
  if (reports.size() > kSinkReportsMax) return wrong("more than 1000 reports");
  for (SinkReport& report : reports) {
    if (report.offset < Offset{} || report.offset.value == INT64_MAX) {
      return wrong("an offset is out of range");
    }
    const std::int64_t latest = now.value + std::chrono::milliseconds(kAheadMax).count();
    if (report.at && report.at->value < kEarliestMs) {
      return wrong("an at_ms is before 2001: it has milliseconds since 1970");
    }
    if (report.at && report.at->value > latest) {
      return wrong("an at_ms is more than 5 minutes ahead of this host's clock");
    }
    report.sink = sink;
  }
  return reports;
}

}  // namespace longspan
