#include "cli/demo/comparer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "cli/demo/shop.h"
#include "tests/fakes/seed.h"

namespace longspan::demo {
namespace {

OwnedRecord record(const std::string& value) { return {"key", value, {1000}, {{"h", "1"}}}; }

struct Fixture {
  Comparer comparer{1};
  void expect(std::int64_t lsn) { comparer.expect(0, lsn, record(std::to_string(lsn))); }
  void observe(std::int64_t lsn) { comparer.observe(0, lsn, record(std::to_string(lsn))); }
};

TEST(Comparer, CountsWhatArrivesInOrderAsEqual) {
  Fixture f;
  for (int i = 1; i <= 5; ++i) f.expect(i);
  EXPECT_FALSE(f.comparer.result().all_equal()) << "nothing has arrived yet";
  for (int i = 1; i <= 5; ++i) f.observe(i);
  EXPECT_EQ(f.comparer.result().equal, 5);
  EXPECT_TRUE(f.comparer.result().all_equal());
}

TEST(Comparer, CountsAGapAsMissing) {
  Fixture f;
  for (int i = 1; i <= 5; ++i) f.expect(i);
  for (const int i : {1, 4, 5}) f.observe(i);
  const Comparison c = f.comparer.result();
  EXPECT_EQ(c.equal, 3);
  EXPECT_EQ(c.missing, 2);
  EXPECT_FALSE(c.all_equal());
}

TEST(Comparer, CountsASecondCopyAsTwice) {
  Fixture f;
  for (int i = 1; i <= 3; ++i) f.expect(i);
  for (const int i : {1, 2, 1, 2, 3}) f.observe(i);
  EXPECT_EQ(f.comparer.result().equal, 3);
  EXPECT_EQ(f.comparer.result().twice, 2);
  EXPECT_FALSE(f.comparer.result().all_equal());
}

TEST(Comparer, KnowsALateRecordFromASecondCopy) {
  Fixture f;
  for (int i = 1; i <= 3; ++i) f.expect(i);
  for (const int i : {1, 3, 2}) f.observe(i);
  const Comparison c = f.comparer.result();
  EXPECT_EQ(c.equal, 3);
  EXPECT_EQ(c.missing, 0);
  EXPECT_EQ(c.out_of_order, 1);
  EXPECT_FALSE(c.all_equal());
}

TEST(Comparer, CountsTheRightRecordWithOtherBytesAsDifferent) {
  Fixture f;
  f.expect(1);
  f.comparer.observe(0, 1, record("changed"));
  EXPECT_EQ(f.comparer.result().different, 1);
  EXPECT_EQ(f.comparer.result().equal, 0);
  EXPECT_FALSE(f.comparer.result().all_equal());
}

TEST(Comparer, CountsWhatNobodyWroteAsUnknown) {
  Fixture f;
  f.expect(1);
  f.observe(1);
  f.comparer.observe(0, std::nullopt, record("foreign"));
  EXPECT_EQ(f.comparer.result().unknown, 1);
  EXPECT_FALSE(f.comparer.result().all_equal());
}

TEST(Comparer, FindsRecordsWithoutASequenceNumberByTheirBytes) {
  Comparer comparer(2);
  OwnedRecord tombstone{"k", std::nullopt, {5}, {}};
  comparer.expect(1, 0, record("a"));
  comparer.expect(1, 0, tombstone);
  comparer.observe(1, std::nullopt, tombstone);
  EXPECT_EQ(comparer.result().missing, 1);
  EXPECT_EQ(comparer.result().equal, 1);
  comparer.observe(1, std::nullopt, tombstone);
  EXPECT_EQ(comparer.result().twice, 1);
}

TEST(ContentHash, DependsOnEveryByteAndOnWhatIsNull) {
  const OwnedRecord base{"k", "v", {1}, {{"a", "1"}, {"b", "2"}}};
  std::vector<OwnedRecord> others(9, base);
  others[0].key = "l";
  others[1].key.reset();
  others[2].value = "";
  others[3].value.reset();
  others[4].timestamp = {2};
  std::swap(others[5].headers[0], others[5].headers[1]);
  others[6].headers.pop_back();
  others[7].headers[0].value.reset();
  others[8].headers = {{"a1", ""}, {"b", "2"}};
  for (const auto& other : others) EXPECT_NE(content_hash(other), content_hash(base));
  EXPECT_EQ(content_hash(OwnedRecord(base)), content_hash(base));
}

// Whatever is dropped, repeated or changed on the way is counted exactly.
class ComparerBySeed : public testing::TestWithParam<std::uint64_t> {};

TEST_P(ComparerBySeed, CountsEveryFaultOfAStreamOnce) {
  SCOPED_TRACE("seed=" + std::to_string(GetParam()));
  std::mt19937_64 random(GetParam());
  Shop shop(GetParam());
  Comparer comparer(streams().size());
  Comparison truth;
  for (int i = 0; i < 400; ++i) {
    for (const ShopRecord& r : shop.transaction(3, 1'795'000'000'000'000 + i)) {
      const auto lsn = r.lsn == 0 ? std::nullopt : std::optional(r.lsn);
      comparer.expect(r.stream, r.lsn, r.record);
      const auto dice = random() % 100;
      if (dice == 0) {
        ++truth.missing;
        continue;
      }
      comparer.observe(r.stream, lsn, r.record);
      ++truth.equal;
      if (dice != 1) continue;
      comparer.observe(r.stream, lsn, r.record);
      ++truth.twice;
    }
  }
  const Comparison found = comparer.result();
  EXPECT_EQ(found.equal, truth.equal);
  EXPECT_EQ(found.missing + found.expected, truth.missing);
  EXPECT_LE(found.expected, 8) << "only the last of a stream may still be awaited";
  EXPECT_EQ(found.twice, truth.twice);
  EXPECT_EQ(found.different + found.unknown + found.out_of_order, 0);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ComparerBySeed, testing::ValuesIn(test_seeds(5)));

}  // namespace
}  // namespace longspan::demo
