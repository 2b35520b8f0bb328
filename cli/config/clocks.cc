#include "cli/config/clocks.h"

#include <charconv>
#include <string_view>

#include "cli/config/setting.h"
#include "mirror/clocks/postgres_clock.h"

namespace longspan {
namespace {

constexpr std::int64_t kMostMs = 3'600'000;

// Milliseconds, or `none`.
std::optional<DurationUs> max_error(const Setting& setting, Findings& findings) {
  const std::string text = setting.text();
  if (text == "none") return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  if (is_number && value >= 0 && value <= kMostMs) return DurationUs{value * 1000};
  findings.error(setting.line(), setting.from->text() + " is neither in 0.." +
                                     std::to_string(kMostMs) + " nor none");
  return kMaxErrorDefault;
}

}  // namespace

ClockConfig build_clocks(PropertySet& properties, const std::string& flow, Findings& findings) {
  const auto get = [&](std::string_view key) { return look_up(properties, flow, key, findings); };
  ClockConfig out;
  out.probe_target = get("clock.probe.target").is_on();
  out.probe_source = get("clock.probe.source").is_on();
  const Setting dsn = get("clock.database.dsn");
  out.database_dsn = dsn.text();
  if (!out.database_dsn.empty()) {
    if (auto fine = check_postgres_dsn(out.database_dsn); !fine) {
      findings.error(dsn.line(), fine.error().what + ", such as host=db dbname=shop user=longspan");
    }
  }
  out.source_max_error = max_error(get("clock.source.max.error.ms"), findings);
  out.target_max_error = max_error(get("clock.target.max.error.ms"), findings);
  out.connector_max_error = max_error(get("clock.connector.max.error.ms"), findings);
  out.database_max_error = max_error(get("clock.database.max.error.ms"), findings);
  return out;
}

}  // namespace longspan
