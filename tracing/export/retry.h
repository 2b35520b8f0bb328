// tracing/export/retry.h - what follows an attempt to send a batch.
//
// OTLP: 429, 502, 503 and 504 are sent again, and what never arrived; everything else that is not
// accepted never. Retry-After is honoured, in seconds or as a date. Otherwise the wait doubles from
// first_wait to wait_max, and half of it is random, so that many processes do not come back at
// once.
//
// Units:   a date has seconds.
// Errors:  a Retry-After that is neither is as if it were not there.
// Threads: pure functions but for the generator, which is the caller's.
// Limits:  attempts_max a batch; a Retry-After is honoured up to retry_after_max.
// Source:  OTLP/HTTP, "Failures" and "Retryable Response Codes"; RFC 9110, 5.6.7 and 10.2.3.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "lagcalc/result.h"

namespace longspan {

struct RetryPolicy {
  int attempts_max = 5;
  std::chrono::milliseconds first_wait{1'000};
  std::chrono::milliseconds wait_max{30'000};
  std::chrono::milliseconds retry_after_max{600'000};
};

struct CollectorAnswer {
  int status = 200;
  std::string content_type = {};
  std::optional<std::string> retry_after = {};
  std::string body = {};
};
// The Error's `next` is Next::retry where the request may never have arrived.
using SendResult = Result<CollectorAnswer>;

enum class AfterSend : std::uint8_t { accepted, again, refused, given_up };

struct Verdict {
  AfterSend after = AfterSend::accepted;
  std::chrono::milliseconds wait{0};  // before the next attempt
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

// `attempts` that were made, this one with them; `now` is what a date is compared with.
[[nodiscard]] Verdict judge_sending(const SendResult& result, int attempts,
                                    std::chrono::sys_seconds now, const RetryPolicy& policy,
                                    std::mt19937_64& random);

// From now on; a date in the past is 0.
[[nodiscard]] std::optional<std::chrono::seconds> read_retry_after(std::string_view value,
                                                                   std::chrono::sys_seconds now);
// In each of HTTP's three forms.
[[nodiscard]] std::optional<std::chrono::sys_seconds> read_http_date(std::string_view text);

}  // namespace longspan
