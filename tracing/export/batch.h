// tracing/export/batch.h - spans, or points of metrics, as requests, none of them larger than a
// limit.
//
// Units:   bytes of a body before it is compressed.
// Errors:  none; what alone is larger than the limit is left out and counted.
// Threads: pure functions.
// Source:  OTLP: receivers refuse requests of more than 64 MiB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tracing/export/export_settings.h"
#include "tracing/spans/span.h"

namespace longspan {

inline constexpr std::size_t kBatchBytesMax = std::size_t{4} * 1024 * 1024;

struct Batch {
  std::string body;
  std::size_t first = 0;  // of what was given
  std::size_t count = 0;
};
struct Batches {
  std::vector<Batch> all;  // in the order of what was given
  std::size_t too_large = 0;
};

// `items` in as few requests as halving makes; `write` makes a body of some.
template <class Item, class Write>
[[nodiscard]] Batches halved(std::span<const Item> items, const Write& write,
                             std::size_t bytes_max) {
  Batches out;
  std::vector<std::span<const Item>> rest{items};  // the last one is next
  while (!rest.empty()) {
    const std::span<const Item> part = rest.back();
    rest.pop_back();
    if (part.empty()) continue;
    std::string body = write(part);
    if (body.size() <= bytes_max) {
      const auto first = static_cast<std::size_t>(part.data() - items.data());
      out.all.push_back({std::move(body), first, part.size()});
    } else if (part.size() == 1) {
      ++out.too_large;
    } else {
      rest.push_back(part.subspan(part.size() / 2));
      rest.push_back(part.first(part.size() / 2));
    }
  }
  return out;
}

[[nodiscard]] Batches make_batches(const SpanOrigin& origin, std::span<const Span> spans,
                                   ExportForm form, std::size_t bytes_max = kBatchBytesMax);

[[nodiscard]] const char* content_type(ExportForm form);

}  // namespace longspan
