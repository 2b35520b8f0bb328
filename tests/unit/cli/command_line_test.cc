#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <set>

#include "cli/command_table.h"
#include "cli/help.h"
#include "cli/options.h"

namespace longspan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr auto kFlags = std::to_array<Flag>({
    {"json", FlagType::toggle, "", "", "JSON"},
    {"rate", FlagType::number, "N", "10", "Rate", 1, 100},
    {"topic", FlagType::list, "T,...", "", "Topics"},
    {"at", FlagType::text, "TIME", "", "When"},
});
const CommandRow kCommand{
    .name = "lag", .arguments = "[FILE]", .arguments_max = 1, .flags = kFlags};

Result<CommandLine> parse(const std::vector<std::string>& words) {
  return parse_command_line(kCommand, words);
}

TEST(CommandLine, FlagsAndArgumentsInAnyOrder) {
  const auto line =
      parse({"--rate", "20", "f.properties", "--json", "--topic=a,b", "--topic", "c"});
  ASSERT_TRUE(line);
  EXPECT_EQ(line->number("rate"), 20);
  EXPECT_TRUE(line->has("json"));
  EXPECT_FALSE(line->has("at"));
  EXPECT_EQ(line->text("at"), "");
  EXPECT_THAT(line->list("topic"), ElementsAre("a", "b", "c"));
  EXPECT_EQ(line->argument(0), "f.properties");
}

TEST(CommandLine, DefaultsComeFromTheTable) {
  const auto line = parse({});
  ASSERT_TRUE(line);
  EXPECT_EQ(line->number("rate"), 10);
  EXPECT_FALSE(line->has("rate"));
  EXPECT_TRUE(line->list("topic").empty());
}

struct WrongRow {
  const char* name;
  std::vector<std::string> words;
  const char* wanted;
};
class WrongLine : public testing::TestWithParam<WrongRow> {};
TEST_P(WrongLine, SaysWhatIsWrong) {
  const auto line = parse(GetParam().words);
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().what,
            "lag: " + std::string(GetParam().wanted) + " (see: longspan lag --help)");
}
INSTANTIATE_TEST_SUITE_P(
    Words, WrongLine,
    testing::Values(WrongRow{"slip", {"--jsn"}, "unknown flag --jsn, did you mean --json?"},
                    WrongRow{"no_guessing", {"--js"}, "unknown flag --js"},
                    WrongRow{"prefix", {"--rat=3"}, "unknown flag --rat, did you mean --rate?"},
                    WrongRow{"far", {"--zzzzzz"}, "unknown flag --zzzzzz"},
                    WrongRow{"range", {"--rate=101"}, "--rate=101 is not in 1..100"},
                    WrongRow{"not_a_number", {"--rate=1x"}, "--rate=1x is not a whole number"},
                    WrongRow{"no_value", {"--at"}, "--at needs a value"},
                    WrongRow{"empty_value", {"--at="}, "--at needs a value"},
                    WrongRow{"toggle_value", {"--json=1"}, "--json takes no value"},
                    WrongRow{"twice", {"--at=1", "--at=2"}, "--at is given twice"},
                    WrongRow{"too_many", {"a", "b"}, "takes [FILE], not 2 arguments"}),
    [](const auto& row) { return row.param.name; });

TEST(Commands, AHiddenOneIsFoundButNotListed) {
  std::size_t used = 0;
  const std::vector<std::string> words{"registry"};
  const CommandRow* hidden = find_command(words, used);
  ASSERT_NE(hidden, nullptr);
  EXPECT_TRUE(hidden->is_hidden);
  EXPECT_THAT(command_help(*hidden), HasSubstr("drop_after_commit=N"));
  EXPECT_THAT(program_help(), Not(HasSubstr("  registry ")));
  for (const CommandRow* shown : commands()) EXPECT_FALSE(shown->is_hidden) << shown->name;
}

TEST(Commands, EachHasWhatTheHelpNeeds) {
  std::set<std::string_view> names;
  for (const CommandRow* command : commands()) {
    EXPECT_TRUE(names.insert(command->name).second) << command->name;
    EXPECT_FALSE(command->summary.empty()) << command->name;
    EXPECT_NE(command->run, nullptr) << command->name;
    EXPECT_LE(command->arguments_min, command->arguments_max) << command->name;
    for (const Flag& flag : command->flags) {
      EXPECT_EQ(flag.type == FlagType::toggle, flag.value_name.empty()) << flag.name;
      EXPECT_FALSE(flag.meaning.ends_with('.')) << flag.name;
    }
  }
}

TEST(Options, EachRowReadsItsOwnDefaultAndLandsSomewhere) {
  std::set<std::string_view> keys;
  for (const Option& option : options()) {
    EXPECT_TRUE(keys.insert(option.key).second) << option.key;
    EXPECT_FALSE(option.meaning.empty()) << option.key;
    EXPECT_FALSE(option.meaning.ends_with('.')) << option.key;
    if (!option.default_value.empty()) {
      EXPECT_TRUE(parse_option(option, option.default_value)) << option.key;
    }
  }
  for (const Relation& relation : relations()) {
    EXPECT_NE(find_option(relation.key), nullptr);
    EXPECT_TRUE(relation.holds(FlowConfig())) << relation.key;
  }
}

// The defaults of the table and those of FlowConfig are the same, so that code that makes a
// FlowConfig by itself (tests, the demo) runs what a file without the key runs.
TEST(Options, DefaultsAreThoseOfTheConfig) {
  FlowConfig flow;
  ProcessConfig process;
  for (const Option& option : options()) {
    if (option.default_value.empty()) continue;
    const auto value = parse_option(option, option.default_value);
    ASSERT_TRUE(value);
    land(option, *value, flow);
    land(option, *value, process);
  }
  const FlowConfig plain;
  EXPECT_EQ(flow.refresh_topics_interval, plain.refresh_topics_interval);
  EXPECT_EQ(flow.sync_topic_configs_interval, plain.sync_topic_configs_interval);
  EXPECT_EQ(flow.emit_heartbeats_interval, plain.emit_heartbeats_interval);
  EXPECT_EQ(flow.position_interval, plain.position_interval);
  EXPECT_EQ(flow.session_timeout, plain.session_timeout);
  EXPECT_EQ(flow.admin_timeout, plain.admin_timeout);
  EXPECT_EQ(flow.park_retry, plain.park_retry);
  EXPECT_EQ(flow.slots, plain.slots);
  EXPECT_EQ(flow.compression, plain.compression);
  EXPECT_EQ(flow.offset_lag_max, plain.offset_lag_max);
  EXPECT_EQ(flow.replication_factor, plain.replication_factor);
  EXPECT_EQ(process.memory_limit_bytes, ProcessConfig().memory_limit_bytes);
  EXPECT_EQ(process.shutdown_timeout, ProcessConfig().shutdown_timeout);
  EXPECT_EQ(process.http_listen, ProcessConfig().http_listen);
}

}  // namespace
}  // namespace longspan
