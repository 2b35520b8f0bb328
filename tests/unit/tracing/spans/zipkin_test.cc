#include "tracing/spans/zipkin.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace longspan {
namespace {

nlohmann::json zipkin(const Span& span, const SpanOrigin& origin = {}) {
  return nlohmann::json::parse(zipkin_json(origin, {&span, 1})).at(0);
}

TEST(Zipkin, HasWhatASpanHas) {
  SpanOrigin origin;
  origin.resource.put("service.name", "mirror");
  origin.scope_version = "1";
  Span span;
  span.ids = {{0x0af7651916cd43dd, 0x8448eb211c80319c}, {0xb7ad6b7169203331}};
  span.parent = SpanId{0x00f067aa0ba902b7};
  span.name = "send orders";
  span.kind = SpanKind::producer;
  span.start = {1'700'000'000'000'000'999};
  span.end = {1'700'000'000'000'002'998};
  span.attributes.put("messaging.kafka.offset", std::int64_t{7});
  span.attributes.put("server.address", "west-1");
  span.attributes.put("yes", true);
  span.attributes.put("d", 0.5);
  span.add(SpanEvent{{1'700'000'000'000'001'500}, "append"});
  SpanEvent event{{1'700'000'000'000'001'500}, "ack"};
  event.attributes.put("n", std::int64_t{1});
  span.add(event);
  span.dropped_links = 2;
  span.status = {StatusCode::error, "refused"};
  EXPECT_EQ(zipkin(span, origin), nlohmann::json::parse(R"({
    "traceId": "0af7651916cd43dd8448eb211c80319c", "id": "b7ad6b7169203331",
    "parentId": "00f067aa0ba902b7", "kind": "PRODUCER", "name": "send orders",
    "timestamp": 1700000000000000, "duration": 1,
    "localEndpoint": {"serviceName": "mirror"}, "remoteEndpoint": {"serviceName": "west-1"},
    "annotations": [{"timestamp": 1700000000000001, "value": "append"},
                    {"timestamp": 1700000000000001, "value": "\"ack\": {\"n\":\"1\"}"}],
    "tags": {"messaging.kafka.offset": "7", "server.address": "west-1", "yes": "true", "d": "0.5",
             "otel.status_code": "ERROR", "error": "refused", "otel.scope.name": "longspan",
             "otel.scope.version": "1", "otel.dropped_links_count": "2"}
  })"));
}

// Zipkin has no links. Who is in the trace of a record finds the trace of its hop by such a tag.
TEST(Zipkin, TellsLinksAsTags) {
  Span span;
  span.add(SpanLink{{{0x0af7651916cd43dd, 0x8448eb211c80319c}, {0xb7ad6b7169203331}}});
  EXPECT_EQ(zipkin(span).at("tags"), nlohmann::json::parse(R"({
    "link.trace_id": "0af7651916cd43dd8448eb211c80319c", "link.span_id": "b7ad6b7169203331",
    "otel.scope.name": "longspan"
  })"));
  span.add(SpanLink{{{0, 1}, {2}}});
  EXPECT_EQ(zipkin(span).at("tags"), nlohmann::json::parse(R"({
    "link.trace_id": "0af7651916cd43dd8448eb211c80319c", "link.span_id": "b7ad6b7169203331",
    "link.2.trace_id": "00000000000000000000000000000001", "link.2.span_id": "0000000000000002",
    "otel.scope.name": "longspan"
  })"));
}

TEST(Zipkin, LeavesOutWhatThereIsNot) {
  Span span;
  span.ids = {{0, 1}, {2}};
  span.name = "x";
  span.start = {5'000};
  span.end = {4'000};  // two clocks
  EXPECT_EQ(zipkin(span), nlohmann::json::parse(R"({
    "traceId": "00000000000000000000000000000001", "id": "0000000000000002", "name": "x",
    "timestamp": 5, "localEndpoint": {"serviceName": "unknown_service"},
    "tags": {"otel.scope.name": "longspan"}
  })"));
}

TEST(Zipkin, TellsKindsStatusAndDurations) {
  Span span;
  span.kind = SpanKind::client;
  EXPECT_EQ(zipkin(span).at("kind"), "CLIENT");
  span.kind = SpanKind::server;
  EXPECT_EQ(zipkin(span).at("kind"), "SERVER");
  span.kind = SpanKind::consumer;
  span.attributes.put("server.address", "x");
  EXPECT_EQ(zipkin(span).at("kind"), "CONSUMER");
  EXPECT_FALSE(zipkin(span).contains("remoteEndpoint"));
  span.status = {StatusCode::ok};
  EXPECT_EQ(zipkin(span).at("tags").at("otel.status_code"), "OK");
  EXPECT_FALSE(zipkin(span).at("tags").contains("error"));
  span.start = span.end = {1'000};
  EXPECT_EQ(zipkin(span).at("duration"), 1);
  span.end = {3'999};
  EXPECT_EQ(zipkin(span).at("duration"), 2);
}

}  // namespace
}  // namespace longspan
