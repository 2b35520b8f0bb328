// What it costs to turn the stamps of one record into the values of its hops, and to learn from it.
// hop_cost [--records 1000000]; in CPU time, so that a busy machine does not count.

#include <array>
#include <ctime>
#include <iostream>
#include <string>
#include <vector>

#include "lagcalc/clocks/clock_tracker.h"
#include "lagcalc/clocks/record_times.h"
#include "tests/bench/arguments.h"

namespace longspan::bench {
namespace {

constexpr std::int64_t kBase = 1'790'000'000'000'000;
constexpr std::size_t kClocks = 4;  // database, connector, source broker, target broker

RecordStamps stamps_of(std::int64_t record) {
  const std::int64_t at = kBase + 60'000'000 + record * 10;
  const auto stamp = [](std::int64_t shown, std::int32_t resolution, std::uint16_t clock) {
    return ClockStamp{{{shown - shown % resolution}, resolution}, clock};
  };
  RecordStamps out;
  out.commit = stamp(at, 1, 0);
  out.connector = stamp(at + 20'000, 1, 1);
  out.source_append = stamp(at + 24'000, 1000, 2);
  out.fetched = Instant{at + 70'000};
  out.produced = Instant{at + 70'500};
  out.target_append = stamp(at + 71'500, 1000, 3);
  out.acked = Instant{at + 72'500};
  return out;
}

std::vector<ClockTracker> followed_clocks() {
  std::vector<ClockTracker> out;
  for (std::size_t i = 0; i < kClocks; ++i) {
    out.emplace_back(ClockId{ClockKind::source_broker, static_cast<std::int32_t>(i)});
    for (std::int64_t s = 0; s < 60; ++s) {
      const std::int64_t at = kBase + s * 1'000'000;
      out[i].add({{at}, {at + 80'000}, {{at + 40'000}, 1000}});
    }
  }
  return out;
}

void print(const std::string& what, std::int64_t records, std::clock_t since) {
  const double seconds = static_cast<double>(std::clock() - since) / CLOCKS_PER_SEC;
  std::cout << what << "_ns " << seconds * 1e9 / static_cast<double>(records) << '\n';
}

int run(const Arguments& arguments) {
  const std::int64_t records = arguments.number("records", 1'000'000);
  std::vector<ClockTracker> clocks = followed_clocks();
  std::array<ClockOffset, kClocks> offsets;
  const Instant now{kBase + 60'000'000};
  for (std::size_t i = 0; i < kClocks; ++i) offsets[i] = clocks[i].offset(now);
  std::int64_t sum = 0;

  auto since = std::clock();
  for (std::int64_t r = 0; r < records; ++r) {
    const RecordTimes times(stamps_of(r), offsets);
    for (std::size_t i = 0; i + 1 < kWaypoints; ++i) {
      const auto hop = times.between(static_cast<Waypoint>(i), static_cast<Waypoint>(i + 1));
      if (hop && hop->point) sum += hop->point->value;
    }
    const auto whole = times.between(Waypoint::commit, Waypoint::target_append);
    if (whole && whole->point) sum += whole->point->value;
  }
  print("place_and_subtract", records, since);

  since = std::clock();
  for (std::int64_t r = 0; r < records; ++r) {
    sum += clocks[r % kClocks].offset({now.us + r}).bounds.low->us;
  }
  print("offset_of_a_clock", records, since);

  since = std::clock();
  for (std::int64_t r = 0; r < records; ++r) {
    const RecordStamps stamps = stamps_of(r);
    clocks[2].add_order(written_not_after(stamps.source_append->stamp, *stamps.fetched),
                        *stamps.fetched);
  }
  print("learn_an_order", records, since);
  std::cout << "bytes_per_clock " << sizeof(ClockTracker) << "\nchecksum " << sum << '\n';
  return 0;
}

}  // namespace
}  // namespace longspan::bench

int main(int argc, char** argv) {
  return longspan::bench::bench_main(argc, argv, "hop_cost", longspan::bench::run);
}
