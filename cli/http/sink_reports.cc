#include "cli/http/sink_reports.h"

#include <nlohmann/json.hpp>
#include <string>

#include "cli/views/json_object.h"
#include "lagcalc/json_depth.h"

namespace longspan {
namespace {

constexpr std::size_t kNameMax = 249;  // as a topic's
constexpr int kDepthMax = 8;

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

Result<std::vector<SinkReport>> parse_sink_reports(std::string_view body) {
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
  if (sink.empty() || sink.size() > kNameMax) return wrong("sink has 1 to 249 bytes");
  if (reports.size() > kSinkReportsMax) return wrong("more than 1000 reports");
  for (SinkReport& report : reports) {
    if (report.offset < Offset{} || report.offset.value == INT64_MAX) {
      return wrong("an offset is out of range");
    }
    constexpr std::int64_t kLatestMs = 100'000'000'000'000;  // the year 5138
    if (report.at && (report.at->value < 0 || report.at->value > kLatestMs)) {
      return wrong("an at_ms is out of range");
    }
    report.sink = sink;
  }
  return reports;
}

}  // namespace longspan
