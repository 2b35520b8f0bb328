#include "tests/fuzz/stamps.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "lagcalc/assert.h"
#include "lagcalc/stamps/avro_projection.h"
#include "lagcalc/stamps/header_stamps.h"
#include "lagcalc/stamps/json_stamps.h"

namespace longspan::fuzz {
namespace {

void check_judged(const ChangeFields& fields) {
  constexpr std::int64_t kYear2000Us = 946'684'800'000'000;
  constexpr std::int64_t kYear2200Us = 7'258'118'400'000'000;
  const ChangeStamps stamps = judge(fields);
  LONGSPAN_ASSERT(stamps.commit.has_value() != stamps.why.has_value());
  LONGSPAN_ASSERT(!judge_heartbeat(fields).commit);
  for (const auto& stamp : {stamps.commit, stamps.connector, judge_heartbeat(fields).connector}) {
    if (!stamp) continue;
    LONGSPAN_ASSERT(stamp->at.value >= kYear2000Us && stamp->at.value < kYear2200Us);
    LONGSPAN_ASSERT(stamp->resolution_us == 1 || stamp->at.value % 1000 == 0);
  }
}

}  // namespace

void check_stamps_avro(std::string_view bytes) {
  if (bytes.size() < 2) return;
  const std::size_t size = static_cast<std::uint8_t>(bytes[0]) |
                           static_cast<std::size_t>(static_cast<std::uint8_t>(bytes[1])) << 8;
  const std::string_view schema = bytes.substr(2, size);
  const std::string_view body = bytes.substr(2 + schema.size());
  const auto projection = AvroProjection::compile(schema);
  if (!projection) return;
  const ChangeFields fields = projection->read(body);
  check_judged(fields);
  // What is read well is not changed by what stands behind it.
  if (!fields.fault) LONGSPAN_ASSERT(projection->read(std::string(body) + '\xff') == fields);
}

void check_stamps_json(std::string_view bytes) {
  const ChangeFields value = read_json(bytes);
  check_judged(value);
  if (!value.fault) LONGSPAN_ASSERT(read_json(std::string(bytes) + ' ') == value);
  const HeaderView headers[] = {{"__source_ts_ns", bytes}, {"__ts_ms", bytes}, {"__op", bytes}};
  const ChangeFields header = read_headers(headers);
  check_judged(header);
  check_judged(joined(value, header));
}

}  // namespace longspan::fuzz
