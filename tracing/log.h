// tracing/log.h - one event, one `key=value` line on stderr.
//
//   log_info("partition_started", {{"flow", flow}, {"partition", 3}, {"offset", offset}});
//   2026-11-21T01:02:03.456Z level=info event=partition_started flow=east->west partition=3 ...
//
// What an operator must watch is a metric or an Event; a line tells the story beside it.
//
// Limits:  an event that repeats within kLogWindow is printed once, then counted and printed at the
//          end of the window with repeated=N and the newest details (tracing/log_repeats.h says
//          what "the same" is). At most kLogLinesMax lines per window; the rest is counted, and
//          the count is printed and is a metric. Values longer than kLogValueMax bytes are cut.
// Errors:  none; a line that cannot be written is lost.
// Threads: every function here may be called from any thread; writing is synchronous.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "lagcalc/units.h"

namespace longspan {

inline constexpr std::chrono::milliseconds kLogWindow{10'000};
inline constexpr std::size_t kLogLinesMax = 5000;
inline constexpr std::size_t kLogValueMax = 2048;

enum class LogLevel : std::uint8_t { debug, info, warn, error };
[[nodiscard]] std::string_view name(LogLevel level);

// One `key=value`. The key is a string literal (it is kept by pointer) of a-z, 0-9 and _. An
// absent optional makes a field that is not printed.
class Field {
 public:
  using Value = std::variant<std::monostate, std::string, std::int64_t, double>;

  Field(const char* key, std::string_view value) : key_(key), value_(std::string(value)) {}
  Field(const char* key, const char* value) : Field(key, std::string_view(value)) {}
  Field(const char* key, std::string value) : key_(key), value_(std::move(value)) {}
  Field(const char* key, bool value) : Field(key, value ? "true" : "false") {}
  Field(const char* key, std::floating_point auto value)
      : key_(key), value_(static_cast<double>(value)) {}
  Field(const char* key, std::integral auto value) : key_(key), value_(whole(value)) {}
  Field(const char* key, Offset value) : Field(key, value.value) {}
  Field(const char* key, Records value) : Field(key, value.count) {}
  Field(const char* key, std::chrono::milliseconds value) : Field(key, value.count()) {}
  template <class T>
  Field(const char* key, const std::optional<T>& value) : key_(key) {
    if (value) *this = Field(key, *value);
  }

  [[nodiscard]] std::string_view key() const { return key_; }
  [[nodiscard]] const Value& value() const { return value_; }

 private:
  template <class T>
  static Value whole(T value) {
    if (std::cmp_greater(value, std::numeric_limits<std::int64_t>::max())) {
      return std::to_string(value);
    }
    return static_cast<std::int64_t>(value);
  }

  const char* key_;
  Value value_;
};

using Fields = std::vector<Field>;

// The fields every line of a shard, slot or flow begins with. A value: copy it, extend the copy.
class LogContext {
 public:
  LogContext() = default;
  LogContext(std::initializer_list<Field> fields) : fields_(fields) {}

  // This context and one more field.
  [[nodiscard]] LogContext with(Field field) const {
    LogContext longer = *this;
    longer.fields_.push_back(std::move(field));
    return longer;
  }
  [[nodiscard]] const Fields& fields() const { return fields_; }

 private:
  Fields fields_;
};

// `event` is a name in snake_case, the same for the same kind of event.
void log(LogLevel level, const LogContext& context, std::string_view event,
         const Fields& fields = {});

inline void log_debug(std::string_view event, const Fields& fields = {}) {
  log(LogLevel::debug, {}, event, fields);
}
inline void log_info(std::string_view event, const Fields& fields = {}) {
  log(LogLevel::info, {}, event, fields);
}
inline void log_warn(std::string_view event, const Fields& fields = {}) {
  log(LogLevel::warn, {}, event, fields);
}
inline void log_error(std::string_view event, const Fields& fields = {}) {
  log(LogLevel::error, {}, event, fields);
}
inline void log_debug(const LogContext& context, std::string_view event,
                      const Fields& fields = {}) {
  log(LogLevel::debug, context, event, fields);
}
inline void log_info(const LogContext& context, std::string_view event, const Fields& fields = {}) {
  log(LogLevel::info, context, event, fields);
}
inline void log_warn(const LogContext& context, std::string_view event, const Fields& fields = {}) {
  log(LogLevel::warn, context, event, fields);
}
inline void log_error(const LogContext& context, std::string_view event,
                      const Fields& fields = {}) {
  log(LogLevel::error, context, event, fields);
}

// Lines below this level are neither printed nor counted. Starts at info.
void set_log_level(LogLevel least);
[[nodiscard]] LogLevel log_level();

// Prints the summaries that are still open: before the process ends.
void flush_log();

// Since the process started.
struct LogCounts {
  std::uint64_t lines[4] = {};   // printed, by LogLevel
  std::uint64_t summarised = 0;  // counted into a repeated=N instead of being printed
  std::uint64_t dropped = 0;     // above kLogLinesMax in a window
};
[[nodiscard]] LogCounts log_counts();

}  // namespace longspan
