// tests/fakes/span_list.h - a SpanSink that keeps what it is given.
//
// Threads: one.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tracing/export/span_sink.h"

namespace longspan {

class SpanList : public SpanSink {
 public:
  void push(Span span) override { spans.push_back(std::move(span)); }

  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const Span& span : spans) out.push_back(span.name);
    return out;
  }
  // The first of that name; nullptr: there is none.
  [[nodiscard]] const Span* find(const std::string& name) const {
    for (const Span& span : spans) {
      if (span.name == name) return &span;
    }
    return nullptr;
  }

  std::vector<Span> spans;
};

}  // namespace longspan
