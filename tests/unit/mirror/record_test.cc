#include "mirror/record.h"

#include <gtest/gtest.h>

#include <set>

namespace longspan {
namespace {

constexpr TimestampMs kAt{1'700'000'000'000};

TEST(Record, MadeFromOwnedBytesKeepsThem) {
  const Headers headers{{"a", "1"}, {"a", std::nullopt}, {"", ""}};
  const Record record = make_record({std::nullopt, "", kAt, headers});
  EXPECT_FALSE(record.key.has_value());
  EXPECT_EQ(record.value, std::optional<std::string_view>(""));
  EXPECT_EQ(record.timestamp, kAt);
  EXPECT_TRUE(record.has_headers());
  EXPECT_EQ(record.headers(), headers);
}

TEST(Record, SurvivesMoves) {
  Record first = make_record({"k", std::string(100, 'v'), kAt, {}});
  Record second = std::move(first);
  EXPECT_EQ(second.key, "k");
  EXPECT_EQ(second.value->size(), 100u);
  EXPECT_FALSE(second.has_headers());
}

TEST(Record, FingerprintIsEqualForACopyWithAnotherOffsetAndTimestampKind) {
  const OwnedRecord bytes{"k", "v", kAt, {{"h", "1"}}};
  Record a = make_record(bytes);
  Record b = make_record(bytes);
  b.offset = Offset{77};
  b.timestamp_kind = TimestampKind::log_append_time;
  EXPECT_EQ(fingerprint(a), fingerprint(b));
}

TEST(Record, FingerprintTellsApartWhatConcatenationWouldNot) {
  const std::vector<OwnedRecord> different = {
      {std::nullopt, std::nullopt, kAt, {}},
      {"", std::nullopt, kAt, {}},
      {std::nullopt, "", kAt, {}},
      {"", "", kAt, {}},
      {"ab", "c", kAt, {}},
      {"a", "bc", kAt, {}},
      {"abc", "", kAt, {}},
      {"abc", "", TimestampMs{kAt.value + 1}, {}},
      {"a", "bc", kAt, {{"x", "1"}}},
      {"a", "bc", kAt, {{"x1", ""}}},
      {"a", "bc", kAt, {{"x1", std::nullopt}}},
      {"a", "bc", kAt, {{"x", "1"}, {"y", "2"}}},
      {"a", "bc", kAt, {{"y", "2"}, {"x", "1"}}},
      {"a", "bc", kAt, {{"x", "1"}, {"x", "1"}}},
  };
  std::set<std::uint64_t> seen;
  for (const auto& record : different) seen.insert(fingerprint(make_record(record)));
  EXPECT_EQ(seen.size(), different.size());
}

}  // namespace
}  // namespace longspan
