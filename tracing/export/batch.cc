#include "tracing/export/batch.h"

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
  return halved(
      spans, [&](std::span<const Span> part) { return body_of(origin, part, form); }, bytes_max);
}

const char* content_type(ExportForm form) {
  return form == ExportForm::otlp_protobuf ? "application/x-protobuf" : "application/json";
}

}  // namespace longspan
