#include "mirror/hops/stamp_reader.h"

#include <gtest/gtest.h>

#include "tests/fakes/embedded_exchange.h"
#include "tests/fakes/embedded_requests.h"
#include "tests/fakes/fake_clock.h"

namespace longspan {
namespace {

constexpr std::int64_t kCommitMs = 1'700'000'000'000;

// A record {commit, op}: as Debezium's envelope, in Avro.
const std::string kEnvelope =
    R"({"type":"record","name":"Envelope","fields":[{"name":"source","type":{"type":"record",)"
    R"("name":"Source","fields":[{"name":"ts_ms","type":"long"}]}},)"
    R"({"name":"op","type":"string"}]})";

std::string zigzag(std::int64_t value) {
  auto left = static_cast<std::uint64_t>(value) << 1U;
  std::string out;
  for (; left > 0x7f; left >>= 7U) out += static_cast<char>(left | 0x80U);
  return out + static_cast<char>(left);
}

std::string avro_envelope(const std::string& op) { return zigzag(kCommitMs) + "\x02" + op; }

std::string json_envelope(const std::string& op) {
  return R"({"before":null,"after":{"id":1},"source":{"ts_ms":)" + std::to_string(kCommitMs) +
         R"(,"snapshot":"false","txId":7},"op":")" + op + R"(","ts_ms":1700000000005})";
}

class StampReaderTest : public testing::Test {
 protected:
  ChangeStamps read(const std::string& topic, OwnedRecord record) {
    auto& known = topics_.try_emplace(topic, reader_.topic(topic)).first->second;
    return reader_.read(known, make_record(std::move(record)), last_delete_);
  }
  ChangeStamps read_value(const std::string& value) { return read("orders", {"k", value, {}, {}}); }

  embedded::EmbeddedRegistry registry_;
  FakeClock clock_;
  WriterSchemas schemas_{client_of(registry_), {}, {}, clock_};
  StampReader reader_{&schemas_, {}};
  std::map<std::string, StampReader::Topic> topics_;
  LastDelete last_delete_;
};

TEST_F(StampReaderTest, AnAvroValueIsReadOnceItsSchemaIsHere) {
  const auto id = add_schema(registry_, "orders-value", kEnvelope);
  const auto value = framed(id, avro_envelope("c"));
  EXPECT_EQ(read_value(value).why, NoCommit::no_schema);
  schemas_.turn({});
  const auto stamps = read_value(value);
  ASSERT_TRUE(stamps.commit);
  EXPECT_EQ(stamps.commit->at.value, kCommitMs * 1000);
  EXPECT_EQ(stamps.commit->resolution_us, 1000);
}

TEST_F(StampReaderTest, AnIdInAHeaderLeavesTheWholeValue) {
  const auto id = add_schema(registry_, "orders-value", kEnvelope);
  schemas_.ask(id);
  schemas_.turn({});
  const auto header = framed(id, "");
  for (int i = 0; i < 3; ++i) {
    const auto stamps =
        read("orders", {"k", avro_envelope("c"), {}, {{std::string(kValueSchemaHeader), header}}});
    EXPECT_TRUE(stamps.commit) << i;
  }
}

TEST_F(StampReaderTest, AJsonValueNeedsNoSchema) {
  const auto stamps = read_value(json_envelope("u"));
  ASSERT_TRUE(stamps.commit);
  ASSERT_TRUE(stamps.connector);
  EXPECT_EQ(stamps.connector->at.value - stamps.commit->at.value, 5000);
}

TEST_F(StampReaderTest, ATombstoneHasTheTimesOfItsDelete) {
  const auto of_delete = read_value(json_envelope("d"));
  const auto tombstone = read("orders", {"k", std::nullopt, {}, {}});
  EXPECT_EQ(tombstone.commit, of_delete.commit);
  EXPECT_EQ(read("orders", {"other", std::nullopt, {}, {}}).why,
            NoCommit::tombstone_without_delete);
}

TEST_F(StampReaderTest, AHeartbeatIsNoCommit) {
  const auto stamps = read("__debezium-heartbeat.pg", {"k", R"({"ts_ms":1700000000005})", {}, {}});
  EXPECT_FALSE(stamps.commit);
  EXPECT_EQ(stamps.why, NoCommit::heartbeat);
  EXPECT_EQ(stamps.connector->at.value, 1'700'000'000'005'000);
}

// Looking at headers costs more than at a value.
TEST_F(StampReaderTest, HeadersAreReadOnceATopicHasTimesInThem) {
  const Headers times = {{"__source_ts_ms", std::to_string(kCommitMs)}};
  EXPECT_FALSE(read("flat", {"k", "text", {}, {}}).commit);
  int read_at = 0;
  while (!read("flat", {"k", "text", {}, times}).commit) ++read_at;
  EXPECT_LT(read_at, static_cast<int>(StampReader::kLookEach));
  EXPECT_TRUE(read("flat", {"k", "text", {}, times}).commit) << "from then on each";
}

TEST_F(StampReaderTest, ATopicWithoutChangesIsHardlyLookedAt) {
  for (std::uint32_t i = 0; i <= StampReader::kPlainMax; ++i) read_value(R"({"a":1})");
  std::uint32_t missed = 0;
  while (!read_value(json_envelope("c")).commit) ++missed;
  EXPECT_GT(missed, 0u);
  EXPECT_LT(missed, StampReader::kLookEach);
  EXPECT_TRUE(read_value(json_envelope("c")).commit);
}

// Each would be a request to the source's registry.
TEST_F(StampReaderTest, BytesThatOnlyLookLikeIdsAreNotAskedForForEver) {
  constexpr int kValues = 4 * static_cast<int>(StampReader::kPlainMax);
  for (int id = 1; id <= kValues; ++id) {
    ASSERT_EQ(read_value(framed(id, "bytes")).why, NoCommit::no_schema);
  }
  while (schemas_.turn({})) {
  }
  EXPECT_LE(schemas_.table()->size(),
            StampReader::kPlainMax + kValues / StampReader::kLookEach + 1);
}

TEST_F(StampReaderTest, WithoutARegistryAvroIsNotRead) {
  StampReader reader(nullptr, {});
  auto topic = reader.topic("orders");
  const auto record = make_record({"k", framed(1, avro_envelope("c")), {}, {}});
  for (std::uint32_t i = 0; i < 2 * StampReader::kPlainMax; ++i) {
    ASSERT_EQ(reader.read(topic, record, last_delete_).why, NoCommit::no_schema);
  }
}

}  // namespace
}  // namespace longspan
