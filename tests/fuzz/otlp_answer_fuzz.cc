// What must hold for any answer of a collector: its body, and its Retry-After, are read or not, and
// nothing runs away. First byte chooses the form.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "lagcalc/assert.h"
#include "tracing/export/otlp_answer.h"
#include "tracing/export/percent_pairs.h"
#include "tracing/export/retry.h"
#include "tracing/spans/span.h"

namespace longspan {
namespace {

void check_text(const std::string& text) {
  constexpr std::size_t kReplacementBytes = 3;
  LONGSPAN_ASSERT(text.size() <= kAnswerTextBytesMax * kReplacementBytes);
  LONGSPAN_ASSERT(valid_utf8(text) == text);
}

void check_body(std::string_view content_type, std::string_view body) {
  if (const auto partial = read_partial_success(content_type, body)) check_text(partial->message);
  if (const auto message = read_status_message(content_type, body)) check_text(*message);
}

void check_header(std::string_view text) {
  const std::chrono::sys_seconds now{std::chrono::seconds(784'111'777)};
  const auto wait = read_retry_after(text, now);
  if (wait) LONGSPAN_ASSERT(wait->count() >= 0);
  const auto date = read_http_date(text);
  if (date && *date > now) LONGSPAN_ASSERT(wait == *date - now);
  const auto pairs = read_percent_pairs(text);
  if (!pairs) return;
  for (const auto& [key, value] : *pairs) LONGSPAN_ASSERT(!key.empty());
}

}  // namespace
}  // namespace longspan

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0:
      longspan::check_body("application/x-protobuf", rest);
      break;
    case 1:
      longspan::check_body("application/json", rest);
      break;
    default:
      longspan::check_header(rest);
  }
  return 0;
}
