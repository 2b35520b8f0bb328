#include "lagcalc/slo.h"

#include <charconv>
#include <span>

namespace longspan {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t size = 0;
};
constexpr std::array<Unit, 5> kDurationUnits = {
    {{"us", 1}, {"ms", 1'000}, {"s", 1'000'000}, {"m", 60'000'000}, {"h", 3'600'000'000}}};
constexpr std::array<Unit, 4> kWindowUnits = {
    {{"m", 60}, {"h", 3'600}, {"d", 86'400}, {"w", 7 * 86'400}}};
constexpr std::int64_t kNumberMax = 1'000'000;

// "30d" in the units given: a whole number, no sign, no space.
std::optional<std::int64_t> parse_amount(std::string_view text, std::span<const Unit> units) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number <= 0 || number > kNumberMax) return std::nullopt;
  const std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const Unit& unit : units) {
    if (unit.name == rest) return number * unit.size;
  }
  return std::nullopt;
}

// "99.9": digits, and at most one point between them.
std::optional<double> parse_percent(std::string_view text) {
  double number = 0;
  if (text.empty() || text.size() > 12 || text.find_first_not_of("0123456789.") != text.npos ||
      text.front() == '.' || text.back() == '.') {
    return std::nullopt;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!(number > 0 && number < 100)) return std::nullopt;
  return number;
}

Unexpected<Error> refuse(std::string_view text, const std::string& why) {
  return fail(Next::stop_process, "slo '" + std::string(text) + "': " + why);
}

}  // namespace

Result<Slo> parse_slo(std::string_view text) {
  const std::string shape = "expected TOPICS:pN<DURATION@WINDOW, such as orders.*:p99<2s@30d";
  // From the end: a pattern may hold any of these signs.
  if (text.find(' ') != text.npos) return refuse(text, "there is a space in it; " + shape);
  const std::size_t window = text.rfind('@');
  if (window == text.npos) return refuse(text, "no @WINDOW; " + shape);
  const std::size_t target = text.substr(0, window).rfind('<');
  if (target == text.npos) return refuse(text, "no <DURATION before the @; " + shape);
  const std::size_t percentile = text.substr(0, target).rfind(":p");
  if (percentile == text.npos) return refuse(text, "no :pN before the <; " + shape);
  Slo slo;
  slo.topics = text.substr(0, percentile);
  if (slo.topics.empty()) return refuse(text, "no topics before the :p; " + shape);
  const auto percent = parse_percent(text.substr(percentile + 2, target - percentile - 2));
  if (!percent) return refuse(text, "the percentile must be above 0 and below 100, as in p99.9");
  const auto duration = parse_amount(text.substr(target + 1, window - target - 1), kDurationUnits);
  if (!duration) {
    return refuse(text,
                  "the duration must be a whole number from 1 to 1000000 with us, ms, s, m or h, "
                  "as in 500ms");
  }
  const auto length = parse_amount(text.substr(window + 1), kWindowUnits);
  if (!length)
    return refuse(
        text, "the window must be a whole number from 1 to 1000000 with m, h, d or w, as in 30d");
  slo.objective = *percent / 100;
  slo.target = DurationUs{*duration};
  slo.window_s = *length;
  return slo;
}

SloVerdict judge(const DurationInterval& latency, DurationUs target) {
  if (latency.high && *latency.high < target) return SloVerdict::good;
  if (latency.low && *latency.low >= target) return SloVerdict::bad;
  return SloVerdict::undecided;
}

void SloCounts::record(SloVerdict verdict, std::uint64_t count) {
  switch (verdict) {
    case SloVerdict::good:
      good += count;
      return;
    case SloVerdict::bad:
      bad += count;
      return;
    case SloVerdict::undecided:
      undecided += count;
      return;
  }
}

void SloCounts::add(const SloCounts& other) {
  good += other.good;
  bad += other.bad;
  undecided += other.undecided;
}

std::optional<SloCounts> counts_between(const SloCounts& end, const SloCounts& begin) {
  if (end.good < begin.good || end.bad < begin.bad || end.undecided < begin.undecided) {
    return std::nullopt;
  }
  return SloCounts{end.good - begin.good, end.bad - begin.bad, end.undecided - begin.undecided};
}

std::optional<RatioInterval> compliance(const SloCounts& counts) {
  if (counts.total() == 0) return std::nullopt;
  const auto total = static_cast<double>(counts.total());
  RatioInterval out{static_cast<double>(counts.good) / total, std::nullopt,
                    static_cast<double>(counts.good + counts.undecided) / total};
  if (const std::uint64_t decided = counts.good + counts.bad; decided > 0) {
    out.point = static_cast<double>(counts.good) / static_cast<double>(decided);
  }
  return out;
}

std::optional<RatioInterval> burn_rate(const Slo& slo, const SloCounts& counts) {
  const std::optional<RatioInterval> good = compliance(counts);
  if (!good) return std::nullopt;
  const double allowed = 1 - slo.objective;
  RatioInterval out{(1 - good->high) / allowed, std::nullopt, (1 - good->low) / allowed};
  if (good->point) out.point = (1 - *good->point) / allowed;
  return out;
}

std::optional<RatioInterval> budget_left(const Slo& slo, const SloCounts& counts) {
  const std::optional<RatioInterval> used = burn_rate(slo, counts);
  if (!used) return std::nullopt;
  RatioInterval out{1 - used->high, std::nullopt, 1 - used->low};
  if (used->point) out.point = 1 - *used->point;
  return out;
}

double burn_limit(const Slo& slo, const BurnRule& rule) {
  return rule.budget_part * static_cast<double>(slo.window_s) / static_cast<double>(rule.long_s);
}

bool burns(const Slo& slo, const BurnRule& rule, const SloCounts& over_long,
           const SloCounts& over_short) {
  const double limit = burn_limit(slo, rule);
  const auto over = burn_rate(slo, over_long);
  const auto now = burn_rate(slo, over_short);
  return over && now && over->low > limit && now->low > limit;
}

}  // namespace longspan
