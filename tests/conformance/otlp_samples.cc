// Writes requests of OTLP as protobuf and as JSON, for otlp.py to compare: otlp_samples FOLDER SEED
// COUNT makes N.pb and N.json, of spans that have everything a span may have, rubbish with it.
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <limits>
#include <random>
#include <string>
#include <vector>

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
