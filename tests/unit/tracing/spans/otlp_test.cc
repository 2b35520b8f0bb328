#include "tracing/spans/otlp.h"

#include <gtest/gtest.h>

#include <string>

namespace longspan {
namespace {

SpanOrigin origin() {
  SpanOrigin out;
  out.resource.put("service.name", "longspan");
  out.scope_version = "1";
  return out;
}

Span full_span() {
  Span span;
  span.ids = {{0x0af7651916cd43dd, 0x8448eb211c80319c}, {0xb7ad6b7169203331}};
  span.parent = SpanId{0x00f067aa0ba902b7};
  span.is_parent_remote = true;
  span.tracestate = "x=1";
  span.name = "send orders";
  span.kind = SpanKind::producer;
  span.start = {1'700'000'000'000'000'001};
  span.end = {1'700'000'000'000'000'002};
  span.attributes.put("t", "");
  span.attributes.put("b", false);
  span.attributes.put("i", std::int64_t{-1});
  span.attributes.put("d", 1.5);
  SpanEvent event{{5}, "e"};
  event.attributes.put("k", std::int64_t{300});
  span.add(event);
  SpanLink link{{{0x80f198ee56343ba8, 0x64fe8b2a57d3eff7}, {0xe457b5a2e4d86bd1}}, true, "y=2"};
  link.attributes.put("o", std::int64_t{7});
  span.add(link);
  span.dropped_links = 3;
  span.fail("m");
  return span;
}

std::string as_hex(const std::string& bytes) {
  std::string out;
  for (const char byte : bytes) {
    out += "0123456789abcdef"[static_cast<std::uint8_t>(byte) >> 4];
    out += "0123456789abcdef"[static_cast<std::uint8_t>(byte) & 0xf];
  }
  return out;
}

// What Python's opentelemetry-proto 1.45.2 writes for the same span.
TEST(Otlp, WritesProtobufAsOtherLibrariesDo) {
  const Span spans[] = {full_span()};
  EXPECT_EQ(as_hex(otlp_protobuf(origin(), spans)),
            "0a8b020a1c0a1a0a0c736572766963652e6e616d65120a0a086c6f6e677370616e12ea010a0d0a08"
            "6c6f6e677370616e12013112d8010a100af7651916cd43dd8448eb211c80319c1208b7ad6b716920"
            "33311a03783d31220800f067aa0ba902b72a0b73656e64206f726465727330043901002a36fe9c97"
            "174102002a36fe9c97174a070a017412020a004a070a0162120210004a100a0169120b18ffffffff"
            "ffffffffff014a0e0a0164120921000000000000f83f5a160905000000000000001201651a080a01"
            "6b120318ac026a2f0a1080f198ee56343ba864fe8b2a57d3eff71208e457b5a2e4d86bd11a03793d"
            "3222070a016f12021807350103000070037a0512016d1802850101030000");
}

TEST(Otlp, WritesJsonAsTheSpecificationHasIt) {
  const Span spans[] = {full_span()};
  EXPECT_EQ(
      otlp_json(origin(), spans),
      R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":)"
      R"({"stringValue":"longspan"}}]},"scopeSpans":[{"scope":{"name":"longspan","version":"1"},)"
      R"("spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331",)"
      R"("traceState":"x=1","parentSpanId":"00f067aa0ba902b7","name":"send orders","kind":4,)"
      R"("startTimeUnixNano":"1700000000000000001","endTimeUnixNano":"1700000000000000002",)"
      R"("attributes":[{"key":"t","value":{"stringValue":""}},{"key":"b","value":)"
      R"({"boolValue":false}},{"key":"i","value":{"intValue":"-1"}},{"key":"d","value":)"
      R"({"doubleValue":1.5}}],"events":[{"timeUnixNano":"5","name":"e","attributes":[{"key":"k",)"
      R"("value":{"intValue":"300"}}]}],"links":[{"traceId":"80f198ee56343ba864fe8b2a57d3eff7",)"
      R"("spanId":"e457b5a2e4d86bd1","traceState":"y=2","attributes":[{"key":"o","value":)"
      R"({"intValue":"7"}}],"flags":769}],"droppedLinksCount":3,"status":{"message":"m","code":2},)"
      R"("flags":769}]}]}]})");
}

TEST(Otlp, WritesFlags) {
  Span span;
  EXPECT_EQ(otlp_flags(span), 0x101U);
  span.is_parent_remote = true;  // without a parent it means nothing
  EXPECT_EQ(otlp_flags(span), 0x101U);
  span.parent = SpanId{1};
  span.is_random = true;
  EXPECT_EQ(otlp_flags(span), 0x303U);
  span.is_sampled = false;
  EXPECT_EQ(otlp_flags(span), 0x302U);
  SpanLink link;
  EXPECT_EQ(otlp_flags(link), 0x300U);
  link.sampled = true;
  EXPECT_EQ(otlp_flags(link), 0x301U);
}

TEST(Otlp, WritesAnEmptyRequest) {
  EXPECT_EQ(otlp_json({}, {}),
            R"({"resourceSpans":[{"resource":{},"scopeSpans":[{"scope":{"name":"longspan"}}]}]})");
}

}  // namespace
}  // namespace longspan
