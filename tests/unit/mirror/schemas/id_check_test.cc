// The ids and GUIDs that records carry, counted on a fake cluster and looked up in two embedded
// registries.
#include "mirror/schemas/id_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/fakes/embedded_exchange.h"
#include "tests/fakes/embedded_requests.h"
#include "tests/fakes/fake_admin.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_cluster.h"
#include "tests/fakes/fake_source.h"
#include "tests/fakes/framed.h"

namespace longspan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Json = nlohmann::json;

class IdCheckTest : public testing::Test {
 protected:
  // Version 1 of `subject` with this id, which refers to version 1 of `to`.
  static void import_referring(embedded::EmbeddedRegistry& registry, const std::string& subject,
                               std::int32_t id, const std::string& to) {
    ask(registry, "PUT", "/mode/" + subject + "?force=true", {{"mode", "IMPORT"}});
    ask(registry, "POST", "/subjects/" + subject + "/versions",
        {{"schema", avro_fixed("refers" + std::to_string(id))},
         {"id", id},
         {"version", 1},
         {"references", {{{"name", "common"}, {"subject", to}, {"version", 1}}}}});
  }

  static std::string guid(embedded::EmbeddedRegistry& registry, const std::string& subject) {
    const auto answer = registry.answer({.method = "GET",
                                         .path = "/subjects/" + subject + "/versions/1",
                                         .accepts_unknown_properties = true});
    EXPECT_EQ(answer.status, 200) << answer.body;
    return Json::parse(answer.body).at("guid");
  }

  void write(const std::string& topic, std::optional<std::string> key,
             std::optional<std::string> value, Headers headers = {}) {
    const TopicPartition partition{topic, 0};
    if (topics_.insert(topic).second) cluster_.create_topic(topic, 1);
    cluster_.append(partition, {std::move(key), std::move(value), kFakeStart, std::move(headers)});
  }

  Census census(std::optional<std::int64_t> last = {}) {
    FakeSource source(cluster_, 1);
    FakeAdmin admin(cluster_);
    FakeClock clock;
    FakeWakeup wakeup(clock);
    CensusRange range{{}, last};
    for (const auto& topic : topics_) range.partitions.push_back({topic, 0});
    auto taken = take_census({admin, source, wakeup, clock}, range, {});
    EXPECT_TRUE(taken) << taken.error().text();
    return *taken;
  }

  IdCheck check() {
    SubjectConfig config;
    config.subjects = *NamePatterns::make({".*"}, "schema.subjects");
    config.contexts = *NamePatterns::make({contexts_}, "schema.contexts");
    config.target_context = target_context_;
    config.rename = SubjectRename::policy;
    const SubjectRules rules(config,
                             *Naming::make({.source_alias = "east", .target_alias = "west"}),
                             *TopicFilter::make({".*"}, {}, false));
    const auto source = client_of(source_);
    const auto target = client_of(target_);
    const auto source_topic = [](const std::string& topic) {
      return topic.starts_with("east.") ? topic.substr(5) : topic;
    };
    return check_ids(census(), {*source, *target, rules, source_topic});
  }

  // "orders value 7 equal 2"
  static std::vector<std::string> texts(const IdCheck& check) {
    std::vector<std::string> out;
    for (const auto& part : check.parts) {
      for (const auto& each : part.marks) {
        const auto* id = std::get_if<std::int32_t>(&each.mark.which);
        out.push_back(part.topic + " " + std::string(name(part.part)) + " " +
                      (id != nullptr ? std::to_string(*id) : "guid") + " " +
                      std::string(name(each.verdict)) + " " + std::to_string(each.seen.records));
      }
    }
    return out;
  }

  FakeCluster cluster_{"target"};
  std::set<std::string> topics_;
  std::string contexts_ = ".*";
  std::string target_context_;
  embedded::EmbeddedRegistry source_;
  embedded::EmbeddedRegistry target_;
};

TEST_F(IdCheckTest, TellsWhatEachIdIsOnTheOtherSide) {
  add(source_, "one");
  add(target_, "one");
  add(source_, "two");
  add(target_, "other");
  add(source_, "three");
  for (const std::int32_t id : {1, 2, 3, 1, 9}) write("orders", "k", framed(id));
  write("orders", "k", std::nullopt);
  const auto checked = check();
  EXPECT_THAT(texts(checked),
              ElementsAre("orders value 1 equal 2", "orders value 2 different 1",
                          "orders value 3 missing_on_target 1", "orders value 9 unknown 1"));
  EXPECT_FALSE(checked.is_equal());
  EXPECT_FALSE(checked.gaps());
  ASSERT_EQ(checked.parts.size(), 2U);
  EXPECT_EQ(checked.parts[0].part, RecordPart::key);
  EXPECT_EQ(checked.parts[0].unframed, 6);
  EXPECT_EQ(checked.parts[1].marks[1].seen.offset, Offset{1});
  EXPECT_EQ(checked.parts[1].marks[1].reason, "its text is another");
}

TEST_F(IdCheckTest, ALeadingZeroOrOneAloneIsNoFraming) {
  add(source_, "one");
  write("blobs", std::nullopt, framed(77));
  write("blobs", std::nullopt, guid_framed("a9e1f9e6-3f5c-4f0e-8d38-2b7d1a6a0c11"));
  const auto checked = check();
  EXPECT_THAT(texts(checked), IsEmpty());
  EXPECT_TRUE(checked.is_equal());
  EXPECT_FALSE(checked.gaps());
  ASSERT_EQ(checked.parts.size(), 1U);
  EXPECT_EQ(checked.parts[0].unframed, 2);
}

TEST_F(IdCheckTest, AnIdThatOnlyTheTargetKnowsIsToldAsUnknown) {
  add(target_, "one");
  write("orders", std::nullopt, framed(1));
  EXPECT_THAT(texts(check()), ElementsAre("orders value 1 unknown 1"));
}

TEST_F(IdCheckTest, AsksForAnIdInTheContextsOfItsTopicsSubject) {
  add(source_, ":.dr:orders-value", "Dr");
  add(source_, "clients-value", "Plain");  // id 1, too
  add(target_, ":.dr:orders-value", "Dr");
  add(target_, "clients-value", "Other");
  write("orders", std::nullopt, framed(1));
  write("clients", std::nullopt, framed(1));
  EXPECT_THAT(texts(check()), ElementsAre("clients value 1 different 1", "orders value 1 equal 1"));
}

TEST_F(IdCheckTest, AsksTheTargetInTheContextOfWhatIsMirrored) {
  target_context_ = ".east";
  add(source_, "orders-value", "Order");
  add(target_, "somebodys", "Other");  // id 1 of the default context
  add(target_, ":.east:east.orders-value", "Order");
  write("orders", std::nullopt, framed(1));
  EXPECT_THAT(texts(check()), ElementsAre("orders value 1 equal 1"));
}

TEST_F(IdCheckTest, PrefersTheContextsThatAreMirrored) {
  contexts_ = R"(\.dr)";
  add(source_, ":.dr:orders-value", "Dr");
  add(source_, "orders-value", "Plain");
  add(target_, ":.dr:orders-value", "Dr");
  write("orders", std::nullopt, framed(1));
  EXPECT_THAT(texts(check()), ElementsAre("orders value 1 equal 1"));
}

TEST_F(IdCheckTest, ComparesReferencesUnderTheirNamesOnTheTarget) {
  add(source_, "shared-value", "Common");
  add(target_, "east.shared-value", "Common");
  import_referring(source_, "orders-value", 7, "shared-value");
  import_referring(target_, "east.orders-value", 7, "east.shared-value");
  import_referring(source_, "clients-value", 8, "shared-value");
  add(target_, "elsewhere", "Common");
  import_referring(target_, "east.clients-value", 8, "elsewhere");
  write("east.orders", std::nullopt, framed(7));
  write("east.clients", std::nullopt, framed(8));
  const auto checked = check();
  EXPECT_THAT(texts(checked),
              ElementsAre("east.clients value 8 different 1", "east.orders value 7 equal 1"));
  EXPECT_EQ(checked.parts[0].marks[0].reason, "its references are others");
}

TEST_F(IdCheckTest, ComparesWhatASchemaRefersTo) {
  add(source_, "shared-value", "Common");
  add(target_, "east.shared-value", "Else");
  import_referring(source_, "orders-value", 7, "shared-value");
  import_referring(target_, "east.orders-value", 7, "east.shared-value");
  write("east.orders", std::nullopt, framed(7));
  const auto checked = check();
  EXPECT_THAT(texts(checked), ElementsAre("east.orders value 7 different 1"));
  EXPECT_EQ(checked.parts[0].marks[0].reason,
            "it refers to east.shared-value version 1, of which its text is another");
}

TEST_F(IdCheckTest, LooksGuidsUp) {
  add(source_, "orders-value", "Order");
  add(target_, "east.orders-value", "Order");
  add(source_, "clients-value", "Client");
  const auto known = guid_framed(guid(source_, "orders-value"));
  write("orders", std::nullopt, known);
  write("orders", std::nullopt, "bare", {{"__value_schema_id", known.substr(0, 17)}});
  write("orders", std::nullopt, guid_framed(guid(source_, "clients-value")));
  const auto checked = check();
  ASSERT_EQ(checked.parts.size(), 1U);
  const auto& marks = checked.parts[0].marks;
  ASSERT_EQ(marks.size(), 3U);
  for (const auto& each : marks) {
    const bool is_clients = each.seen.offset == Offset{2};
    EXPECT_EQ(each.verdict, is_clients ? MarkVerdict::missing_on_target : MarkVerdict::equal)
        << each.seen.offset.value;
    EXPECT_EQ(framing_of(each.mark),
              each.seen.offset == Offset{1} ? SchemaFraming::header : SchemaFraming::prefix_guid);
  }
}

TEST_F(IdCheckTest, GuidsThatARegistryDoesNotLookUpAreAGap) {
  set_fault(target_, "no_guids");
  add(source_, "orders-value", "Order");
  write("orders", std::nullopt, guid_framed(guid(source_, "orders-value")));
  write("orders", std::nullopt, framed(99));
  const auto checked = check();
  EXPECT_THAT(texts(checked), ElementsAre("orders value guid unchecked 1"));
  EXPECT_EQ(checked.parts[0].unframed, 1);
  EXPECT_TRUE(checked.is_equal());
  EXPECT_THAT(checked.gaps().value_or(""), HasSubstr("1 GUID of 1 records not looked up (this "
                                                     "schema registry does not have the call"));
}

TEST_F(IdCheckTest, IdsThatCouldNotBeAskedForAreAGap) {
  add(source_, "one");
  add(target_, "one");
  write("orders", std::nullopt, framed(1));
  set_fault(target_, "unavailable=1");
  const auto checked = check();
  EXPECT_THAT(texts(checked), ElementsAre("orders value 1 unchecked 1"));
  EXPECT_TRUE(checked.is_equal());
  EXPECT_THAT(checked.gaps().value_or(""), HasSubstr("1 id of 1 records not looked up"));
  ask(target_, "DELETE", "/longspan/faults");
  set_fault(source_, "unavailable=1");
  EXPECT_THAT(texts(check()), ElementsAre("orders value 1 unchecked 1"));
}

TEST_F(IdCheckTest, HeadersWinOverPrefixes) {
  write("orders", std::nullopt, framed(5), {{"__value_schema_id", framed(1).substr(0, 5)}});
  const auto taken = census();
  const auto& part = taken.topics.at("orders").parts[1];
  EXPECT_TRUE(part.marks.contains(SchemaMark{1, true}));
  EXPECT_EQ(part.marks.size(), 1U);
}

TEST_F(IdCheckTest, CountsOnlyTheLastOnesWhenAsked) {
  for (std::int32_t id = 1; id <= 10; ++id) write("orders", std::nullopt, framed(id));
  const auto taken = census(3);
  const auto& part = taken.topics.at("orders").parts[1];
  EXPECT_EQ(part.marks.size(), 3U);
  EXPECT_EQ(part.marks.begin()->first, SchemaMark{8});
}

TEST_F(IdCheckTest, MoreIdsThanAreLookedAtAreAGap) {
  TopicCensus topic;
  for (std::size_t id = 1; id <= kMarksMax + 1; ++id) {
    const std::string value = framed(static_cast<std::int32_t>(id));
    Record record;
    record.value = value;
    topic.add({"orders", 0}, record);
  }
  EXPECT_TRUE(topic.parts[1].has_more);
  EXPECT_EQ(topic.parts[1].marks.size(), kMarksMax);
  IdCheck checked;
  checked.parts.push_back({"orders", RecordPart::value, {}, 0, true});
  EXPECT_THAT(checked.gaps().value_or(""), HasSubstr("more than 10000 ids"));
}

TEST_F(IdCheckTest, APartitionThatCannotBeReadStopsNoOther) {
  write("bad", std::nullopt, framed(1));
  write("good", std::nullopt, framed(2));
  cluster_.at({"bad", 0}).broken =
      Error{Next::park_partition, kafka_code::kNotAuthorised, "not authorised", ""};
  const auto taken = census();
  EXPECT_TRUE(taken.troubles.contains({"bad", 0}));
  EXPECT_EQ(taken.topics.at("good").records, 1);
  EXPECT_THAT(check().gaps().value_or(""), HasSubstr("1 partition not read to the end (bad:0: "));
}

}  // namespace
}  // namespace longspan
