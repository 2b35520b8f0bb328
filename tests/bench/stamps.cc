// What it costs to read the times of a change: Avro, JSON, headers.
// stamps [--turns 2000] [--fixtures tests/fixtures/cdc]
//
// The change is a captured update, made larger: `before` is as full as `after` (REPLICA IDENTITY
// FULL), and the rows' notes are long enough for 1 KB of Avro. A turn is 200 reads: short, so
// that most of them are not interrupted where the machine has other work.

#include <algorithm>
#include <chrono>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "lagcalc/schema_framing.h"
#include "lagcalc/stamps/avro_projection.h"
#include "lagcalc/stamps/header_stamps.h"
#include "lagcalc/stamps/json_stamps.h"
#include "tests/bench/arguments.h"
#include "tests/fakes/cdc_captures.h"

namespace longspan::bench {
namespace {

using std::chrono::steady_clock;

const CapturedRecord& the_update(const std::vector<CapturedRecord>& records) {
  for (const CapturedRecord& record : records) {
    if (record.table() == "public.orders" && record.offset == 3) return record;
  }
  throw std::runtime_error("the captured update is missing");
}

std::string replaced(std::string text, std::string_view what, const std::string& with) {
  const auto at = text.find(what);
  if (at == std::string::npos) throw std::runtime_error("the capture is another one");
  return text.replace(at, what.size(), with);
}

// In Avro a length is twice itself in a varint; of a note below 8192 bytes it is two bytes.
std::string avro_text(const std::string& text) {
  const auto size = text.size() * 2;
  return std::string{static_cast<char>(size | 0x80), static_cast<char>(size >> 7)} + text;
}

std::string full_avro(const std::string& value, std::size_t bytes) {
  const std::string body = value.substr(5);
  const auto row_ends = body.find(
      "\x16"
      "3.7.0.Final");  // where `source` begins
  if (row_ends == std::string::npos || body[0] != 0 || body[1] != 2) {
    throw std::runtime_error("the capture is another one");
  }
  const std::string row = body.substr(1, row_ends - 1);  // with its branch of the union
  const std::size_t bare = row.size() + body.size() - 1;
  const std::string note = avro_text(std::string((bytes - bare) / 2 + 6, 'n'));
  const std::string long_row = replaced(row, "\x0eupdated", note);
  return long_row + long_row + body.substr(row_ends);
}

std::string full_json(const std::string& value) {
  const auto row_begins = value.find("\"after\":") + 8;
  const std::string row = value.substr(row_begins, value.find(",\"source\":{") - row_begins);
  const std::string long_row = replaced(row, "updated", std::string(140, 'n'));
  return replaced(replaced(value, row, long_row), "\"before\":null", "\"before\":" + long_row);
}

template <class Read>
void time_reads(const std::string& name, std::size_t bytes, std::int64_t turns, const Read& read) {
  constexpr std::int64_t kRounds = 200;
  std::vector<double> each;
  std::int64_t commits = 0;
  for (std::int64_t turn = 0; turn < turns; ++turn) {
    const auto begun = steady_clock::now();
    for (std::int64_t i = 0; i < kRounds; ++i) commits += judge(read()).commit ? 1 : 0;
    const std::chrono::duration<double, std::nano> took = steady_clock::now() - begun;
    each.push_back(took.count() / kRounds);
  }
  if (commits != turns * kRounds) throw std::runtime_error(name + ": a commit time is missing");
  std::sort(each.begin(), each.end());
  std::cout << std::setw(24) << std::left << name << std::setw(6) << std::right << bytes
            << " bytes: median" << std::setw(8) << std::fixed << std::setprecision(0)
            << each[each.size() / 2] << " ns, fastest" << std::setw(8) << each.front() << " ns\n";
}

int run(const Arguments& arguments) {
  const auto turns = arguments.number("turns", 2'000);
  const auto folder = arguments.text("fixtures", "tests/fixtures/cdc");
  const auto avro = cdc_capture("cdcav", folder);
  const std::string& framed = the_update(avro).value.value();
  const auto projection = AvroProjection::compile(cdc_schemas(folder).at(schema_id(framed)));
  if (!projection) throw std::runtime_error(projection.error().text());
  const auto flat = cdc_capture("cdcx", folder);
  const auto& update = the_update(flat);
  std::vector<HeaderView> headers;
  std::size_t header_bytes = 0;
  for (const auto& [name, value] : update.headers) {
    headers.push_back({name, value});
    header_bytes += name.size() + value.value_or("").size();
  }
  const std::string captured = framed.substr(5);
  const std::string kilobyte = full_avro(framed, 1024);
  const std::string json = full_json(the_update(cdc_capture("cdcj", folder)).value.value());
  const std::string with_schema = the_update(cdc_capture("cdcjs", folder)).value.value();
  time_reads("avro, as captured", captured.size(), turns,
             [&] { return projection->read(captured); });
  time_reads("avro, 1 KB", kilobyte.size(), turns, [&] { return projection->read(kilobyte); });
  time_reads("json, before and after", json.size(), turns / 10, [&] { return read_json(json); });
  time_reads("json with schema", with_schema.size(), turns / 10,
             [&] { return read_json(with_schema); });
  time_reads("headers", header_bytes, turns, [&] { return read_headers(headers); });
  return 0;
}

}  // namespace
}  // namespace longspan::bench

int main(int argc, char** argv) {
  return longspan::bench::bench_main(argc, argv, "stamps", longspan::bench::run);
}
