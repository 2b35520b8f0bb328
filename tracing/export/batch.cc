#include "tracing/export/batch.h"

#include <utility>

#include "tracing/spans/otlp.h"
#include "tracing/spans/zipkin.h"

namespace longspan {
namespace {

std::string body_of(const SpanOrigin& origin, std::span<const Span> spans, ExportForm form) {
  switch (form) {
    case ExportForm::otlp_protobuf:
      return otlp_protobuf(origin, spans);
    case ExportForm::otlp_json:
      return otlp_json(origin, spans);
    case ExportForm::zipkin_json:
      return zipkin_json(origin, spans);
  }
  return {};
}

}  // namespace

Batches make_batches(const SpanOrigin& origin, std::span<const Span> spans, ExportForm form,
                     std::size_t bytes_max) {
  Batches out;
  std::vector<std::span<const Span>> rest{spans};  // the last one is next
  while (!rest.empty()) {
    const std::span<const Span> part = rest.back();
    rest.pop_back();
    if (part.empty()) continue;
    std::string body = body_of(origin, part, form);
    if (body.size() <= bytes_max) {
      out.all.push_back({std::move(body), part.size()});
    } else if (part.size() == 1) {
      ++out.too_large;
    } else {
      rest.push_back(part.subspan(part.size() / 2));
      rest.push_back(part.first(part.size() / 2));
    }
  }
  return out;
}

const char* content_type(ExportForm form) {
  return form == ExportForm::otlp_protobuf ? "application/x-protobuf" : "application/json";
}

}  // namespace longspan
