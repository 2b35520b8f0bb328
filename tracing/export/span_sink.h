// tracing/export/span_sink.h - where spans are put by those who make them.
//
// Errors:  none: a span that cannot be kept is dropped and counted where it was put.
// Threads: push() from any; never waits for what happens to the span.
#pragma once

#include "tracing/spans/span.h"

namespace longspan {

class SpanSink {
 public:
  SpanSink() = default;
  SpanSink(const SpanSink&) = delete;
  SpanSink& operator=(const SpanSink&) = delete;
  virtual ~SpanSink() = default;
  virtual void push(Span span) = 0;
};

}  // namespace longspan
