// What a histogram of latencies costs: a record(), a merge, its bytes; and OffsetTimes beside it.
// histogram_cost [--values 2000000]

#include <chrono>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "lagcalc/ddsketch.h"
#include "lagcalc/exponential_histogram.h"
#include "lagcalc/histogram_block.h"
#include "lagcalc/native_histogram.h"
#include "lagcalc/offset_times.h"
#include "tests/bench/arguments.h"

namespace longspan::bench {
namespace {

using std::chrono::steady_clock;

// `work` is called `times` times.
template <class Work>
void tell(const std::string& what, std::size_t times, const Work& work) {
  const auto begin = steady_clock::now();
  for (std::size_t i = 0; i < times; ++i) work(i);
  const std::chrono::duration<double, std::nano> spent = steady_clock::now() - begin;
  std::cout << std::left << std::setw(44) << what << std::right << std::fixed
            << std::setprecision(1) << spent.count() / static_cast<double>(times) << " ns\n";
}

// Log-normal, as wide as fills some 200 buckets.
std::vector<double> latencies(std::size_t count) {
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> size(-3, 0.55);
  std::vector<double> out(count);
  for (double& value : out) value = size(random);
  return out;
}

int run(const Arguments& arguments) {
  const auto count = static_cast<std::size_t>(arguments.number("values", 2'000'000));
  const std::vector<double> values = latencies(count);
  Histogram histogram;
  tell("record()", count, [&](std::size_t i) { histogram.record(values[i]); });
  std::cout << "buckets " << histogram.positive().size() << ", in memory "
            << histogram.positive().size() * sizeof(Histogram::IndexedCount) << " B\n";
  for (const std::size_t per_block : {std::size_t{1000}, std::size_t{100'000}, count}) {
    Histogram part;
    for (std::size_t i = 0; i < std::min(per_block, count); ++i) part.record(values[i]);
    std::cout << "encoded with " << part.count() << " values in " << part.positive().size()
              << " buckets " << encode_histogram(part).size() << " B\n";
  }
  Histogram sum = histogram;
  std::size_t kept = 0;
  const std::string bytes = encode_histogram(histogram);
  tell("merge into the same buckets", 20'000, [&](std::size_t) { sum.merge(histogram); });
  tell("merge into nothing", 20'000, [&](std::size_t) {
    Histogram empty;
    empty.merge(histogram);
    kept += empty.count();
  });
  tell("encode_histogram", 20'000,
       [&](std::size_t) { kept += encode_histogram(histogram).size(); });
  tell("decode_histogram", 20'000,
       [&](std::size_t) { kept += decode_histogram(bytes).value().count(); });
  tell("native_histogram", 20'000, [&](std::size_t) { kept += native_histogram(histogram).count; });
  tell("exponential_histogram", 20'000,
       [&](std::size_t) { kept += exponential_histogram(histogram).count; });
  tell("dd_sketch", 20'000, [&](std::size_t) { kept += dd_sketch(histogram).positive.size(); });

  OffsetTimes times(Offset{0});
  const auto add = [&](std::size_t i, std::size_t per_ms) {
    times.add(times.read_to(), {{static_cast<std::int64_t>(i / per_ms * 1000)}, 1000});
  };
  tell("OffsetTimes::add, 100 records a stamp", count, [&](std::size_t i) { add(i, 100); });
  times = OffsetTimes(Offset{0});
  tell("OffsetTimes::add, each its own stamp", count, [&](std::size_t i) { add(i, 1); });
  tell("OffsetTimes::first_at_or_behind", count, [&](std::size_t i) {
    kept += times.first_at_or_behind({static_cast<std::int64_t>(i)}).has_value() ? 1 : 0;
  });
  return sum.count() + kept > 0 ? 0 : 1;
}

}  // namespace
}  // namespace longspan::bench

int main(int argc, char** argv) {
  return longspan::bench::bench_main(argc, argv, "histogram_cost", longspan::bench::run);
}
