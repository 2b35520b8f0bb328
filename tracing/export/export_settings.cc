#include "tracing/export/export_settings.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "tracing/export/percent_pairs.h"

namespace longspan {
namespace {

constexpr std::string_view kGeneral = "OTEL_EXPORTER_OTLP_";

struct SignalNames {
  ExportSignal signal;
  std::string_view prefix;
  std::string_view exporter;  // the variable that chooses one
  std::string_view path;
};
constexpr SignalNames kSignals[] = {
    {ExportSignal::traces, "OTEL_EXPORTER_OTLP_TRACES_", "OTEL_TRACES_EXPORTER", "/v1/traces"},
    {ExportSignal::metrics, "OTEL_EXPORTER_OTLP_METRICS_", "OTEL_METRICS_EXPORTER", "/v1/metrics"}};

constexpr std::string_view kSuffixes[] = {
    "ENDPOINT",    "PROTOCOL",           "HEADERS",   "TIMEOUT", "COMPRESSION",
    "CERTIFICATE", "CLIENT_CERTIFICATE", "CLIENT_KEY"};
constexpr std::string_view kUnprefixed[] = {"OTEL_SDK_DISABLED",
                                            "OTEL_TRACES_EXPORTER",
                                            "OTEL_METRICS_EXPORTER",
                                            "OTEL_EXPORTER_ZIPKIN_ENDPOINT",
                                            "OTEL_SERVICE_NAME",
                                            "OTEL_RESOURCE_ATTRIBUTES",
                                            "OTEL_BSP_SCHEDULE_DELAY",
                                            "OTEL_BSP_MAX_QUEUE_SIZE",
                                            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
                                            "OTEL_METRIC_EXPORT_INTERVAL",
                                            "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
                                            "OTEL_SEMCONV_STABILITY_OPT_IN"};

struct Variable {
  std::string name;
  std::string value;
};

std::string lower_case(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

bool is_token(std::string_view name) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

// No line ends: whoever may write a value must not write further headers.
bool is_header_value(std::string_view value) {
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return c == '\t' || (c >= ' ' && c != '\x7f') || c < 0; });
}

class Reading {
 public:
  Reading(const Environment& environment, ExportSignal signal)
      : environment_(environment), names_(kSignals[static_cast<std::size_t>(signal)]) {}

  ExportSettings read() {
    out_.url = "http://localhost:4318" + std::string(names_.path);
    read_disabled();
    read_exporter();
    read_protocol();
    read_url();
    read_headers();
    read_number("TIMEOUT", out_.timeout);
    read_compression();
    read_text("CERTIFICATE", out_.certificate_file);
    read_text("CLIENT_CERTIFICATE", out_.client_certificate_file);
    read_text("CLIENT_KEY", out_.client_key_file);
    read_resource();
    if (is_metrics()) {
      read_metrics();
    } else {
      read_queue();
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool is_metrics() const { return names_.signal == ExportSignal::metrics; }
  std::optional<Variable> find(std::string name) const {
    const auto found = environment_.find(name);
    if (found == environment_.end() || found->second.empty()) return std::nullopt;
    return Variable{std::move(name), found->second};
  }
  // Of the signal, else the general one.
  std::optional<Variable> find_otlp(std::string_view suffix) const {
    auto found = find(std::string(names_.prefix) + std::string(suffix));
    return found ? found : find(std::string(kGeneral) + std::string(suffix));
  }
  void problem(const Variable& variable, const std::string& what) {
    out_.problems.push_back(variable.name + " " + what);
  }

  void read_disabled() {
    if (const auto disabled = find("OTEL_SDK_DISABLED")) {
      const std::string word = lower_case(disabled->value);
      if (word == "true") out_.is_enabled = false;
      if (word != "true" && word != "false") problem(*disabled, "is neither true nor false");
    }
  }

  void read_exporter() {
    const auto exporter = find(std::string(names_.exporter));
    if (!exporter || exporter->value == "otlp") return;
    if (exporter->value == "none") {
      out_.is_enabled = false;
    } else if (is_metrics()) {
      read_metric_exporters(*exporter);
    } else if (exporter->value == "zipkin") {
      out_.form = ExportForm::zipkin_json;
    } else {
      problem(*exporter, "is none of otlp, zipkin, none");
    }
  }
  // Several may be named; that of Prometheus is /metrics, which nobody has to ask for.
  void read_metric_exporters(const Variable& exporter) {
    bool is_otlp = false;
    std::string_view rest = exporter.value;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      const std::string_view word = rest.substr(0, comma);
      if (word == "otlp") is_otlp = true;
      if (word != "otlp" && word != "prometheus") {
        return problem(exporter, "is none of otlp, prometheus, none");
      }
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    out_.is_enabled = out_.is_enabled && is_otlp;
  }

  void read_protocol() {
    const auto protocol = find_otlp("PROTOCOL");
    if (!protocol || out_.form == ExportForm::zipkin_json) return;
    if (protocol->value == "http/json") {
      out_.form = ExportForm::otlp_json;
    } else if (protocol->value != "http/protobuf") {
      problem(*protocol, "is neither http/protobuf nor http/json; http/protobuf is used");
    }
  }

  void read_url() {
    if (out_.form == ExportForm::zipkin_json) {
      out_.url = "http://localhost:9411/api/v2/spans";
      return take_url(find("OTEL_EXPORTER_ZIPKIN_ENDPOINT"), false);
    }
    const auto own = find(std::string(names_.prefix) + "ENDPOINT");
    take_url(own ? own : find(std::string(kGeneral) + "ENDPOINT"), !own);
  }
  void take_url(const std::optional<Variable>& variable, bool is_base) {
    if (!variable) return;
    std::string url = variable->value;
    const auto path = path_of(url);
    if (!path || (is_base && url.find_first_of("?#") != std::string::npos)) {
      return problem(*variable, "is no URL of http or https");
    }
    if (is_base) {
      while (url.ends_with('/')) url.pop_back();
      url += names_.path;
    } else if (*path == url.size()) {
      url += '/';
    }
    out_.url = std::move(url);
  }

  void read_headers() {
    const auto variable = find_otlp("HEADERS");
    if (!variable || out_.form == ExportForm::zipkin_json) return;
    auto pairs = read_percent_pairs(variable->value);
    const bool is_good = pairs && std::all_of(pairs->begin(), pairs->end(), [](const auto& pair) {
                           return is_token(pair.first) && is_header_value(pair.second);
                         });
    if (!is_good) return problem(*variable, "is no list of name=value,name=value");
    out_.headers = std::move(*pairs);
  }

  void read_compression() {
    const auto variable = find_otlp("COMPRESSION");
    if (!variable) return;
    if (variable->value == "gzip") {
      out_.is_gzip = true;
    } else if (variable->value != "none") {
      problem(*variable, "is neither gzip nor none");
    }
  }

  void read_text(std::string_view suffix, std::string& out) {
    if (auto variable = find_otlp(suffix)) out = std::move(variable->value);
  }

  std::optional<std::int64_t> number(const std::optional<Variable>& variable) {
    constexpr std::int64_t kMax = 1'000'000'000;
    if (!variable) return std::nullopt;
    const std::string& text = variable->value;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size() && value > 0 && value <= kMax) {
      return value;
    }
    problem(*variable, "is not in 1.." + std::to_string(kMax));
    return std::nullopt;
  }
  void read_number(std::string_view suffix, std::chrono::milliseconds& out) {
    if (const auto value = number(find_otlp(suffix))) out = std::chrono::milliseconds(*value);
  }

  void read_resource() {
    out_.resource.put("service.name", "longspan");
    if (const auto variable = find("OTEL_RESOURCE_ATTRIBUTES")) {
      const auto pairs = read_percent_pairs(variable->value);
      if (!pairs) problem(*variable, "is no list of name=value,name=value");
      for (const auto& [key, value] : pairs.value_or(TextPairs{})) out_.resource.put(key, value);
    }
    if (auto variable = find("OTEL_SERVICE_NAME")) {
      out_.resource.put("service.name", std::move(variable->value));
    }
  }

  void read_queue() {
    if (const auto value = number(find("OTEL_BSP_SCHEDULE_DELAY"))) {
      out_.schedule_delay = std::chrono::milliseconds(*value);
    }
    if (const auto value = number(find("OTEL_BSP_MAX_QUEUE_SIZE"))) {
      out_.queue_max = static_cast<std::size_t>(*value);
    }
    const auto batch = find("OTEL_BSP_MAX_EXPORT_BATCH_SIZE");
    if (const auto value = number(batch)) out_.batch_max = static_cast<std::size_t>(*value);
    if (out_.batch_max <= out_.queue_max) return;
    if (batch) problem(*batch, "is larger than the queue, whose size is used");
    out_.batch_max = out_.queue_max;
  }

  void read_metrics() {
    out_.schedule_delay = std::chrono::seconds(60);
    if (const auto value = number(find("OTEL_METRIC_EXPORT_INTERVAL"))) {
      out_.schedule_delay = std::chrono::milliseconds(*value);
    }
    const auto preference = find("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE");
    if (!preference) return;
    const std::string word = lower_case(preference->value);
    if (word == "delta") {
      out_.temporalities = {Temporality::delta, Temporality::delta};
    } else if (word == "lowmemory") {
      // Our counters are looked at, not counted up: asynchronous ones, as OpenTelemetry names it.
      out_.temporalities = {Temporality::cumulative, Temporality::delta};
    } else if (word != "cumulative") {
      problem(*preference, "is none of cumulative, delta, lowmemory");
    }
  }

  const Environment& environment_;
  const SignalNames& names_;
  ExportSettings out_;
};

}  // namespace

std::optional<std::size_t> path_of(std::string_view url) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!url.starts_with(scheme)) continue;
    const std::size_t end = std::min(url.find_first_of("/?#", scheme.size()), url.size());
    if (end == scheme.size() || url.find_first_of(" \t\r\n") != std::string_view::npos) break;
    return end;
  }
  return std::nullopt;
}

ExportSettings read_export_settings(const Environment& environment, ExportSignal signal) {
  return Reading(environment, signal).read();
}

std::vector<std::string> export_variables() {
  std::vector<std::string> out(std::begin(kUnprefixed), std::end(kUnprefixed));
  for (const std::string_view prefix : {kGeneral, kSignals[0].prefix, kSignals[1].prefix}) {
    for (const std::string_view suffix : kSuffixes) {
      out.push_back(std::string(prefix) + std::string(suffix));
    }
  }
  return out;
}

}  // namespace longspan
