// Subjects that only the target has, and what the source says when it is asked about them.
#include "mirror/schemas/gone_subjects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/mirror/schemas/schema_sync_fixture.h"

namespace longspan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class GoneSubjectsTest : public SchemaSyncFixture {
 protected:
  static SubjectRules rules(const std::string& target_context = "") {
    SubjectConfig config;
    config.subjects = *NamePatterns::make({".*"}, "schema.subjects");
    config.contexts = *NamePatterns::make({R"(\.)"}, "schema.contexts");
    config.target_context = target_context;
    return {config, *Naming::make({.source_alias = "east", .target_alias = "west"}),
            *TopicFilter::make({".*"}, {"secret.*"}, false)};
  }
  static Inventory read(Registry& registry, const SubjectChoice& wants,
                        const std::set<Subject>& known = {}) {
    auto out = read_inventory({.registry = registry, .wants = wants, .known = known});
    EXPECT_TRUE(out) << out.error().text();
    return std::move(*out);
  }
  SchemaPlan plan_by(const SubjectRules& rules, bool is_pruning, Registry& source) {
    const auto of_source = read(source, [&](const Subject& each) { return rules.selects(each); });
    const auto of_target = read(
        *target_client_, [](const Subject&) { return true; }, known_);
    return make_plan(of_source, of_target,
                     {[&](const Subject& each) { return rules.target_subject(each); }, is_pruning,
                      find_gone(source, rules, of_source, of_target)});
  }
  void delete_for_good(const std::string& subject) {
    ask(source_, "DELETE", "/subjects/" + subject);
    ask(source_, "DELETE", "/subjects/" + subject + "?permanent=true");
  }

  std::set<Subject> known_;  // of the target, from elsewhere
};

TEST_F(GoneSubjectsTest, ASubjectThatTheSourceDeletedForGoodIsToldAndPruned) {
  for (const auto* context : {"", ".dr"}) {
    SCOPED_TRACE(context);
    add("common", avro_record("C", 1));
    add("orders-value", avro_record("O", 1),
        Json::array({{{"name", "C"}, {"subject", "common"}, {"version", 1}}}));
    const auto by = rules(context);
    const std::string prefix = *context == '\0' ? "" : ":.dr:";
    EXPECT_TRUE(sync_to(*target_client_, plan_by(by, false, *source_client_)).is_whole());
    EXPECT_THAT(told(plan_by(by, false, *source_client_)), IsEmpty());
    delete_for_good("orders-value");
    delete_for_good("common");  // an empty source
    const auto seen = told(plan_by(by, false, *source_client_));
    EXPECT_THAT(seen, ElementsAre("only_on_target " + prefix + "common",
                                  "only_on_target " + prefix + "east.orders-value"));
    EXPECT_TRUE(sync_to(*target_client_, plan_by(by, true, *source_client_)).is_whole());
    EXPECT_THAT(told(plan_by(by, true, *source_client_)), IsEmpty());
    EXPECT_EQ(answer_of(target_, "GET", "/mode/" + prefix + "east.orders-value").status, 404);
  }
}

TEST_F(GoneSubjectsTest, WhatSomebodyElsePutIntoImportIsToldAndNotPruned) {
  ask(target_, "POST", "/subjects/theirs/versions", {{"schema", avro_record("R", 1)}});
  ask(target_, "PUT", "/mode/theirs?force=true", {{"mode", "IMPORT"}});
  const auto plan = plan_by(rules(), true, *source_client_);
  EXPECT_THAT(told(plan), ElementsAre("only_on_target theirs"));
  EXPECT_THAT(plan.differences[0].reason, HasSubstr("or somebody else put it into IMPORT"));
  EXPECT_THAT(plan.others, IsEmpty());
}

TEST_F(GoneSubjectsTest, WhatTheFlowDoesNotWriteIsNotItsAffair) {
  for (const auto* subject : {"north.orders-value", "east.secret-value", "mine"}) {
    ask(target_, "POST", std::string("/subjects/") + subject + "/versions",
        {{"schema", avro_record("R", 1)}});
  }
  ask(target_, "PUT", "/mode/north.orders-value?force=true", {{"mode", "IMPORT"}});
  ask(target_, "PUT", "/mode/east.secret-value?force=true", {{"mode", "IMPORT"}});
  EXPECT_THAT(told(plan_by(rules(), true, *source_client_)), IsEmpty());
}

// A crash between the mode and the first version; then the source deleted it for good.
TEST_F(GoneSubjectsTest, WhatIsLeftInImportWithoutAVersionIsTold) {
  for (const auto* subject : {"east.orders-value", "common", "north.x-value"}) {
    ask(target_, "PUT", std::string("/mode/") + subject + "?force=true", {{"mode", "IMPORT"}});
  }
  EXPECT_THAT(told(plan_by(rules(), true, *source_client_)), IsEmpty()) << "no list tells it";
  known_ = {{".", "east.orders-value"}, {".", "common"}, {".", "north.x-value"}, {".", "z-key"}};
  const auto plan = plan_by(rules(), true, *source_client_);
  ASSERT_THAT(told(plan), ElementsAre("only_on_target east.orders-value", "only_on_target common"));
  EXPECT_EQ(plan.differences[0].reason,
            "it is in IMPORT without a live version, and the source has no such subject: DELETE "
            "/mode/east.orders-value ends that");
  EXPECT_THAT(plan.others, IsEmpty());
}

// Its list of subjects leaves some out: cut off, or hidden.
class CuttingRegistry final : public WrappedRegistry {
 public:
  using WrappedRegistry::WrappedRegistry;

  RegistryResult<std::vector<Subject>> subjects(bool with_deleted) override {
    auto all = WrappedRegistry::subjects(with_deleted);
    if (all) std::erase_if(*all, [](const Subject& each) { return each.name > "b"; });
    return all;
  }
  RegistryResult<std::vector<std::int32_t>> versions(const Subject& subject,
                                                     bool with_deleted) override {
    if (subject.name == "hidden") {
      return RegistryError{RegistryError::Kind::forbidden, 403, 40301, "hidden", "x"};
    }
    return WrappedRegistry::versions(subject, with_deleted);
  }
};

TEST_F(GoneSubjectsTest, WhatAListLeavesOutWasNotDeleted) {
  for (const auto* subject : {"a", "common", "hidden"}) add(subject, avro_record(subject, 1));
  ASSERT_TRUE(sync_to(*target_client_, plan_by(rules(), false, *source_client_)).is_whole());
  CuttingRegistry source(*source_client_);
  const auto plan = plan_by(rules(), true, source);
  EXPECT_THAT(told(plan), ElementsAre("unreadable common", "unreadable hidden"));
  EXPECT_THAT(plan.differences[0].reason, HasSubstr("leaves it out of its list of subjects"));
  EXPECT_THAT(plan.differences[1].reason, HasSubstr("40301"));
  EXPECT_THAT(plan.others, IsEmpty());
}

}  // namespace
}  // namespace longspan
