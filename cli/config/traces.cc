#include "cli/config/traces.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "cli/config/setting.h"

namespace longspan {
namespace {

constexpr std::string_view kFormatWords = "tracecontext, b3, b3multi, jaeger, datadog";

std::optional<TraceFormat> format_of(std::string_view word) {
  if (word == "w3c") return TraceFormat::w3c;
  const auto* const found = std::find(kTraceFormatNames.begin(), kTraceFormatNames.end(), word);
  if (found == kTraceFormatNames.end()) return std::nullopt;
  return static_cast<TraceFormat>(found - kTraceFormatNames.begin());
}

TraceFormats formats(const Setting& setting, Findings& findings) {
  TraceFormats out;
  for (const std::string& word : setting.list()) {
    const auto format = format_of(word);
    if (format) {
      out.insert(*format);
    } else {
      findings.error(setting.line(), setting.from->text() + " is not of " +
                                         std::string(kFormatWords) + " (or w3c, the first)");
    }
  }
  if (setting.list().empty()) {
    findings.error(setting.line(), setting.from->text() +
                                       " names no format; where no trace is to " +
                                       "begin, write trace.start=never");
  }
  return out;
}

double ratio(const Setting& setting, Findings& findings) {
  const std::string text = setting.text();
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  if (is_number && value >= 0 && value <= 1) return value;
  findings.error(setting.line(), setting.from->text() + " is not in 0..1");
  return 1;
}

// Empty, or a template that becomes the link to any trace. Nothing is printed that is wrong in it:
// a key may stand in it.
std::string viewer_url(const Setting& setting, Findings& findings) {
  const std::string text = setting.text();
  if (text.empty()) return {};
  const auto wrong = [&](const std::string& what) {
    findings.error(setting.line(), setting.from->text() + " " + what +
                                       ", as in https://zipkin/zipkin/traces/{trace_id}");
    return std::string();
  };
  const auto scheme = text.find("://");
  const bool is_http = text.starts_with("http://") || text.starts_with("https://");
  if (!is_http || text.size() == scheme + 3) return wrong("is no URL of http or https");
  const auto has_gap = [](unsigned char c) { return c <= ' ' || c == 0x7f; };
  if (std::any_of(text.begin(), text.end(), has_gap)) return wrong("has blanks in it");
  for (auto open = text.find('{'); open != std::string::npos; open = text.find('{', open + 1)) {
    const auto name = std::string_view(text).substr(open);
    if (name.starts_with("{trace_id}") || name.starts_with("{span_id}")) continue;
    return wrong("has { that begins neither {trace_id} nor {span_id}");
  }
  if (text.find("{trace_id}") == std::string::npos) return wrong("has no {trace_id}");
  return text;
}

std::string beginning(const TraceSettings& settings) {
  if (!settings.starts) return "stay in none";
  std::string formats;
  for (std::size_t i = 0; i < kTraceFormats; ++i) {
    if (!settings.inject.contains(static_cast<TraceFormat>(i))) continue;
    formats += (formats.empty() ? "" : ", ") + std::string(kTraceFormatNames[i]);
  }
  return "begin one, as " + formats;
}

}  // namespace

TraceSettings build_traces(PropertySet& properties, const std::string& flow, Findings& findings) {
  const auto get = [&](std::string_view key) { return look_up(properties, flow, key, findings); };
  const auto patterns = [&](std::string_view key, NamePatterns& into) {
    const Setting setting = get(key);
    auto compiled = NamePatterns::make(setting.list(), key);
    if (!compiled) return findings.error(setting.line(), compiled.error().text());
    into = std::move(*compiled);
  };
  TraceSettings out;
  patterns("trace.reparent.topics", out.reparent);
  patterns("trace.link.topics", out.link);
  out.starts = get("trace.start").text() == "always";
  out.inject = formats(get("trace.inject"), findings);
  out.ratio = ratio(get("trace.ratio"), findings);
  out.records_per_second = get("trace.records.per.second").number();
  out.slowest_per_minute = get("trace.slowest.per.minute").number();
  out.viewer_url = viewer_url(get("trace.viewer.url"), findings);
  return out;
}

std::string text_of(const TraceSettings& settings) {
  std::string out;
  if (!settings.reparent.patterns().empty()) out += "reparent " + settings.reparent.text() + "; ";
  if (!settings.link.patterns().empty()) out += "link " + settings.link.text() + "; ";
  return out + "records in no trace " + beginning(settings);
}

std::string sampling_text(const TraceSettings& settings) {
  std::string of_undecided = std::to_string(settings.ratio);
  of_undecided.erase(of_undecided.find_last_not_of('0') + 1);
  if (of_undecided.back() == '.') of_undecided.pop_back();
  return of_undecided + " of traces nobody decided about, " +
         std::to_string(settings.records_per_second) + " records a second; and the " +
         std::to_string(settings.slowest_per_minute) + " slowest of a minute";
}

}  // namespace longspan
