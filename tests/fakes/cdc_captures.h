// tests/fakes/cdc_captures.h - the captured change events of tests/fixtures/cdc, with their
// schemas.
//
// Errors:  throws where a fixture cannot be read.
// Threads: free functions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace longspan {

inline constexpr const char* kCdcCaptures[] = {"cdcav", "cdcj", "cdcjs", "cdcx", "cdcxa"};

struct CapturedRecord {
  std::string topic;
  std::int64_t offset = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;

  // Without the capture's name: "public.orders", "heartbeat".
  [[nodiscard]] std::string table() const;
};

// `folder` is tests/fixtures/cdc, from where the program runs.
[[nodiscard]] std::vector<CapturedRecord> cdc_capture(
    const std::string& capture, const std::string& folder = "tests/fixtures/cdc");
// Schema texts by the registry's id.
[[nodiscard]] std::map<std::int32_t, std::string> cdc_schemas(
    const std::string& folder = "tests/fixtures/cdc");

[[nodiscard]] std::string bytes_of_hex(std::string_view hex);

}  // namespace longspan
