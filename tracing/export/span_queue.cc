#include "tracing/export/span_queue.h"

#include <algorithm>
#include <utility>

namespace longspan {
namespace {

std::size_t attribute_bytes(const Attributes& attributes) {
  std::size_t out = 0;
  for (const Attribute& each : attributes.all()) {
    const auto* const text = std::get_if<std::string>(&each.value);
    out += sizeof(Attribute) + each.key.size() + (text == nullptr ? 0 : text->size());
  }
  return out;
}

}  // namespace

std::size_t approximate_bytes(const Span& span) {
  std::size_t out = sizeof(Span) + span.name.size() + span.tracestate.size() +
                    span.status.message.size() + attribute_bytes(span.attributes);
  for (const SpanEvent& event : span.events) {
    out += sizeof(SpanEvent) + event.name.size() + attribute_bytes(event.attributes);
  }
  for (const SpanLink& link : span.links) {
    out += sizeof(SpanLink) + link.tracestate.size() + attribute_bytes(link.attributes);
  }
  return out;
}

void SpanQueue::push(Span span) {
  const std::size_t bytes = approximate_bytes(span);
  while (!waiting_.empty() &&
         (waiting_.size() >= limits_.spans_max || bytes_ + bytes > limits_.bytes_max)) {
    bytes_ -= waiting_.front().bytes;
    waiting_.pop_front();
    ++dropped_;
  }
  waiting_.push_back({std::move(span), bytes});
  bytes_ += bytes;
}

std::vector<Span> SpanQueue::take(std::size_t spans_max) {
  std::vector<Span> out;
  out.reserve(std::min(spans_max, waiting_.size()));
  while (out.size() < spans_max && !waiting_.empty()) {
    bytes_ -= waiting_.front().bytes;
    out.push_back(std::move(waiting_.front().span));
    waiting_.pop_front();
  }
  return out;
}

}  // namespace longspan
