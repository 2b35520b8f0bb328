// A dead letter says where its record came from and why, and gives the record back as it was.
#include "mirror/dead_letter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longspan {
namespace {

using testing::HasSubstr;

DeadLetter letter() {
  DeadLetter out{{"orders", 3}, Offset{42}, "east->west", "east.orders", {}, {}, {}, {}};
  out.error_class = error_class(10);
  out.error_message = "cannot write: MSG_SIZE_TOO_LARGE";
  out.refused_at = {1000};
  out.record = {std::nullopt, "value", {-5}, {{"h", "1"}, {"h", std::nullopt}}};
  return out;
}

TEST(DeadLetterTest, ComesBackAsItWas) {
  const OwnedRecord written = encode(letter());
  EXPECT_EQ(written.timestamp, TimestampMs{1000});
  const auto back = decode_dead_letter(make_record(written));
  ASSERT_TRUE(back.has_value()) << back.error().text();
  EXPECT_EQ(back->source.text(), "orders:3");
  EXPECT_EQ(back->offset, Offset{42});
  EXPECT_EQ(back->target_topic, "east.orders");
  EXPECT_EQ(back->flow, "east->west");
  EXPECT_EQ(back->error_class, "org.apache.kafka.common.errors.RecordTooLargeException");
  EXPECT_EQ(back->error_message, letter().error_message);
  EXPECT_EQ(back->refused_at, TimestampMs{1000});
  EXPECT_FALSE(back->record.key);
  EXPECT_EQ(back->record.value, "value");
  EXPECT_EQ(back->record.timestamp, TimestampMs{-5});
  EXPECT_EQ(back->record.headers, letter().record.headers);
}

TEST(DeadLetterTest, ARecordThatCarriesALettersHeadersIsALetterAgain) {
  DeadLetter outer = letter();
  outer.record = encode(letter());
  const Headers before = outer.record.headers;
  const auto back = decode_dead_letter(make_record(encode(outer)));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->record.headers, before);
}

TEST(DeadLetterTest, CarriesKafkaConnectsHeaders) {
  const OwnedRecord written = encode(letter());
  const auto value_of = [&](std::string_view name) {
    for (const auto& header : written.headers) {
      if (header.name == name) return header.value.value_or("null");
    }
    return std::string("absent");
  };
  EXPECT_EQ(value_of("__connect.errors.topic"), "orders");
  EXPECT_EQ(value_of("__connect.errors.partition"), "3");
  EXPECT_EQ(value_of("__connect.errors.offset"), "42");
  EXPECT_EQ(value_of("__connect.errors.stage"), "KAFKA_PRODUCE");
  EXPECT_THAT(value_of("__connect.errors.exception.message"), HasSubstr("TOO_LARGE"));
}

TEST(DeadLetterTest, AnotherRecordIsNone) {
  EXPECT_FALSE(decode_dead_letter(make_record({"k", "v", {1}, {}})));
  auto damaged = encode(letter());
  damaged.headers[damaged.headers.size() - 8].value = "-1";  // the offset
  EXPECT_FALSE(decode_dead_letter(make_record(damaged)));
  auto missing = encode(letter());
  missing.headers.pop_back();
  EXPECT_FALSE(decode_dead_letter(make_record(missing)));
}

}  // namespace
}  // namespace longspan
