// lagcalc/stamps/json_stamps.h - the times of a change out of a JSON value: an envelope, a
// flattened value or a heartbeat, each alone or as the `payload` beside its `schema`.
//
// Units:   integers are read as int64; one that does not fit, or is no integer, is damaged.
// Errors:  what is not JSON is fields with a fault. Reading ends when an envelope has given all it
//          can: what stands behind that is not looked at.
// Threads: pure functions.
// Limits:  kJsonBytesMax, kJsonValueDepthMax.
// Source:  Kafka Connect's JsonConverter.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "lagcalc/stamps/change_fields.h"

namespace longspan {

inline constexpr std::size_t kJsonBytesMax = 64 << 20;
inline constexpr int kJsonValueDepthMax = 128;

[[nodiscard]] ChangeFields read_json(std::string_view value, const StampNames& names = {});

// What {"schema": ..., "payload": x} holds when x is a string or a number, as text; absent else.
[[nodiscard]] std::optional<std::string> read_json_payload(std::string_view json);

}  // namespace longspan
