#include "tracing/exposition.h"

#include <charconv>
#include <optional>

#include "tracing/openmetrics.h"
#include "tracing/protobuf_metrics.h"
#include "tracing/text_parts.h"

namespace longspan {
namespace {

// What one element of an Accept asks for.
struct Wanted {
  std::string_view type;
  std::string_view version;
  std::string_view encoding;
  std::string_view proto;
  double weight = 1;
};

void take_parameter(Wanted& wanted, std::string_view parameter) {
  const std::string_view key = trimmed(take_part(parameter, '='));
  std::string_view value = trimmed(parameter);
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  if (key == "version") wanted.version = value;
  if (key == "encoding") wanted.encoding = value;
  if (key == "proto") wanted.proto = value;
  if (key != "q") return;
  double weight = 0;
  const auto parsed = std::from_chars(value.data(), value.data() + value.size(), weight);
  const bool is_fine = parsed.ec == std::errc{} && weight >= 0 && weight <= 1;
  wanted.weight = is_fine ? weight : 0;
}

Wanted wanted_of(std::string_view element) {
  Wanted out;
  out.type = trimmed(take_part(element, ';'));
  while (!element.empty()) take_parameter(out, trimmed(take_part(element, ';')));
  return out;
}

std::optional<Exposition> form_of(const Wanted& wanted) {
  if (wanted.type == "application/vnd.google.protobuf") {
    const bool is_ours =
        wanted.proto == "io.prometheus.client.MetricFamily" && wanted.encoding == "delimited";
    return is_ours ? std::optional(Exposition::protobuf) : std::nullopt;
  }
  if (wanted.type == "application/openmetrics-text") {
    const bool is_known =
        wanted.version.empty() || wanted.version == "1.0.0" || wanted.version == "0.0.1";
    return is_known ? std::optional(Exposition::openmetrics) : std::nullopt;
  }
  const bool is_text =
      wanted.type == "text/plain" || wanted.type == "text/*" || wanted.type == "*/*";
  const bool is_known = wanted.version.empty() || wanted.version == "0.0.4";
  return is_text && is_known ? std::optional(Exposition::text) : std::nullopt;
}

}  // namespace

Exposition exposition_of(std::string_view accept) {
  accept = accept.substr(0, kAcceptBytesMax);
  Exposition best = Exposition::text;
  double weight = 0;
  while (!accept.empty()) {
    const Wanted wanted = wanted_of(trimmed(take_part(accept, ',')));
    const auto form = form_of(wanted);
    if (!form || wanted.weight <= weight) continue;
    best = *form;
    weight = wanted.weight;
  }
  return best;
}

std::string_view content_type(Exposition form) {
  switch (form) {
    case Exposition::openmetrics:
      return "application/openmetrics-text; version=1.0.0; charset=utf-8";
    case Exposition::protobuf:
      return "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
             "encoding=delimited";
    case Exposition::text:
      break;
  }
  return "text/plain; version=0.0.4; charset=utf-8";
}

std::string exposed(const MetricSet& set, Exposition form) {
  switch (form) {
    case Exposition::openmetrics:
      return openmetrics_text(set);
    case Exposition::protobuf:
      return protobuf_metrics(set);
    case Exposition::text:
      break;
  }
  return set.text();
}

}  // namespace longspan
