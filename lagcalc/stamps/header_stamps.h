// lagcalc/stamps/header_stamps.h - the times of a change out of a record's headers, as
// ExtractNewRecordState (add.headers) writes them.
//
// A value is read in whichever of Connect's encodings it has, told apart by its bytes:
//   SimpleHeaderConverter              1700000000000                             c
//   JsonConverter without schemas      1700000000000                             "c"
//   JsonConverter with schemas         {"schema":{"type":"int64"},"payload":1700000000000}
//   8 bytes that are no such text      int64, big-endian
//
// Units:   as the names say.
// Errors:  a time that has none of the encodings is damaged.
// Threads: pure functions.
// Limits:  kHeaderBytesMax a value; a longer one is damaged.
// Source:  Kafka Connect's SimpleHeaderConverter and JsonConverter; Debezium's HeaderFrom,
//          ExtractNewRecordState.
#pragma once

#include <cstddef>
#include <span>

#include "lagcalc/header_view.h"
#include "lagcalc/stamps/change_fields.h"

namespace longspan {

inline constexpr std::size_t kHeaderBytesMax = 4096;

// `headers` in the record's order: of several of a name the last one counts.
[[nodiscard]] ChangeFields read_headers(std::span<const HeaderView> headers,
                                        const StampNames& names = {});

}  // namespace longspan
