// Versions read by a registry's lists, and read back by them after an import.
#include "mirror/schemas/schema_listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <set>

#include "mirror/schemas/sync.h"
#include "tests/unit/mirror/schemas/schema_sync_fixture.h"

namespace longspan {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using Page = std::vector<ListedVersion>;
using Kind = RegistryError::Kind;

// Lists like the other one, or as a test says; counts.
class ListingRegistry final : public WrappedRegistry {
 public:
  using Change = std::function<RegistryResult<Page>(const ListedRange&, Page)>;
  explicit ListingRegistry(Registry& other, Change change = {})
      : WrappedRegistry(other), other_(other), change_(std::move(change)) {}

  RegistryResult<Page> listed(const ListedRange& range) override {
    ++pages;
    auto page = other_.listed(range);
    if (!page || !change_) return page;
    return change_(range, std::move(*page));
  }
  RegistryResult<std::optional<RegisteredSchema>> version(const SubjectVersion& which) override {
    ++versions_read;
    return WrappedRegistry::version(which);
  }
  RegistryResult<std::int32_t> import_schema(const RegisteredSchema& schema) override {
    const auto kept = forgotten.contains(schema.subject.name) ? RegistryResult(schema.id)
                                                              : other_.import_schema(schema);
    return kept;
  }

  std::atomic<int> pages = 0;
  std::atomic<int> versions_read = 0;
  std::set<std::string> forgotten;  // imports of these are answered, and not made

 private:
  Registry& other_;
  const Change change_;
};

constexpr int kSubjects = 70;

class SchemaListing : public SchemaSyncFixture {
 protected:
  // 212 versions, three pages.
  void fill() {
    add("common", avro_record("Common", 1));
    for (int i = 0; i < kSubjects; ++i) {
      const std::string subject = "s" + std::to_string(i);
      for (int v = 1; v <= 3; ++v) {
        add(subject, avro_record("R" + std::to_string(i), v),
            Json::array({{{"name", "Common"}, {"subject", "common"}, {"version", 1}}}));
      }
      if (i % 10 == 0) ask(source_, "DELETE", "/subjects/" + subject + "/versions/2");
    }
    add(":.dr:other", avro_record("Other", 1));
  }
  static Inventory read(Registry& registry) {
    auto out = read_inventory({.registry = registry, .wants = [](const Subject&) { return true; }});
    EXPECT_TRUE(out) << out.error().text();
    return std::move(*out);
  }
  // As one that is asked about each subject.
  void expect_the_same(const Inventory& listed) {
    WrappedRegistry one_by_one(*source_client_);
    const auto expected = read(one_by_one);
    ASSERT_EQ(listed.subjects.size(), expected.subjects.size());
    for (const auto& [subject, entry] : expected.subjects) {
      const auto found = listed.subjects.find(subject);
      ASSERT_NE(found, listed.subjects.end()) << subject.text();
      EXPECT_EQ(found->second.versions, entry.versions) << subject.text();
    }
  }
};

TEST_F(SchemaListing, AnInventoryIsTheSameByLists) {
  fill();
  ListingRegistry registry(*source_client_);
  expect_the_same(read(registry));
  EXPECT_GE(registry.pages, 2);
  EXPECT_EQ(registry.versions_read, 0);
}

TEST_F(SchemaListing, ARegistryWithoutListsIsAskedOneByOne) {
  fill();
  const std::string fault = "no_lists";
  ASSERT_TRUE(source_.set_faults(std::span(&fault, 1)));
  ListingRegistry registry(*source_client_);
  expect_the_same(read(registry));
  EXPECT_EQ(registry.pages, 1);
  EXPECT_GT(registry.versions_read, 3 * kSubjects);
}

TEST_F(SchemaListing, PagesMayBeSmallerThanTheyAreAskedFor) {
  fill();
  ListingRegistry registry(*source_client_, [](const ListedRange&, Page page) {
    if (page.size() > 50) page.resize(50);
    return page;
  });
  expect_the_same(read(registry));
  EXPECT_EQ(registry.versions_read, 0);
}

TEST_F(SchemaListing, WhatAListDoesNotTellIsAsked) {
  fill();
  ListingRegistry registry(*source_client_, [](const ListedRange&, Page page) {
    for (auto& each : page) each.is_deleted.reset();
    std::erase_if(page, [](const auto& each) { return each.what.subject.name == "s7"; });
    return page;
  });
  expect_the_same(read(registry));
}

// Somebody registers in front of a page while they are read: what stood at its border is gone.
TEST_F(SchemaListing, PagesThatShiftAreNotBelieved) {
  fill();
  ListingRegistry registry(*source_client_, [](const ListedRange& range, Page page) {
    if (range.offset > 0 && !page.empty()) page.erase(page.begin());
    return page;
  });
  expect_the_same(read(registry));
  EXPECT_GT(registry.versions_read, 3 * kSubjects);
}

TEST_F(SchemaListing, PagesThatDoNotEndAreNotReadForEver) {
  fill();
  Page first;
  ListingRegistry registry(*source_client_, [&](const ListedRange& range, Page page) {
    if (range.offset == 0) first = page;
    return first;
  });
  expect_the_same(read(registry));
  EXPECT_LE(registry.pages, kSubjects);
}

TEST_F(SchemaListing, ImportsAreReadBackByLists) {
  fill();
  ListingRegistry target(*target_client_);
  const auto outcome = sync_to(target, plan());
  EXPECT_TRUE(outcome.is_whole()) << text(outcome);
  EXPECT_EQ(done(outcome, StepKind::import_version), 3U * kSubjects + 2);
  EXPECT_LE(target.versions_read, 1) << "the proof";
  EXPECT_GE(target.pages, 2);
  expect_equal();
}

TEST_F(SchemaListing, ImportsAreReadBackOneByOneWhereThereAreNoLists) {
  fill();
  set_fault(target_, "no_lists");
  ListingRegistry target(*target_client_);
  const auto outcome = sync_to(target, plan());
  EXPECT_TRUE(outcome.is_whole()) << text(outcome);
  EXPECT_EQ(target.versions_read, 3 * kSubjects + 2);
  expect_equal();
}

TEST_F(SchemaListing, WhatAListShowsOtherwiseIsAskedForAndTold) {
  fill();
  ask(source_, "POST", "/subjects/zz/versions",
      {{"schema", avro_record("Z", 1)}, {"metadata", {{"properties", {{"owner", "x"}}}}}});
  set_fault(target_, "drop_metadata");
  const auto outcome = sync();
  ASSERT_THAT(outcome.failures, SizeIs(1)) << text(outcome);
  EXPECT_EQ(outcome.failures[0].subject.name, "zz");
  EXPECT_THAT(outcome.failures[0].reason, HasSubstr("its metadata are others"));
  EXPECT_EQ(done(outcome, StepKind::import_version), 3U * kSubjects + 2);
}

TEST_F(SchemaListing, WhatIsNotThereIsAFailureAndStopsNoOther) {
  fill();
  ListingRegistry target(*target_client_);
  target.forgotten = {"s5"};
  const auto outcome = sync_to(target, plan());
  EXPECT_FALSE(outcome.refused) << text(outcome);
  EXPECT_THAT(outcome.failures, SizeIs(3)) << text(outcome);
  for (const auto& each : outcome.failures) EXPECT_EQ(each.subject.name, "s5");
  EXPECT_EQ(done(outcome, StepKind::import_version), 3U * kSubjects - 1);
  EXPECT_TRUE(sync().is_whole());
  expect_equal();
}

// What was sent and not yet read back counts as not done.
TEST_F(SchemaListing, AStopBeforeItIsReadBackLeavesItToTheNext) {
  fill();
  std::stop_source stop;
  ListingRegistry target(*target_client_, [&](const ListedRange&, Page page) {
    stop.request_stop();
    return page;
  });
  const auto outcome = run_sync({.target = target, .stop = stop.get_token()}, plan());
  EXPECT_TRUE(outcome.lost) << text(outcome);
  EXPECT_TRUE(sync().is_whole());
  expect_equal();
}

}  // namespace
}  // namespace longspan
