#include "tracing/openmetrics.h"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <vector>

namespace longspan {
namespace {

constexpr std::string_view kTotal = "_total";

void append_number(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    std::array<char, 32> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    out.append(text.data(), end);
  }
}

// As the format spells bounds: always with a point.
std::string bound_text(double bound) {
  std::string out;
  append_number(out, bound);
  if (out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
}

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void family(const Metric& metric, const std::vector<const MetricSample*>& samples) {
    names_ = label_names(metric);
    name_ = metric.name;
    if (metric.kind == MetricKind::counter) name_.remove_suffix(kTotal.size());
    meta("TYPE", longspan::name(metric.kind));
    if (!metric.unit.empty() && name_.ends_with("_" + std::string(metric.unit))) {
      meta("UNIT", metric.unit);
    }
    meta("HELP", metric.help);
    const std::string_view suffix = metric.kind == MetricKind::counter ? kTotal : "";
    for (const MetricSample* sample : samples) {
      if (const auto* number = std::get_if<double>(&sample->value)) {
        point(suffix, *sample, "", *number);
      } else {
        histogram(*sample, classic(std::get<Histogram>(sample->value)));
      }
    }
  }

 private:
  void meta(std::string_view what, std::string_view text) {
    out_.append("# ").append(what).append(" ").append(name_).append(" ");
    append_escaped(out_, text);
    out_ += '\n';
  }

  void histogram(const MetricSample& sample, const ClassicHistogram& value) {
    std::array<const Exemplar*, kLatencyBoundsSeconds.size() + 1> of{};
    for (const Exemplar& exemplar : sample.exemplars) of[bucket_of(exemplar)] = &exemplar;
    for (std::size_t i = 0; i < kLatencyBoundsSeconds.size(); ++i) {
      point("_bucket", sample, bound_text(kLatencyBoundsSeconds[i]),
            static_cast<double>(value.at_most[i]), of[i]);
    }
    point("_bucket", sample, "+Inf", static_cast<double>(value.count), of.back());
    point("_sum", sample, "", value.sum);
    point("_count", sample, "", static_cast<double>(value.count));
  }

  void point(std::string_view suffix, const MetricSample& sample, std::string_view bound,
             double value, const Exemplar* exemplar = nullptr) {
    out_.append(name_).append(suffix);
    char before = '{';
    const auto label = [&](std::string_view name, std::string_view text) {
      out_ += before;
      out_.append(name).append("=\"");
      append_escaped(out_, text);
      out_ += '"';
      before = ',';
    };
    for (std::size_t i = 0; i < names_.size(); ++i) label(names_[i], sample.labels[i]);
    if (!bound.empty()) label("le", bound);
    if (before == ',') out_ += '}';
    out_ += ' ';
    append_number(out_, value);
    if (exemplar != nullptr) {
      out_ += " # {trace_id=\"" + hex(exemplar->ids.trace) + "\",span_id=\"" +
              hex(exemplar->ids.span) + "\"} ";
      append_number(out_, exemplar->value);
      out_ += ' ';
      append_number(out_, static_cast<double>(exemplar->at.value) / 1000);
    }
    out_ += '\n';
  }

  std::string& out_;
  std::vector<std::string> names_;
  std::string_view name_;
};

}  // namespace

std::string openmetrics_text(const MetricSet& set) {
  std::string out;
  Writer writer(out);
  for (std::size_t row = 0; row < kMetrics.size(); ++row) {
    const auto samples = set.ordered(row);
    if (!samples.empty()) writer.family(kMetrics[row], samples);
  }
  out += "# EOF\n";
  return out;
}

}  // namespace longspan
