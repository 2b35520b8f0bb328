// The projection against fastavro: random schemas and values, encoded by that library, with what
// must be found beside them (make_avro_cases.py).
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "lagcalc/stamps/avro_projection.h"
#include "tests/fakes/cdc_captures.h"
#include "tests/unit/lagcalc/seeds.h"

namespace longspan {
namespace {

using Json = nlohmann::json;

struct Value {
  std::string body;
  ChangeFields found;
};
struct Case {
  std::string schema;
  std::vector<std::string> references;
  std::vector<Value> values;
};

std::optional<std::int64_t> time_of(const Json& found, const char* key) {
  if (!found.contains(key)) return std::nullopt;
  return found.at(key).get<std::int64_t>();
}

ChangeFields fields_of(const Json& found, const std::string& shape) {
  ChangeFields out;
  out.shape = shape == "envelope" ? ChangeShape::envelope : ChangeShape::flattened;
  out.commit.ms = time_of(found, "commit_ms");
  out.commit.us = time_of(found, "commit_us");
  out.commit.ns = time_of(found, "commit_ns");
  out.connector.ms = time_of(found, "connector_ms");
  out.connector.us = time_of(found, "connector_us");
  out.connector.ns = time_of(found, "connector_ns");
  if (!found.at("op").is_null()) out.op = change_op(found.at("op").get<std::string>());
  const auto snapshot = found.value("snapshot", "none");
  if (snapshot == "snapshot") out.snapshot = SnapshotMark::snapshot;
  if (snapshot == "incremental") out.snapshot = SnapshotMark::incremental;
  out.has_transaction = found.value("has_transaction", false);
  return out;
}

std::vector<Case> cases() {
  std::ifstream file("tests/fixtures/avro/changes.jsonl");
  std::vector<Case> out;
  for (std::string line; std::getline(file, line);) {
    const Json json = Json::parse(line);
    Case next{json.at("schema"), json.at("references"), {}};
    for (const Json& value : json.at("values")) {
      next.values.push_back({bytes_of_hex(value.at("body").get<std::string>()),
                             fields_of(value.at("found"), json.at("shape"))});
    }
    out.push_back(std::move(next));
  }
  return out;
}

AvroProjection compiled(const Case& each) {
  const std::vector<std::string_view> references(each.references.begin(), each.references.end());
  auto projection = AvroProjection::compile(each.schema, references);
  if (!projection) throw std::runtime_error(projection.error().text());
  return *projection;
}

TEST(AvroCases, FindsWhatFastavroWrote) {
  const auto all = cases();
  ASSERT_EQ(all.size(), 100U);
  for (const Case& each : all) {
    const AvroProjection projection = compiled(each);
    for (const Value& value : each.values) {
      EXPECT_EQ(projection.read(value.body), value.found) << each.schema;
    }
  }
}

// The shortest prefix that is read well is as good as the whole, and so is any that is longer.
TEST(AvroCases, ABodyCutAnywhereIsUnreadableOrWhole) {
  std::size_t unreadable = 0;
  for (const Case& each : cases()) {
    const AvroProjection projection = compiled(each);
    const Value& value = each.values.front();
    bool was_whole = false;
    for (std::size_t size = 0; size <= value.body.size(); ++size) {
      const std::vector<char> exact(value.body.begin(),
                                    value.body.begin() + static_cast<std::ptrdiff_t>(size));
      const ChangeFields fields = projection.read({exact.data(), exact.size()});
      const bool is_whole = fields == value.found;
      ASSERT_TRUE(is_whole || fields == faulty(NoCommit::unreadable)) << each.schema;
      ASSERT_TRUE(is_whole || !was_whole) << each.schema;
      was_whole = is_whole;
      unreadable += is_whole ? 0 : 1;
    }
    ASSERT_TRUE(was_whole);
  }
  EXPECT_GT(unreadable, 1000U);
}

TEST(AvroCases, MutatedBodiesNeverCrashAndAlwaysHaveAVerdict) {
  const auto all = cases();
  std::vector<AvroProjection> projections;
  for (const Case& each : all) projections.push_back(compiled(each));
  for (const std::uint64_t seed : seeds(20)) {
    SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    for (std::size_t i = 0; i < all.size(); ++i) {
      std::string body = all[i].values[random() % all[i].values.size()].body;
      for (auto edits = 1 + random() % 4; edits > 0 && !body.empty(); --edits) {
        body[random() % body.size()] = static_cast<char>(random());
      }
      const std::vector<char> exact(body.begin(), body.end());
      const ChangeStamps stamps = judge(projections[i].read({exact.data(), exact.size()}));
      ASSERT_NE(stamps.commit.has_value(), stamps.why.has_value());
    }
  }
}

}  // namespace
}  // namespace longspan
