// mirror/schemas/retry.h - whether a request is tried again, at which URL, and after what pause.
//
// Each failed try moves on to the next URL. Within a round over all of them nobody waits; between
// rounds the pause is anything up to a bound that doubles (full jitter), so that many clients do
// not come back together. A registry that names a pause gets it, within a bound.
//
// Units:   std::chrono; `fraction` is in [0, 1).
// Errors:  none.
// Limits:  RetrySettings.
// Threads: free functions; Tries is a value of one call.
// Source:  Confluent's RestService and UrlList; RFC 9110, Retry-After.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

#include "mirror/schemas/exchange.h"
#include "mirror/schemas/registry_settings.h"
#include "mirror/schemas/timing.h"

namespace longspan {

// 408, 429, 500, 502, 503, 504.
[[nodiscard]] bool is_retried(int status);
[[nodiscard]] bool is_retried(HttpFailure::Kind kind);

// Of seconds, or of a date as RFC 9110 wants it written (not the two obsolete forms); a date that
// has passed is zero. Absent: neither.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value,
                                                                         Timing::Wall now);

class Tries {
 public:
  Tries(const RetrySettings& settings, std::size_t urls, std::size_t first_url);

  [[nodiscard]] std::size_t url() const { return url_; }
  // The pause before the next try, at what url() is from now on. Absent: there is none.
  std::optional<std::chrono::milliseconds> after_failure(
      std::optional<std::chrono::milliseconds> retry_after, double fraction);

 private:
  [[nodiscard]] std::chrono::milliseconds backoff(double fraction) const;

  RetrySettings settings_;
  std::size_t urls_;
  std::size_t url_;
  std::size_t tries_max_;
  std::size_t tries_ = 1;
};

}  // namespace longspan
