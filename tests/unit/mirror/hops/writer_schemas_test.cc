#include "mirror/hops/writer_schemas.h"

#include <gtest/gtest.h>

#include "tests/fakes/embedded_exchange.h"
#include "tests/fakes/embedded_requests.h"
#include "tests/fakes/fake_clock.h"
#include "tests/unit/mirror/schemas/wrapped_registry.h"

namespace longspan {
namespace {

const std::string kSource = R"({"type":"record","name":"Source","namespace":"pg","fields":[)"
                            R"({"name":"ts_ms","type":"long"}]})";
const std::string kEnvelopeOf =
    R"({"type":"record","name":"Envelope","fields":[{"name":"source","type":)";
const std::string kEnvelope = kEnvelopeOf + kSource + R"(},{"name":"op","type":"string"}]})";

// Answers once it is told to.
class SilentRegistry final : public WrappedRegistry {
 public:
  using WrappedRegistry::WrappedRegistry;
  RegistryResult<std::optional<Schema>> schema(std::int32_t id, const Subject& seen_in) override {
    ++asked;
    if (is_silent || id <= silent_up_to) return RegistryError{};
    return WrappedRegistry::schema(id, seen_in);
  }
  bool is_silent = false;
  int silent_up_to = 0;
  int asked = 0;
};

class WriterSchemasTest : public testing::Test {
 protected:
  bool is_in_table(const SchemaWhich& which) { return schemas_.table()->contains(which); }
  bool reads(const SchemaWhich& which) { return schemas_.table()->at(which) != nullptr; }
  void ask_for(const SchemaWhich& which) {
    schemas_.ask(which);
    schemas_.turn({});
  }

  embedded::EmbeddedRegistry source_;
  std::unique_ptr<RegistryClient> client_ = client_of(source_);
  FakeClock clock_;
  std::unique_ptr<SilentRegistry> owned_ = std::make_unique<SilentRegistry>(*client_);
  SilentRegistry& registry_ = *owned_;
  WriterSchemas schemas_{
      std::move(owned_), *NamePatterns::make({".*"}, "schema.contexts"), {}, clock_};
};

TEST_F(WriterSchemasTest, WhatWasAskedForIsReadByItsSchema) {
  const SchemaWhich id = add_schema(source_, "a", kEnvelope);
  EXPECT_FALSE(is_in_table(id));
  const auto before = schemas_.generation();
  schemas_.ask(id);
  EXPECT_FALSE(schemas_.turn({}));
  EXPECT_NE(schemas_.generation(), before);
  ASSERT_TRUE(reads(id));
  const auto fields = schemas_.table()->at(id)->read(std::string("\x0e\x02") + "c");
  EXPECT_EQ(fields.commit.ms, 7);
  EXPECT_EQ(fields.op, ChangeOp::create);
}

TEST_F(WriterSchemasTest, AGuidIsLookedUpToo) {
  add_schema(source_, "a", kEnvelope);
  const SchemaWhich guid = guid_in(source_, "a");
  ask_for(guid);
  EXPECT_TRUE(reads(guid));
}

TEST_F(WriterSchemasTest, WhatNoTimesAreReadByIsNothing) {
  const SchemaWhich plain = add(source_, "a");
  const SchemaWhich other =
      nlohmann::json::parse(ask(source_, "POST", "/subjects/b/versions",
                                {{"schemaType", "JSON"}, {"schema", R"({"type":"object"})"}}))
          .at("id")
          .get<std::int32_t>();
  for (const auto& which : {plain, other}) {
    ask_for(which);
    EXPECT_FALSE(reads(which));
  }
}

TEST_F(WriterSchemasTest, WhatItRefersToIsReadWithIt) {
  add_schema(source_, "source", kSource);
  const auto text = kEnvelopeOf + R"("pg.Source"}]})";
  const SchemaWhich id = add_schema(
      source_, "a", text, {{{"name", "pg.Source"}, {"subject", "source"}, {"version", 1}}});
  ask_for(id);
  EXPECT_TRUE(reads(id));
}

TEST_F(WriterSchemasTest, OtherContextsAreLookedIn) {
  ask(source_, "POST", "/subjects/:.eu:a/versions", {{"schema", avro_fixed("First")}});
  ask(source_, "POST", "/subjects/:.eu:b/versions", {{"schema", kEnvelope}});
  const SchemaWhich id = 2;
  ask_for(id);
  EXPECT_TRUE(reads(id));
}

TEST_F(WriterSchemasTest, AnUnknownIdIsNothingUntilItIsAskedForAgain) {
  const SchemaWhich id = 1;
  ask_for(id);
  ASSERT_TRUE(is_in_table(id));
  EXPECT_FALSE(reads(id));
  add_schema(source_, "a", kEnvelope);
  clock_.advance(WriterSchemas::kForgetAfter);
  schemas_.turn({});
  EXPECT_FALSE(is_in_table(id));
  ask_for(id);
  EXPECT_TRUE(reads(id));
}

TEST_F(WriterSchemasTest, WithoutAnAnswerItStaysAskedFor) {
  const SchemaWhich id = add_schema(source_, "a", kEnvelope);
  registry_.is_silent = true;
  schemas_.ask(id);
  EXPECT_TRUE(schemas_.turn({}));
  EXPECT_FALSE(is_in_table(id));
  registry_.is_silent = false;
  EXPECT_FALSE(schemas_.turn({}));
  EXPECT_TRUE(reads(id));
  EXPECT_EQ(registry_.asked, 2);
}

TEST_F(WriterSchemasTest, AboveItsLimitNothingIsTaken) {
  registry_.is_silent = true;
  for (std::size_t i = 0; i < 2 * WriterSchemas::kOpenMax; ++i) {
    schemas_.ask(static_cast<std::int32_t>(i) + 1);
  }
  EXPECT_TRUE(schemas_.turn({}));
  EXPECT_EQ(registry_.asked, WriterSchemas::kFailuresMax) << "then it is the next turn's";
  registry_.is_silent = false;
  EXPECT_FALSE(schemas_.turn({}));
  EXPECT_EQ(schemas_.table()->size(), WriterSchemas::kOpenMax);
}

TEST_F(WriterSchemasTest, OnesThatAreNotAnsweredKeepNoOthersFromTheirs) {
  registry_.silent_up_to = 20;
  for (int i = 0; i < 20; ++i) add(source_, "s" + std::to_string(i));
  const SchemaWhich id = add_schema(source_, "a", kEnvelope);
  for (int i = 1; i <= 21; ++i) schemas_.ask(i);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(schemas_.turn({}));
  EXPECT_TRUE(is_in_table(id));
}

}  // namespace
}  // namespace longspan
