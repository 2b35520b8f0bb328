#include "mirror/schemas/inventory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>

#include "tests/unit/mirror/schemas/schema_sync_fixture.h"

namespace longspan {
namespace {

using testing::SizeIs;
using Kind = RegistryError::Kind;

// Of some subjects nothing is told.
class HidingRegistry final : public WrappedRegistry {
 public:
  using Answer = std::function<std::optional<RegistryError>(const Subject&)>;
  HidingRegistry(Registry& other, Answer answer)
      : WrappedRegistry(other), answer_(std::move(answer)) {}

  RegistryResult<std::vector<std::int32_t>> versions(const Subject& subject,
                                                     bool with_deleted) override {
    ++asked;
    if (const auto error = answer_(subject)) return *error;
    return WrappedRegistry::versions(subject, with_deleted);
  }

  std::atomic<int> asked = 0;

 private:
  const Answer answer_;
};

class InventoryTest : public SchemaSyncFixture {
 protected:
  static RegistryResult<Inventory> read(Registry& registry) {
    return read_inventory({.registry = registry, .wants = [](const Subject&) { return true; }});
  }
};

TEST_F(InventoryTest, SubjectsHiddenByAclsAreTheirOwnTroubles) {
  add_subjects(60);
  HidingRegistry registry(*source_client_, [](const Subject& subject) {
    const bool is_hidden = subject.name.size() == 3 && subject.name >= "s20";
    return is_hidden ? std::optional(RegistryError{Kind::forbidden, 403, 40301, "hidden", "x"})
                     : std::nullopt;
  });
  const auto inventory = read(registry);
  ASSERT_TRUE(inventory) << inventory.error().text();
  EXPECT_THAT(inventory->troubles, SizeIs(40));
  EXPECT_THAT(inventory->subjects, SizeIs(20));
}

TEST_F(InventoryTest, AnOutageEndsTheReading) {
  add_subjects(200);
  HidingRegistry registry(*source_client_, [](const Subject&) {
    return RegistryError{Kind::unreachable, 503, 0, "away", "x"};
  });
  const auto inventory = read(registry);
  ASSERT_FALSE(inventory);
  EXPECT_EQ(inventory.error().status, 503);
  EXPECT_LE(registry.asked, kOutageSubjects + kRequestsAtOnce);
}

TEST_F(InventoryTest, OneSubjectWithoutAnAnswerIsNoOutage) {
  add_subjects(30);
  HidingRegistry registry(*source_client_, [](const Subject& subject) {
    return subject.name == "s7" || subject.name == "s8"
               ? std::optional(RegistryError{Kind::unreachable, 500, 50001, "broken", "x"})
               : std::nullopt;
  });
  const auto inventory = read(registry);
  ASSERT_TRUE(inventory) << inventory.error().text();
  EXPECT_THAT(inventory->troubles, SizeIs(2));
}

TEST_F(InventoryTest, KnowsWhatARegistryWithoutContextsCannotHold) {
  add_subjects(1);
  const auto read_wanting = [this](std::set<std::string> contexts) {
    const auto out = read_inventory({.registry = *source_client_,
                                     .wants = [](const Subject&) { return true; },
                                     .contexts = std::move(contexts)});
    EXPECT_TRUE(out) << out.error().text();
    return *out;
  };
  EXPECT_TRUE(read_wanting({".", ".dr"}).can_hold({".dr", "a"}));
  set_fault(source_, "no_contexts");
  EXPECT_EQ(read_wanting({"."}).no_contexts, std::nullopt) << "nobody has asked";
  const auto inventory = read_wanting({".", ".dr"});
  EXPECT_EQ(inventory.no_contexts, "has no contexts");
  EXPECT_FALSE(inventory.can_hold({".dr", "a"}));
  EXPECT_TRUE(inventory.can_hold({".", "a"}));
}

// How a registry answers about its contexts.
class ContextsRegistry final : public WrappedRegistry {
 public:
  ContextsRegistry(Registry& other, RegistryError error)
      : WrappedRegistry(other), error_(std::move(error)) {}
  RegistryResult<std::vector<std::string>> contexts() override { return error_; }

 private:
  const RegistryError error_;
};

TEST_F(InventoryTest, WhoMayNotListContextsMayHaveThem) {
  add_subjects(1);
  const auto reason = [this](const RegistryError& error) {
    ContextsRegistry registry(*source_client_, error);
    const auto out = read_inventory(
        {.registry = registry, .wants = [](const Subject&) { return true; }, .contexts = {".dr"}});
    EXPECT_TRUE(out) << out.error().text();
    return out->no_contexts.value_or("");
  };
  EXPECT_EQ(reason({Kind::forbidden, 403, 40301, "hidden", "x"}), "");
  EXPECT_THAT(reason({Kind::unreachable, 503, 0, "away", "x"}),
              testing::StartsWith("does not say whether it has contexts ("));
}

// Without a word, and goes on behind an offset.
TEST_F(InventoryTest, AListOfSubjectsThatIsCutOffIsReadToItsEnd) {
  add_subjects(10);
  ask(source_, "DELETE", "/subjects/s9");
  for (const auto* most : {"2", "3", "5", "9", "10", "11"}) {
    SCOPED_TRACE(most);
    set_fault(source_, std::string("subjects_max=") + most);
    EXPECT_THAT(*source_client_->subjects(true), SizeIs(10));
    EXPECT_THAT(*source_client_->subjects(false), SizeIs(9));
  }
  set_fault(source_, "subjects_max=4");
  EXPECT_THAT(read(*source_client_)->subjects, SizeIs(10));
}

TEST_F(InventoryTest, AListOfVersionsThatIsCutOffIsReadToItsEnd) {
  for (int i = 1; i <= 25; ++i) add("a", avro_record("R", i));
  ask(source_, "DELETE", "/subjects/a/versions/20");
  for (const auto* most : {"10", "11", "12", "24", "25", "26"}) {
    SCOPED_TRACE(most);
    set_fault(source_, std::string("versions_max=") + most);
    const auto client = client_of(source_);
    ASSERT_THAT(*client->versions({".", "a"}, true), SizeIs(25));
    ASSERT_THAT(*client->versions({".", "a"}, false), SizeIs(24));
    const auto inventory = read(*client);
    ASSERT_TRUE(inventory) << inventory.error().text();
    EXPECT_TRUE(inventory->find({{".", "a"}, 20})->is_deleted);
    EXPECT_FALSE(inventory->find({{".", "a"}, 25})->is_deleted);
  }
}

TEST_F(InventoryTest, ARegistryWithoutOffsetsTellsItsListOnce) {
  add_subjects(10);
  for (int i = 2; i <= 4; ++i) add("s0", avro_record("R0", i));
  set_fault(source_, "no_offsets");
  EXPECT_THAT(*source_client_->versions({".", "s0"}, true), SizeIs(4));
  EXPECT_THAT(*source_client_->versions({".", "s0"}, true), SizeIs(4));
  EXPECT_THAT(*source_client_->subjects(true), SizeIs(10));
  EXPECT_THAT(*source_client_->subjects(true), SizeIs(10));
}

// Cut off, and no way on: the pages of schemas tell of the rest.
TEST_F(InventoryTest, SubjectsThatOnlyThePagesOfSchemasTellOfAreRead) {
  add_subjects(90);
  set_fault(source_, "no_offsets");
  set_fault(source_, "subjects_max=70");
  EXPECT_THAT(*source_client_->subjects(true), SizeIs(70));
  const auto inventory = read(*source_client_);
  ASSERT_TRUE(inventory) << inventory.error().text();
  EXPECT_THAT(inventory->subjects, SizeIs(90));
}

}  // namespace
}  // namespace longspan
