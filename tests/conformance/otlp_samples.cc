// Writes requests of OTLP as protobuf and as JSON, for otlp.py to compare: otlp_samples FOLDER SEED
// COUNT makes N.pb and N.json, of spans that have everything a span may have, rubbish with it, and
// metrics-N.pb and metrics-N.json, of every kind of metric, cumulative or not.
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "tracing/metric_export/otlp_metrics.h"
#include "tracing/spans/messaging_names.h"
#include "tracing/spans/otlp.h"

namespace longspan {
namespace {

using Random = std::mt19937_64;

bool chance(Random& random, std::uint64_t of) { return random() % of == 0; }

std::string some_text(Random& random) {
  static const std::vector<std::string> texts{"",
                                              "orders",
                                              "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
                                              "a\"b\\c\n\t\x01",
                                              "\xff\xfe",
                                              "\xed\xa0\x80",
                                              std::string("nul\0l", 5),
                                              "</script>",
                                              "cut \xe2\x82",
                                              std::string(3000, 'x')};
  return texts[random() % texts.size()];
}

AttributeValue some_value(Random& random) {
  constexpr double kDoubles[] = {0,
                                 -0.0,
                                 1.5,
                                 -1e300,
                                 5e-324,
                                 0.1,
                                 std::numeric_limits<double>::infinity(),
                                 -std::numeric_limits<double>::infinity(),
                                 std::numeric_limits<double>::quiet_NaN()};
  constexpr std::int64_t kNumbers[] = {0, 1, -1, 127, 128, INT64_MAX, INT64_MIN, 1LL << 53};
  switch (random() % 4) {
    case 0:
      return some_text(random);
    case 1:
      return chance(random, 2);
    case 2:
      return kNumbers[random() % std::size(kNumbers)];
    default:
      return kDoubles[random() % std::size(kDoubles)];
  }
}

Attributes some_attributes(Random& random, std::uint64_t count_max) {
  Attributes out;
  for (auto count = random() % (count_max + 1); count > 0; --count) {
    out.put(some_text(random).substr(0, 20) + std::to_string(count), some_value(random));
  }
  return out;
}

SpanIds some_ids(Random& random) {
  return {{chance(random, 3) ? 0 : random(), random() | 1}, {random() | 1}};
}

UnixNs some_time(Random& random) {
  constexpr std::uint64_t kTimes[] = {0, 1, 1'700'000'000'000'000'000, UINT64_MAX};
  return {kTimes[random() % std::size(kTimes)]};
}

Span some_span(Random& random) {
  Span span;
  span.ids = some_ids(random);
  if (chance(random, 2)) span.parent = some_ids(random).span;
  span.is_parent_remote = chance(random, 2);
  span.is_sampled = chance(random, 2);
  span.is_random = chance(random, 2);
  if (chance(random, 2)) span.tracestate = "rojo=00f067aa0ba902b7,dd=s:1";
  span.name = some_text(random);
  span.kind = static_cast<SpanKind>(1 + random() % 5);
  span.start = some_time(random);
  span.end = some_time(random);
  span.attributes = some_attributes(random, chance(random, 20) ? 2 * kAttributesMax : 6);
  put_messaging(span.attributes, MessagingName::partition, std::int64_t{3}, NamesWanted::both);
  for (auto count = random() % 4; count > 0; --count) {
    span.add(SpanEvent{some_time(random), some_text(random), some_attributes(random, 3)});
  }
  for (auto count = chance(random, 20) ? 2 * kLinksMax : random() % 4; count > 0; --count) {
    SpanLink link{some_ids(random), {}, {}, some_attributes(random, 2)};
    if (chance(random, 2)) link.sampled = chance(random, 2);
    if (chance(random, 2)) link.tracestate = "x=1";
    span.add(link);
  }
  if (chance(random, 3)) span.status.code = StatusCode::ok;
  if (chance(random, 3)) span.fail(some_text(random));
  return span;
}

SpanOrigin some_origin(Random& random) {
  SpanOrigin out;
  out.resource = some_attributes(random, 4);
  if (chance(random, 2)) out.scope_version = "0.1.0";
  if (chance(random, 2)) out.schema_url = kSchemaUrl;
  return out;
}

std::vector<Exemplar> some_exemplars(Random& random) {
  std::vector<Exemplar> out(random() % 3);
  for (Exemplar& exemplar : out) {
    exemplar = {static_cast<double>(random() % 1000) / 7,
                some_ids(random),
                {static_cast<std::int64_t>(random() % 2'000'000'000'000)}};
  }
  return out;
}

Histogram some_histogram(Random& random) {
  Histogram out;
  for (auto count = random() % 50; count > 0; --count) {
    const double value = static_cast<double>(random() % 1'000'000) / 1'000;
    const std::uint64_t kind = random() % 10;
    out.record(kind == 0 ? -value : kind == 1 ? 0 : value, 1 + random() % 5);
  }
  if (chance(random, 60)) out.record(Histogram::kMagnitudeMax);
  if (chance(random, 10)) out.record(-1e-5);
  return out;
}

double some_number(Random& random, MetricKind kind) {
  if (kind == MetricKind::counter) return static_cast<double>(random() % (1ULL << 53));
  constexpr double kDoubles[] = {0,
                                 -0.0,
                                 1.5,
                                 -1e300,
                                 5e-324,
                                 0.1,
                                 std::numeric_limits<double>::infinity(),
                                 std::numeric_limits<double>::quiet_NaN()};
  return kDoubles[random() % std::size(kDoubles)];
}

// MetricName is known when we are compiled: a few rows of each kind.
MetricSet some_set(Random& random) {
  MetricSet out;
  const auto label = [&] { return some_text(random); };
  const auto add = [&](MetricName metric) {
    for (auto series = random() % 4; series > 0; --series) {
      MetricSet::Labels labels;
      for (std::size_t i = label_names(metric.metric()).size(); i > 0; --i) {
        labels.push_back(label());
      }
      if (metric.metric().kind == MetricKind::histogram) {
        out.add(metric, std::move(labels), some_histogram(random), some_exemplars(random));
      } else {
        out.add(metric, std::move(labels), some_number(random, metric.metric().kind));
      }
    }
  };
  add("longspan_ready");
  add("longspan_process_cpu_seconds_total");
  add("longspan_flow_in_flight_bytes");
  add("longspan_mirror_latency_seconds");
  add("longspan_hop_latency_seconds");
  add("longspan_mirrored_records_total");
  add("longspan_slo_records_total");
  return out;
}

Temporality some_temporality(Random& random) {
  return chance(random, 2) ? Temporality::delta : Temporality::cumulative;
}

void write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

int run(const std::string& folder, std::uint64_t seed, std::uint64_t count) {
  Random random(seed);
  for (std::uint64_t i = 0; i < count; ++i) {
    std::vector<Span> spans;
    for (auto size = random() % 5; size > 0; --size) spans.push_back(some_span(random));
    const SpanOrigin origin = some_origin(random);
    const std::string path = folder + "/" + std::to_string(i);
    write(path + ".pb", otlp_protobuf(origin, spans));
    write(path + ".json", otlp_json(origin, spans));
    const Temporalities temporalities{some_temporality(random), some_temporality(random)};
    MetricSeries series(temporalities, {1'000});
    const auto points = series.look(some_set(random), some_time(random));
    const std::string metrics = folder + "/metrics-" + std::to_string(i);
    write(metrics + ".pb", otlp_metrics_protobuf(origin, points, temporalities));
    write(metrics + ".json", otlp_metrics_json(origin, points, temporalities));
  }
  return 0;
}

}  // namespace
}  // namespace longspan

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "otlp_samples FOLDER SEED COUNT\n";
    return 2;
  }
  return longspan::run(argv[1], std::strtoull(argv[2], nullptr, 10),
                       std::strtoull(argv[3], nullptr, 10));
}
