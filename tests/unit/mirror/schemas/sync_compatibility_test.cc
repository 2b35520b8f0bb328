// Versions that are new to a subject with others are checked before they are imported.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "mirror/schemas/sync.h"
#include "tests/unit/mirror/schemas/schema_sync_fixture.h"

namespace longspan {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Kind = RegistryError::Kind;

class SchemaCompatibility : public SchemaSyncFixture {
 protected:
  // `a` has one version on both sides, and two more at the source that its readers cannot read.
  void SetUp() override {
    add("a", avro_record("A", 1));
    EXPECT_TRUE(sync().is_whole());
    ask(source_, "PUT", "/config", {{"compatibility", "NONE"}});
    add("a", R"({"type":"fixed","name":"A","size":4})");
    add("a", R"({"type":"fixed","name":"A","size":5})");
  }
  SyncOutcome sync_with(Registry& target, OnIncompatible on_incompatible) {
    return run_sync({.target = target, .on_incompatible = on_incompatible, .read_again = kNoWaits},
                    plan());
  }
  std::string versions(const std::string& subject) {
    return ask(target_, "GET", "/subjects/" + subject + "/versions");
  }
};

TEST_F(SchemaCompatibility, ImportsAndTellsWhatIsIncompatible) {
  const auto outcome = sync_with(*target_client_, OnIncompatible::warn);
  EXPECT_TRUE(outcome.is_whole()) << text(outcome);
  ASSERT_THAT(outcome.incompatible, SizeIs(2));
  EXPECT_EQ(outcome.incompatible[0].subject.name, "a");
  EXPECT_EQ(outcome.incompatible[0].version, 2);
  EXPECT_EQ(outcome.incompatible[0].id, 2);
  EXPECT_FALSE(outcome.incompatible[0].is_held);
  EXPECT_THAT(outcome.incompatible[0].text(), HasSubstr("TYPE_MISMATCH"));
  EXPECT_EQ(versions("a"), "[1,2,3]");
}

TEST_F(SchemaCompatibility, HoldsBackWhatIsIncompatibleAndWhatComesBehindIt) {
  add("b", avro_record("B", 1), Json::array({{{"name", "A"}, {"subject", "a"}, {"version", 3}}}));
  add("c", avro_record("C", 1));
  const auto outcome = sync_with(*target_client_, OnIncompatible::hold);
  EXPECT_FALSE(outcome.is_whole());
  EXPECT_THAT(outcome.failures, IsEmpty()) << text(outcome);
  ASSERT_THAT(outcome.incompatible, SizeIs(1));
  EXPECT_TRUE(outcome.incompatible[0].is_held);
  ASSERT_THAT(outcome.held, SizeIs(2));
  EXPECT_EQ(outcome.held[0].subject.name, "a");
  EXPECT_EQ(outcome.held[0].version, 3);
  EXPECT_EQ(outcome.held[1].subject.name, "b");
  EXPECT_EQ(outcome.held[1].behind.version, 2);
  EXPECT_EQ(versions("a"), "[1]");
  EXPECT_EQ(versions("c"), "[1]");
}

TEST_F(SchemaCompatibility, ASubjectsOwnLevelIsCarriedFirst) {
  ask(source_, "PUT", "/config/a", {{"compatibility", "NONE"}});
  const auto outcome = sync_with(*target_client_, OnIncompatible::hold);
  EXPECT_TRUE(outcome.is_whole()) << text(outcome);
  EXPECT_THAT(outcome.incompatible, IsEmpty());
  EXPECT_EQ(versions("a"), "[1,2,3]");
}

TEST_F(SchemaCompatibility, TheHistoryOfAnEmptySubjectIsNotChecked) {
  add("b", avro_record("B", 1));
  add("b", R"({"type":"fixed","name":"B","size":4})");
  const auto outcome = sync_with(*target_client_, OnIncompatible::hold);
  EXPECT_EQ(versions("b"), "[1,2]");
  EXPECT_THAT(outcome.incompatible, SizeIs(1)) << "of a";
}

class UncheckingRegistry final : public WrappedRegistry {
 public:
  UncheckingRegistry(Registry& other, RegistryError error)
      : WrappedRegistry(other), error_(std::move(error)) {}
  RegistryResult<CompatibilityAnswer> check_compatibility(const Subject&, const Schema&) override {
    return error_;
  }

 private:
  const RegistryError error_;
};

TEST_F(SchemaCompatibility, WhereItCannotBeCheckedItIsImportedAndCounted) {
  UncheckingRegistry target(*target_client_, {Kind::unsupported, 404, 0, "no such call", "x"});
  const auto outcome = sync_with(target, OnIncompatible::hold);
  EXPECT_TRUE(outcome.is_whole()) << text(outcome);
  EXPECT_EQ(outcome.unchecked, 2U);
  EXPECT_EQ(versions("a"), "[1,2,3]");
}

TEST_F(SchemaCompatibility, ARegistryThatIsAwayIsNotUnchecked) {
  UncheckingRegistry target(*target_client_, {Kind::unreachable, 503, 0, "away", "x"});
  const auto outcome = sync_with(target, OnIncompatible::warn);
  EXPECT_TRUE(outcome.unanswered);
  EXPECT_EQ(outcome.failures.size(), 2U) << text(outcome);
  EXPECT_EQ(outcome.unchecked, 0U);
  EXPECT_EQ(versions("a"), "[1]");
}

}  // namespace
}  // namespace longspan
