// tracing/export/otlp_answer.h - what the body of an answer says: spans that were rejected, and
// why.
//
// Errors:  absent where the body is not of its form; a body without anything is an answer.
// Threads: pure functions.
// Limits:  kAnswerBytesMax, kAnswerTextBytesMax of a message; JSON at most 32 levels deep.
// Source:  opentelemetry-proto: ExportTraceServiceResponse { partial_success 1 { rejected_spans 1,
//          error_message 2 } }, of metrics rejected_data_points; google.rpc.Status { code 1,
//          message 2 } beside a 4xx or 5xx.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tracing/export/retry.h"

namespace longspan {

inline constexpr std::size_t kAnswerBytesMax = std::size_t{4} * 1024 * 1024;
inline constexpr std::size_t kAnswerTextBytesMax = 1024;

// Zero and a message is a warning: everything was accepted.
struct PartialSuccess {
  std::int64_t rejected = 0;  // spans, or data points
  std::string message = {};
  friend bool operator==(const PartialSuccess&, const PartialSuccess&) = default;
};

[[nodiscard]] std::optional<PartialSuccess> read_partial_success_protobuf(std::string_view body);
[[nodiscard]] std::optional<PartialSuccess> read_partial_success_json(std::string_view body);
// By its Content-Type; one that is neither is read as protobuf where it says nothing of JSON.
[[nodiscard]] std::optional<PartialSuccess> read_partial_success(std::string_view content_type,
                                                                 std::string_view body);

// The message of an answer that refuses.
[[nodiscard]] std::optional<std::string> read_status_message(std::string_view content_type,
                                                             std::string_view body);

// How many of so many were rejected, whatever number was told.
[[nodiscard]] std::uint64_t rejected_of(const PartialSuccess& partial, std::size_t sent);
// What is said of a request that was not accepted.
[[nodiscard]] std::string answer_text(const SendResult& result);

}  // namespace longspan
