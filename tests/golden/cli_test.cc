#include <gtest/gtest.h>

#include "cli/command_table.h"
#include "cli/config/load.h"
#include "cli/config/show.h"
#include "cli/help.h"
#include "cli/options_doc.h"
#include "tests/golden/golden.h"

namespace longspan {
namespace {

TEST(GoldenCli, TheOptionsDocumentIsTheTables) {
  EXPECT_GOLDEN("cli/OPTIONS.md", options_markdown());
}

TEST(GoldenCli, TheHelpTexts) {
  std::string all = program_help();
  for (const CommandRow* command : commands()) {
    all += "\n==== longspan " + std::string(command->name) + " --help\n" + command_help(*command);
  }
  EXPECT_GOLDEN("tests/golden/help.txt", all);
}

// What three real-world files of MirrorMaker 2 come to, with every warning.
class GoldenConfig : public testing::TestWithParam<const char*> {};

TEST_P(GoldenConfig, ResolvesTo) {
  const std::string name = GetParam();
  const Surroundings around{
      [](const std::string& variable) {
        return variable.starts_with("OTEL_") ? std::nullopt
                                             : std::optional<std::string>("s3cr3t-env");
      },
      [](const std::string& path) {
        return path.starts_with("tests/")
                   ? real_surroundings().file(path)
                   : std::optional<std::string>("secret=s3cr3t\neu.keystore=s3cr3t-file\n");
      }};
  const auto accept_all = [](const ClusterConfig&) { return std::vector<Error>(); };
  const auto loaded =
      load_config_from({"tests/fixtures/config/" + name + ".properties", {}}, around, accept_all);
  std::string text;
  for (const std::string& line : loaded.errors) text += "error: " + line + "\n";
  for (const std::string& line : loaded.warnings) text += "warning: " + line + "\n";
  EXPECT_GOLDEN("tests/golden/config_" + name + ".txt", text + describe(loaded));
  EXPECT_EQ(text.find("s3cr3t"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Files, GoldenConfig,
                         testing::Values("minimal", "active_active", "everything"),
                         [](const auto& row) { return row.param; });

}  // namespace
}  // namespace longspan
