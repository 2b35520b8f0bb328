// tracing/export/batch.h - spans as requests, none of them larger than a limit.
//
// Units:   bytes of a body before it is compressed.
// Errors:  none; a span that alone is larger than the limit is left out and counted.
// Threads: pure function.
// Source:  OTLP: receivers refuse requests of more than 64 MiB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tracing/export/export_settings.h"
#include "tracing/spans/span.h"

namespace longspan {

inline constexpr std::size_t kBatchBytesMax = std::size_t{4} * 1024 * 1024;

struct Batch {
  std::string body;
  std::size_t spans = 0;
};
struct Batches {
  std::vector<Batch> all;  // in the spans' order
  std::size_t too_large = 0;
};

[[nodiscard]] Batches make_batches(const SpanOrigin& origin, std::span<const Span> spans,
                                   ExportForm form, std::size_t bytes_max = kBatchBytesMax);

[[nodiscard]] const char* content_type(ExportForm form);

}  // namespace longspan
