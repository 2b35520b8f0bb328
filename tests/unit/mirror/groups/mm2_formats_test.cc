#include "mirror/groups/mm2_formats.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

namespace longspan {
namespace {

std::string hex(const std::string& bytes) {
  static const char* digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += digits[(static_cast<unsigned char>(c)) >> 4];
    text += digits[(static_cast<unsigned char>(c)) & 15];
  }
  return text;
}

std::string unhex(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

// The last row of each kind was read from the topics of a running MirrorMaker 2 (Kafka 4.3.1); the
// others agree with its own classes.
TEST(Mm2Formats, OffsetSyncsAreByteForByteThoseOfMm2) {
  struct Row {
    OffsetSync sync;
    const char* key;
    const char* value;
  };
  for (const Row& row : {
           Row{{{"t", 3}, {1000}, {7}}, "00017400000003", "00000000000003e80000000000000007"},
           Row{{{"lat1", 2}, {14999}, {14999}},
               "00046c61743100000002",
               "0000000000003a970000000000003a97"},
       }) {
    const auto record = encode(row.sync);
    ASSERT_TRUE(record.has_value());
    EXPECT_EQ(hex(record->key), row.key);
    EXPECT_EQ(hex(record->value), row.value);
    EXPECT_EQ(*decode_offset_sync(unhex(row.key), unhex(row.value)), row.sync);
  }
}

TEST(Mm2Formats, CheckpointsAreByteForByteThoseOfMm2) {
  struct Row {
    Checkpoint checkpoint;
    const char* key;
    const char* value;
  };
  for (const Row& row : {
           Row{{"g", {"A.t", 3}, {1000}, {8}, ""},
               "0001670003412e7400000003",
               "000000000000000003e800000000000000080000"},
           Row{{"lag0", {"etr.tr1", 0}, {1000000}, {1000000}, ""},
               "00046c61673000076574722e74723100000000",
               "000000000000000f424000000000000f42400000"},
       }) {
    const auto record = encode(row.checkpoint);
    ASSERT_TRUE(record.has_value());
    EXPECT_EQ(hex(record->key), row.key);
    EXPECT_EQ(hex(record->value), row.value);
    EXPECT_EQ(*decode_checkpoint(unhex(row.key), unhex(row.value)), row.checkpoint);
  }
}

TEST(Mm2Formats, HeartbeatsAreByteForByteThoseOfMm2) {
  const Heartbeat heartbeat{"A", "B", {1700000000000}};
  const auto record = encode(heartbeat);
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(hex(record->key), "000141000142");
  EXPECT_EQ(hex(record->value), "00000000018bcfe56800");
  EXPECT_EQ(*decode_heartbeat(record->key, record->value), heartbeat);
}

TEST(Mm2Formats, RefusesWhatItCannotHold) {
  const std::string longest(32767, 'g');
  const auto fits = encode(Checkpoint{longest, {"t", 0}, {1}, {1}, longest});
  ASSERT_TRUE(fits.has_value());
  EXPECT_EQ(decode_checkpoint(fits->key, fits->value)->metadata, longest);
  EXPECT_FALSE(encode(Checkpoint{longest + "g", {"t", 0}, {1}, {1}, ""}).has_value());
  EXPECT_FALSE(encode(Checkpoint{"g", {"t", 0}, {1}, {1}, longest + "m"}).has_value());
}

TEST(Mm2Formats, SaysWhatIsWrong) {
  const std::string key = unhex("00017400000003");
  EXPECT_EQ(decode_offset_sync(key, unhex("00000000000003e8")).error().what,
            "the value of an offset sync is cut short");
  EXPECT_EQ(decode_offset_sync(unhex("ffff00000003"), "").error().what,
            "the key of an offset sync holds a string of negative length");
  EXPECT_EQ(decode_offset_sync(key, unhex("ffffffffffffffff0000000000000007")).error().what,
            "the value of an offset sync holds a negative number");
  EXPECT_EQ(decode_heartbeat(unhex("000141000142"), unhex("00010000018bcfe56800")).error().what,
            "the value of a heartbeat has version 1, 0 is known");
  EXPECT_FALSE(decode_checkpoint("", "").has_value());
}

TEST(Mm2Formats, IgnoresWhatALaterVersionAppends) {
  EXPECT_TRUE(
      decode_heartbeat(unhex("00014100014299"), unhex("00000000018bcfe5680001")).has_value());
}

std::uint64_t seed() {
  const char* text = std::getenv("LONGSPAN_SEED");
  const std::uint64_t value = text != nullptr ? std::stoull(text) : std::random_device{}();
  std::cout << "LONGSPAN_SEED=" << value << "\n";
  return value;
}

std::string mutated(std::string bytes, std::mt19937_64& random) {
  for (auto n = random() % 4; n > 0 && !bytes.empty(); --n) {
    const auto at = random() % bytes.size();
    switch (random() % 3) {
      case 0:
        bytes[at] = static_cast<char>(random());
        break;
      case 1:
        bytes.resize(at);
        break;
      default:
        bytes.insert(at, 1, static_cast<char>(random()));
    }
  }
  return bytes;
}

// What is decoded from rubbish must at least be a value that encodes and decodes to itself.
TEST(Mm2Formats, RubbishIsAnErrorOrAValue) {
  std::mt19937_64 random(seed());
  const auto sync = *encode(OffsetSync{{"orders", 3}, {1000}, {7}});
  const auto checkpoint = *encode(Checkpoint{"group", {"east.orders", 3}, {1000}, {8}, "meta"});
  const auto heartbeat = *encode(Heartbeat{"east", "west", {1700000000000}});
  int decoded = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::string sync_key = mutated(sync.key, random);
    if (const auto a = decode_offset_sync(sync_key, mutated(sync.value, random))) {
      const auto again = encode(*a);
      ASSERT_EQ(*decode_offset_sync(again->key, again->value), *a);
      ++decoded;
    }
    const std::string checkpoint_key = mutated(checkpoint.key, random);
    if (const auto b = decode_checkpoint(checkpoint_key, mutated(checkpoint.value, random))) {
      const auto again = encode(*b);
      ASSERT_EQ(*decode_checkpoint(again->key, again->value), *b);
      ++decoded;
    }
    const std::string heartbeat_key = mutated(heartbeat.key, random);
    if (const auto c = decode_heartbeat(heartbeat_key, mutated(heartbeat.value, random))) {
      const auto again = encode(*c);
      ASSERT_EQ(*decode_heartbeat(again->key, again->value), *c);
      ++decoded;
    }
  }
  EXPECT_GT(decoded, 1000) << "the mutations are too coarse to test anything";
}

}  // namespace
}  // namespace longspan
