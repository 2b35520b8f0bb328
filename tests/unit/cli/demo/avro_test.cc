#include "cli/demo/avro.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace longspan::demo {
namespace {

std::string encoded(std::int64_t value) {
  AvroWriter out(1);
  out.add_long(value);
  return out.take().substr(5);
}

// The specification's own table, and the ends of the range.
TEST(Avro, WritesLongsAsZigzagVarints) {
  EXPECT_EQ(encoded(0), std::string("\x00", 1));
  EXPECT_EQ(encoded(-1), "\x01");
  EXPECT_EQ(encoded(1), "\x02");
  EXPECT_EQ(encoded(-64), "\x7f");
  EXPECT_EQ(encoded(64), std::string("\x80\x01"));
  EXPECT_EQ(encoded(std::numeric_limits<std::int64_t>::min()).size(), 10U);
}

TEST(Avro, ReadsBackWhatItWrote) {
  AvroWriter out(0x01020304);
  const std::int64_t ends[] = {std::numeric_limits<std::int64_t>::min(),
                               std::numeric_limits<std::int64_t>::max(), 1795219719214000};
  for (const auto value : ends) out.add_long(value);
  out.add_text("Tromsø");
  out.add_flag(true);
  out.add_text("");
  const std::string bytes = out.take();
  EXPECT_EQ(bytes.substr(0, 5), std::string("\x00\x01\x02\x03\x04", 5));

  AvroReader in(bytes);
  EXPECT_EQ(in.schema_id(), 0x01020304);
  for (const auto value : ends) EXPECT_EQ(in.read_long(), value);
  EXPECT_EQ(in.read_text(), "Tromsø");
  EXPECT_TRUE(in.read_flag());
  EXPECT_EQ(in.read_text(), "");
  EXPECT_TRUE(in.ok() && in.at_end());
}

TEST(Avro, LatchesOnBytesThatDoNotFit) {
  EXPECT_FALSE(AvroReader("\x01\x01\x01\x01\x01").ok());  // not Confluent's magic
  EXPECT_FALSE(AvroReader({"\0\0\0\0", 4}).ok());         // too short for the id
  const std::string frame(5, '\0');
  const std::string too_long = frame + "\x10" + "abc";
  AvroReader length_too_long(too_long);
  EXPECT_EQ(length_too_long.read_text(), "");
  EXPECT_FALSE(length_too_long.ok());
  EXPECT_EQ(length_too_long.read_long(), 0);
  const std::string below_zero = frame + "\x01";
  AvroReader negative_length(below_zero);
  negative_length.read_text();
  EXPECT_FALSE(negative_length.ok());
  const std::string without_end = frame + std::string(20, '\xff');
  AvroReader endless(without_end);
  endless.read_long();
  EXPECT_FALSE(endless.ok());
}

// As java.math.BigInteger.toByteArray gives them.
TEST(Avro, WritesDecimalsInAsFewBytesAsPossible) {
  EXPECT_EQ(decimal_bytes(0), std::string("\x00", 1));
  EXPECT_EQ(decimal_bytes(127), "\x7f");
  EXPECT_EQ(decimal_bytes(128), std::string("\x00\x80", 2));
  EXPECT_EQ(decimal_bytes(200), std::string("\x00\xc8", 2));
  EXPECT_EQ(decimal_bytes(-1), "\xff");
  EXPECT_EQ(decimal_bytes(-128), "\x80");
  EXPECT_EQ(decimal_bytes(-129), "\xff\x7f");
  EXPECT_EQ(decimal_bytes(100000), "\x01\x86\xa0");
}

}  // namespace
}  // namespace longspan::demo
