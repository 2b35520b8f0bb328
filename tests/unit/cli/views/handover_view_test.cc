// What `longspan schemas verify` and `handover` say, as whole texts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/views/handover_view.h"
#include "cli/views/ids_view.h"
#include "cli/views/schemas_view.h"

namespace longspan {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

constexpr TableStyle kPipe{};
const std::string kFlow = "east->west";

IdCheck some_check() {
  IdCheck check;
  const SeenMark seen{3, {"orders", 1}, Offset{9}};
  SchemaGuid guid;
  check.parts.push_back({"orders", RecordPart::key, {}, 5, false});
  check.parts.push_back(
      {"orders",
       RecordPart::value,
       {{SchemaMark{7}, seen, MarkVerdict::equal, ""},
        {SchemaMark{8, true}, seen, MarkVerdict::different, "its text is another"},
        {SchemaMark{guid}, seen, MarkVerdict::unchecked, "no such call"}},
       0,
       false});
  guid.bytes[0] = 1;
  check.parts[1].marks.push_back({SchemaMark{guid}, seen, MarkVerdict::unchecked, "no such call"});
  return check;
}

TEST(IdsView, ShowsFramingAndIdsOfKeysAndValuesApart) {
  EXPECT_EQ(ids_text(kFlow, some_check(), kPipe),
            "TOPIC   PART   FRAMING       ID  RECORDS  FIRST  VERDICT\n"
            "orders  value  prefix, id     7        3  1:9    equal\n"
            "orders  value  header         8        3  1:9    different  its text is another\n"
            "orders  value  prefix, GUID  2x        6  1:9    unchecked  no such call\n"
            "orders key: 5 without a schema id that a registry knows\n"
            "east->west: 1 id means the same on both sides, 1 does not\n");
}

TEST(IdsView, TheJsonTellsWhatWasNotChecked) {
  const auto json = Json::parse(ids_json(kFlow, some_check()));
  EXPECT_FALSE(json.at("equal"));
  EXPECT_FALSE(json.at("complete"));
  EXPECT_EQ(json.at("gaps"), "2 GUIDs of 6 records not looked up (no such call)");
  const auto& value = json.at("parts").at(1);
  EXPECT_EQ(value.at("records_by_framing"),
            Json({{"prefix_id", 3}, {"prefix_guid", 6}, {"header", 3}}));
  EXPECT_EQ(value.at("ids").at(0).at("id"), 7);
  EXPECT_EQ(value.at("ids").at(2).at("guid"), "00000000-0000-0000-0000-000000000000");
}

HandoverReport some_report() {
  HandoverReport report;
  report.flow = kFlow;
  report.no_sync = "the registry of east: no answer";
  report.in_import = {Subject{".", "common"}, Subject{".dr", "east.orders-value"}};
  return report;
}

TEST(HandoverView, APlanSaysWhatYesWouldDo) {
  EXPECT_EQ(handover_text(some_report(), kPipe),
            "east->west: no last sync: the registry of east: no answer\n"
            "east->west: with --yes: the mirror leaves the target's registry alone, and 2 subjects "
            "in IMPORT set back to READWRITE:\n"
            "  common\n"
            "  :.dr:east.orders-value\n");
}

TEST(HandoverView, SaysWhatWasDoneAndWhatWasNot) {
  auto report = some_report();
  report.handed_over = SchemaHandover{"alice@host", {1'700'000'000'000}, "test"};
  report.set_back = SetBack{
      {Subject{".", "common"}}, {{Subject{".dr", "east.orders-value"}, "refused"}}, std::nullopt};
  EXPECT_EQ(handover_text(report, kPipe),
            "east->west: no last sync: the registry of east: no answer\n"
            "east->west: handed over by alice@host since 2023-11-14 22:13:20Z: test\n"
            "east->west: :.dr:east.orders-value could not be set back: refused\n"
            "east->west: 1 subject takes normal registrations again\n");
  const auto json = Json::parse(handover_json(report));
  EXPECT_EQ(json.at("handed_over").at("by"), "alice@host");
  EXPECT_EQ(json.at("set_back").at("done"), 1);
  EXPECT_EQ(json.at("set_back").at("failures").at(0).at("reason"), "refused");
  EXPECT_EQ(json.at("in_import").size(), 2U);
}

TEST(HandoverView, NamesWhatItLeavesAlone) {
  HandoverReport report = some_report();
  report.left_alone = {{".", "theirs"}};
  EXPECT_THAT(
      handover_text(report, kPipe),
      testing::HasSubstr("1 subject in IMPORT left alone, for nothing shows that this flow "
                         "has mirrored it (--subject=NAME sets one back, too):\n  theirs\n"));
  EXPECT_EQ(Json::parse(handover_json(report)).at("left_alone").at(0), "theirs");
}

TEST(HandoverView, DifferencesTellWhoHandedOver) {
  const SchemaHandover handover{"alice@host", {5}, ""};
  const auto json = Json::parse(differences_json(kFlow, {}, handover));
  EXPECT_EQ(json.at("handed_over").at("since_ms"), 5);
  EXPECT_FALSE(Json::parse(differences_json(kFlow, {})).contains("handed_over"));
}

}  // namespace
}  // namespace longspan
