#include "cli/commands/flow_choice.h"

#include <gtest/gtest.h>

#include "cli/commands/flow_view.h"
#include "cli/commands/offsets.h"
#include "cli/commands/pause.h"
#include "cli/commands/schemas_verify.h"
#include "cli/commands/verify.h"
#include "cli/exit_code.h"
#include "tests/unit/mirror/flow_on_fakes.h"

namespace longspan {
namespace {

FlowConfig flow(const std::string& source, const std::string& target) {
  FlowConfig out;
  out.source.alias = source;
  out.target.alias = target;
  return out;
}

TEST(FlowChoice, UnknownFlowNamesTheNearest) {
  const std::vector<FlowConfig> flows = {flow("east", "west"), flow("west", "east")};
  EXPECT_EQ(choose_flows(flows, "")->size(), 2u);
  EXPECT_EQ(choose_flows(flows, "west->east")->at(0).source.alias, "west");
  const auto slip = choose_flows(flows, "east->wst");
  ASSERT_FALSE(slip);
  EXPECT_EQ(slip.error().what, "no flow east->wst, did you mean east->west?");
  EXPECT_EQ(exit_code_of(slip.error()), kExitUsage);
}

TEST(FlowChoice, ANameThatTheShellCutOffIsToldToBeQuoted) {
  const std::vector<FlowConfig> flows = {flow("east", "west"), flow("west", "east")};
  EXPECT_EQ(choose_flows(flows, "east-").error().what,
            "no flow east-; a shell takes > for a redirection, so quote the name: 'east->west'");
  EXPECT_EQ(choose_flow(flows, "").error().what,
            "the file has several flows; name one with --flow, in quotes: 'east->west', "
            "'west->east'");
}

TEST(FlowChoice, WhatChangesSomethingNeedsOneFlow) {
  const std::vector<FlowConfig> flows = {flow("east", "west"), flow("west", "east")};
  EXPECT_FALSE(choose_flow(flows, ""));
  EXPECT_TRUE(choose_flow(flows, "east->west"));
  EXPECT_TRUE(choose_flow({flows[0]}, ""));
  EXPECT_FALSE(choose_flow({}, ""));
}

TEST(FlowChoice, ParsesPartitionsAndPositions) {
  EXPECT_EQ(*parse_partition("orders:3"), (TopicPartition{"orders", 3}));
  EXPECT_EQ(*parse_partition("a:b:3"), (TopicPartition{"a:b", 3}));
  const auto position = parse_position("orders:3:1000");
  ASSERT_TRUE(position);
  EXPECT_EQ(position->partition, (TopicPartition{"orders", 3}));
  EXPECT_EQ(position->offset, Offset{1000});
  for (const auto* wrong : {"", "orders", "orders:", ":3", "orders:-1", "orders:x", "orders:3x"}) {
    EXPECT_FALSE(parse_partition(wrong)) << wrong;
    EXPECT_FALSE(parse_position(std::string(wrong) + ":z")) << wrong;
  }
  EXPECT_FALSE(parse_position("orders:3"));
}

TEST(FlowChoice, KeepsOneFlowAndRefusesUnknownOnes) {
  ProcessSnapshot snapshot;
  snapshot.flows.resize(2);
  snapshot.flows[0].flow = "east->west";
  snapshot.flows[1].flow = "west->east";
  auto copy = snapshot;
  EXPECT_FALSE(keep_flow(copy, "north->south"));
  ASSERT_TRUE(keep_flow(snapshot, "west->east"));
  ASSERT_EQ(snapshot.flows.size(), 1u);
  EXPECT_EQ(snapshot.flows[0].flow, "west->east");
}

TEST(FlowChoice, KeepsOneTopicAndRefusesUnknownOnes) {
  ProcessSnapshot snapshot;
  snapshot.flows.resize(1);
  snapshot.flows[0].partitions.resize(2);
  snapshot.flows[0].partitions[0].source = {"orders", 0};
  snapshot.flows[0].partitions[1].source = {"users", 0};
  auto copy = snapshot;
  EXPECT_FALSE(keep_topic(copy, "order"));
  ASSERT_TRUE(keep_topic(snapshot, "orders"));
  ASSERT_EQ(snapshot.flows[0].partitions.size(), 1u);
  EXPECT_EQ(snapshot.flows[0].partitions[0].source.topic, "orders");
}

TEST(FlowView, NamesTheAddressesThatDoNotAnswer) {
  auto both = flow("east", "west");
  both.source.common = {{"bootstrap.servers", "e1:9092,e2:9092"}};
  both.target.common = {{"security.protocol", "SSL"}, {"bootstrap.servers", "w1:9092"}};
  const auto said = with_addresses({Next::retry, -195, "topics: _TRANSPORT", "cluster=west"}, both);
  EXPECT_EQ(said.text(),
            "no broker of west answers at w1:9092: a wrong address or security.protocol, or no way "
            "there from here");
  EXPECT_EQ(exit_code_of(said), kExitUnreachable);
  const auto east = with_addresses({Next::retry, -185, "", "cluster=east topic=orders"}, both);
  EXPECT_NE(east.text().find("of east answers at e1:9092,e2:9092"), std::string::npos);
  const Error other{Next::stop_process, 29, "refused", "cluster=west"};
  EXPECT_EQ(with_addresses(other, both).text(), other.text());
}

TEST(FlowChoice, ExitCodesFollowTheError) {
  EXPECT_EQ(exit_code_of({Next::retry, 0, "", ""}), kExitUnreachable);
  EXPECT_EQ(exit_code_of({Next::rebuild_client, 0, "", ""}), kExitUnreachable);
  EXPECT_EQ(exit_code_of({Next::stop_process, 29, "", ""}), kExitUnreachable);
  EXPECT_EQ(exit_code_of({Next::stop_process, 3, "", ""}), kExitUsage);
  EXPECT_EQ(exit_code_of({Next::stop_process, 0, "", ""}), kExitUsage);
}

TEST(VerifyCommand, ExitCodesFollowTheVerdict) {
  Verdict verdict;
  verdict.partitions.resize(2);
  EXPECT_EQ(exit_code_of(verdict), kExitNo);  // nothing was compared
  verdict.partitions[0].trouble = Error{Next::retry, 0, "", ""};
  EXPECT_EQ(exit_code_of(verdict), kExitUnreachable);
  verdict.partitions[0].trouble.reset();
  verdict.partitions[0].tally.equal = 1;
  EXPECT_EQ(exit_code_of(verdict), kExitFine);
  verdict.partitions[0].tally.twice = 5;
  EXPECT_EQ(exit_code_of(verdict), kExitFine);
  verdict.partitions[1].trouble = Error{Next::retry, 0, "", ""};
  EXPECT_EQ(exit_code_of(verdict), kExitUnreachable);
  verdict.partitions[0].tally.foreign = 1;
  EXPECT_EQ(exit_code_of(verdict), kExitNo);
}

TEST(SchemasVerify, ExitCodesFollowTheCheck) {
  IdCheck check;
  EXPECT_EQ(exit_code_of(check), kExitFine);
  check.parts.push_back(
      {"orders", RecordPart::value, {{SchemaMark{7}, {}, MarkVerdict::equal, ""}}});
  EXPECT_EQ(exit_code_of(check), kExitFine);
  check.parts[0].marks.push_back({SchemaMark{8}, {}, MarkVerdict::unchecked, "no answer"});
  EXPECT_EQ(exit_code_of(check), kExitUnreachable);
  check.parts[0].marks.push_back({SchemaMark{9}, {}, MarkVerdict::unknown, "not known"});
  EXPECT_EQ(exit_code_of(check), kExitNo);
  check.parts.clear();
  check.unread.emplace(TopicPartition{"orders", 3}, Error{Next::retry, 0, "", ""});
  EXPECT_EQ(exit_code_of(check), kExitUnreachable);
}

TEST(VerifyCommand, RefusesARangeThatEndsBeforeItBegins) {
  const auto run = [](const std::string& to) {
    const std::vector<std::string> words = {"no-such-file", "--from=20", "--to=" + to};
    const auto line = parse_command_line(kVerifyCommand, words);
    EXPECT_TRUE(line);
    testing::internal::CaptureStderr();
    EXPECT_EQ(verify_command(*line), kExitUsage);
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(run("10"), "longspan: verify: --from=20 is behind --to=10; the range is [from, to)\n");
  EXPECT_NE(run("21").find("no-such-file"), std::string::npos);
}

class PauseScope : public testing::Test {
 protected:
  PauseScope() {
    flow.target.create_topic(kStateTopic, 1);
    for (const auto& topic : {"orders", "users"}) {
      for (std::int32_t p = 0; p < 2; ++p) flow.write_position(0, {topic, p}, Position{});
    }
  }
  FlowState state() { return read_flow_state(flow.reader(), kStateTopic).value(); }
  FlowOnFakes flow;
};

TEST_F(PauseScope, IsTheFlowATopicOrAPartitionThatExists) {
  const auto now = state();
  EXPECT_EQ(*command_scope(now, "", ""), CommandKey{});
  EXPECT_EQ(*command_scope(now, "orders", ""), (CommandKey{"orders", std::nullopt}));
  EXPECT_EQ(*command_scope(now, "", "orders:1"), (CommandKey{"orders", 1}));
  EXPECT_EQ(command_scope(now, "order", "").error().what, "no topic order, did you mean orders?");
  EXPECT_FALSE(command_scope(now, "", "orders:2"));
  EXPECT_FALSE(command_scope(now, "orders", "orders:1"));
}

TEST_F(PauseScope, PositionsAreOfPartitionsThatTheFlowKnows) {
  const auto now = state();
  const auto said = [&now](const TopicPartition& partition, Direction direction) {
    const auto known = check_position(now, partition, direction);
    return known ? std::string() : known.error().what;
  };
  EXPECT_EQ(said({"orders", 1}, Direction::to_target), "");
  EXPECT_EQ(said({"east.orders", 1}, Direction::to_source), "");
  EXPECT_EQ(said({"ordrs", 1}, Direction::to_target), "no topic ordrs, did you mean orders?");
  EXPECT_EQ(said({"orders", 9}, Direction::to_target),
            "no partition orders:9; the flow mirrors 2 partitions of orders");
  EXPECT_EQ(said({"east.orders", 1}, Direction::to_target),
            "east.orders:1 is the target's name; positions there are translated with --reverse");
  EXPECT_EQ(said({"orders", 1}, Direction::to_source),
            "orders:1 is the source's name; --reverse is given, and takes positions on the target");
  EXPECT_EQ(said({"east.ordrs", 1}, Direction::to_source),
            "no topic east.ordrs, did you mean east.orders?");
}

TEST_F(PauseScope, ResumeListsWhatStaysPausedForAnotherReason) {
  flow.write_owner(0, flow.clock.now());
  flow.write_command(0, {"orders", 1}, CommandKind::pause, "bad disk");
  flow.write_command(0, {}, CommandKind::resume);
  const Command resume{CommandKind::resume, flow.clock.now(), "alice@host", ""};
  EXPECT_EQ(command_outcome("east->west", state(), {{}, resume}, flow.clock.now()),
            "east->west: resumed the whole flow (3 of 4 partitions)\n"
            "orders:1 stays paused: the partition is paused by alice@host: bad disk\n");
}

TEST_F(PauseScope, ResumeOfWhatIsNotPausedSaysSoAndNamesWhatIs) {
  EXPECT_FALSE(pause_of(state(), {}));
  EXPECT_EQ(nothing_to_resume("east->west", state(), {"users", std::nullopt}, flow.clock.now()),
            "east->west: nothing to resume: topic users is not paused\n");
  flow.write_command(0, {"orders", 1}, CommandKind::pause, "bad disk");
  const auto now = state();
  EXPECT_FALSE(pause_of(now, {}));
  EXPECT_FALSE(pause_of(now, {"orders", std::nullopt}));
  ASSERT_TRUE(pause_of(now, {"orders", 1}));
  EXPECT_EQ(pause_of(now, {"orders", 1})->text, "bad disk");
  EXPECT_EQ(nothing_to_resume("east->west", now, {}, flow.clock.now()),
            "east->west: nothing to resume: the whole flow is not paused as such\n"
            "orders:1 stays paused: the partition is paused by alice@host: bad disk\n");
  flow.write_command(0, {"orders", 1}, CommandKind::resume);
  EXPECT_FALSE(pause_of(state(), {"orders", 1}));
}

TEST_F(PauseScope, ASecondPauseWithoutAReasonKeepsTheFirstOne) {
  const auto line = [](std::vector<std::string> words) {
    words.emplace_back("f.properties");
    return parse_command_line(kPauseCommand, words).value();
  };
  flow.write_command(0, {"orders", 1}, CommandKind::pause, "bad disk");
  const auto paused = pause_of(state(), {"orders", 1});
  EXPECT_EQ(reason_of(line({}), CommandKind::pause, paused), "bad disk");
  EXPECT_EQ(reason_of(line({"--reason=new"}), CommandKind::pause, paused), "new");
  EXPECT_EQ(reason_of(line({}), CommandKind::resume, paused), "");
  EXPECT_EQ(reason_of(line({}), CommandKind::pause, std::nullopt), "");
}

TEST_F(PauseScope, SaysWhenTheTopicIsNotSelectedAnyMore) {
  flow.write_owner(0, flow.clock.now());
  Definition definition;
  definition.keys = {{"topics", "users"}, {"topics.exclude", ""}};
  flow.write(0, DefinitionKey{}, encode(definition));
  const Command pause{CommandKind::pause, flow.clock.now(), "alice@host", ""};
  EXPECT_EQ(
      command_outcome("east->west", state(), {{"orders", std::nullopt}, pause}, flow.clock.now()),
      "east->west: paused topic orders (0 partitions)\n"
      "orders is not mirrored now: the flow's topics do not select it any more (not in topics); 2 "
      "positions are kept\n");
}

TEST_F(PauseScope, SaysWhenNobodyIsThereToObey) {
  flow.write_command(0, {"orders", std::nullopt}, CommandKind::pause);
  const Command pause{CommandKind::pause, flow.clock.now(), "alice@host", ""};
  EXPECT_EQ(
      command_outcome("east->west", state(), {{"orders", std::nullopt}, pause}, flow.clock.now()),
      "east->west: paused topic orders (2 partitions)\n"
      "no process runs this flow now: the next one will obey\n");
}

}  // namespace
}  // namespace longspan
