// Five captures of the same changes, from Debezium 3.7 on Postgres 15, each by a connector of its
// own: the readers must agree with an independent decoding, and the captures with each other.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "lagcalc/schema_framing.h"
#include "lagcalc/stamps/avro_projection.h"
#include "lagcalc/stamps/header_stamps.h"
#include "lagcalc/stamps/heartbeats.h"
#include "lagcalc/stamps/json_stamps.h"
#include "lagcalc/stamps/last_delete.h"
#include "tests/fakes/cdc_captures.h"
#include "tests/unit/cli/demo/avro_oracle.h"

namespace longspan {
namespace {

using Json = nlohmann::json;

// Reads records as a replicator would: one of these for each capture.
class Reader {
 public:
  ChangeStamps stamps(const CapturedRecord& record) {
    LastDelete& deletes = deletes_[record.topic];
    const ChangeFields headers = headers_of(record);
    if (!record.value) return deletes.tombstone(record.key, headers);
    const ChangeFields value = value_of(*record.value);
    if (is_heartbeat_topic(record.topic, {})) return judge_heartbeat(value);
    const ChangeStamps out = judge(joined(value, headers));
    deletes.note(record.key, out);
    return out;
  }

  ChangeFields value_of(std::string_view value) {
    const std::int32_t id = schema_id(value);
    if (id == 0) return read_json(value);
    auto found = projections_.find(id);
    if (found == projections_.end()) {
      auto compiled = AvroProjection::compile(schemas_.at(id));
      if (!compiled) throw std::runtime_error(compiled.error().text());
      found = projections_.emplace(id, *compiled).first;
    }
    return found->second.read(value.substr(5));
  }

 private:
  static ChangeFields headers_of(const CapturedRecord& record) {
    std::vector<HeaderView> views;
    for (const auto& [name, value] : record.headers) views.push_back({name, value});
    return read_headers(views);
  }

  std::map<std::int32_t, std::string> schemas_ = cdc_schemas();
  std::map<std::int32_t, AvroProjection> projections_;
  std::map<std::string, LastDelete> deletes_;
};

// The whole value as JSON, by a decoder that is not ours and a parser that builds a tree.
Json whole(const std::string& value) {
  static const auto schemas = cdc_schemas();
  if (const auto id = schema_id(value); id != 0) {
    return demo::AvroOracle::decode(Json::parse(schemas.at(id)), std::string_view(value).substr(5));
  }
  const Json json = Json::parse(value);
  return json.contains("payload") ? json.at("payload") : json;
}

std::optional<Stamp> finest(const Json& times, const std::string& prefix) {
  const auto time = [&](const char* name) {
    const auto found = times.find(prefix + name);
    return found == times.end() || found->is_null() ? 0 : found->get<std::int64_t>();
  };
  if (time("ts_ns") != 0) return Stamp{{time("ts_ns") / 1000}, 1};
  if (time("ts_us") != 0) return Stamp{{time("ts_us")}, 1};
  if (time("ts_ms") != 0) return Stamp{{time("ts_ms") * 1000}, 1000};
  return std::nullopt;
}

// Captured headers are ASCII.
Json flattened(const CapturedRecord& record) {
  Json out = Json::object();
  for (const auto& [name, value] : record.headers) {
    if (name.starts_with("__ts_") || name.starts_with("__source_ts_")) {
      out[name] = std::stoll(*value);
    } else if (name == "__op") {
      out[name] = *value;
    }
  }
  return out;
}

// What must be read of a record that is a change with a value.
struct Expected {
  std::optional<Stamp> commit;
  std::optional<Stamp> connector;
  std::string op;
};
Expected expected(const CapturedRecord& record) {
  const Json value = whole(record.value.value());
  if (value.contains("source")) {
    return {finest(value.at("source"), ""), finest(value, ""), value.at("op")};
  }
  const Json flat = flattened(record);
  return {finest(flat, "__source_"), finest(flat, "__"), flat.value("__op", "")};
}

class Captures : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(All, Captures, testing::ValuesIn(kCdcCaptures));

TEST_P(Captures, AgreeWithAnIndependentDecoding) {
  Reader reader;
  std::size_t commits = 0;
  for (const CapturedRecord& record : cdc_capture(GetParam())) {
    SCOPED_TRACE(record.topic + " " + std::to_string(record.offset));
    const ChangeStamps stamps = reader.stamps(record);
    if (record.table() == "heartbeat") {
      EXPECT_EQ(stamps.why, NoCommit::heartbeat);
      EXPECT_EQ(stamps.connector, finest(whole(record.value.value()), ""));
      continue;
    }
    if (!record.value || record.table() == "transaction") continue;
    const Expected wanted = expected(record);
    EXPECT_EQ(stamps.op, change_op(wanted.op));
    EXPECT_EQ(stamps.connector, wanted.connector);
    if (!stamps.commit) continue;
    EXPECT_EQ(stamps.commit, wanted.commit);
    ++commits;
  }
  EXPECT_EQ(commits, 24U);  // 4 heartbeat rows, 15 orders, 4 lines, 1 message
}

TEST_P(Captures, CountEveryRecordOnce) {
  Reader reader;
  std::map<std::string, int> counts;
  for (const CapturedRecord& record : cdc_capture(GetParam())) {
    const ChangeStamps stamps = reader.stamps(record);
    ASSERT_NE(stamps.commit.has_value(), stamps.why.has_value());
    ++counts[stamps.why ? std::string(name(*stamps.why)) : "commit"];
  }
  std::map<std::string, int> wanted{{"commit", 27},  {"heartbeat", 4},
                                    {"missing", 28}, {"non_transactional_message", 1},
                                    {"snapshot", 4}, {"truncate", 1}};
  // ExtractNewRecordState drops a TRUNCATE.
  if (std::string(GetParam()).starts_with("cdcx")) wanted.erase("truncate");
  EXPECT_EQ(counts, wanted);
}

TEST_P(Captures, ATombstoneHasTheStampsOfItsDelete) {
  Reader reader;
  std::size_t tombstones = 0;
  ChangeStamps before;
  for (const CapturedRecord& record : cdc_capture(GetParam())) {
    const ChangeStamps stamps = reader.stamps(record);
    if (!record.value) {
      ++tombstones;
      EXPECT_TRUE(stamps.commit);
      EXPECT_EQ(stamps, before) << record.topic << " " << record.offset;
    }
    before = stamps;
  }
  EXPECT_EQ(tombstones, 3U);
}

// Snapshots differ: each connector made its own. So do connectors' times.
TEST(Captures, OfTheSameChangesHaveTheSameCommits) {
  struct Change {
    std::optional<Stamp> commit;
    std::optional<NoCommit> why;
    std::optional<ChangeOp> op;
    bool operator==(const Change&) const = default;
  };
  std::map<std::pair<std::string, std::int64_t>, std::map<std::string, Change>> changes;
  for (const char* capture : kCdcCaptures) {
    Reader reader;
    for (const CapturedRecord& record : cdc_capture(capture)) {
      const ChangeStamps stamps = reader.stamps(record);
      changes[{record.table(), record.offset}][capture] = {stamps.commit, stamps.why, stamps.op};
    }
  }
  EXPECT_EQ(changes.size(), 65U);
  for (const auto& [which, seen] : changes) {
    const bool is_truncate = seen.begin()->second.why == NoCommit::truncate;
    EXPECT_EQ(seen.size(), is_truncate ? 3U : 5U) << which.first << " " << which.second;
    for (const auto& [capture, change] : seen) {
      EXPECT_EQ(change, seen.begin()->second) << which.first << " " << which.second << capture;
    }
  }
  const Change known = changes[{"public.orders", 2}]["cdcxa"];
  EXPECT_EQ(known.commit, (Stamp{{1795219743138067}, 1}));
  EXPECT_EQ(known.op, ChangeOp::create);
}

// One row was written with a column for its trace.
TEST_P(Captures, HaveTheContextOfTheRow) {
  Reader reader;
  std::vector<std::string> found;
  for (const CapturedRecord& record : cdc_capture(GetParam())) {
    if (!record.value) continue;
    const std::string context = reader.value_of(*record.value).row_context;
    if (!context.empty()) found.push_back(context);
  }
  EXPECT_EQ(found, std::vector<std::string>{
                       "traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n"});
}

}  // namespace
}  // namespace longspan
