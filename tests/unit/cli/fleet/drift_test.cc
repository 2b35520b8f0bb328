#include "cli/fleet/drift.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

namespace longspan {
namespace {

class Fleet : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "/longspan-fleet-XXXXXX";
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
  }
  // One flow from east to `target`.
  void write_flow(const std::string& name, const std::string& target, const std::string& more) {
    write(name, "clusters=east," + target + "\neast.bootstrap.servers=east:9092\n" + target +
                    ".bootstrap.servers=" + target + ":9092\neast->" + target + ".enabled=true\n" +
                    more);
  }
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }
  [[nodiscard]] std::optional<Drift> drift_of(const std::string& what) const {
    const auto files = load_fleet(folder_);
    if (!files) return std::nullopt;
    for (const Drift& drift : drifts_of(*files)) {
      if (drift.what == what) return drift;
    }
    return std::nullopt;
  }

  std::string folder_;
};

TEST_F(Fleet, FilesThatAgreeDoNotDrift) {
  write_flow("b.properties", "west", "");
  write_flow("a.properties", "south", "");
  write("notes.txt", "not a file of flows");
  const auto files = load_fleet(folder_);
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 2u);
  EXPECT_EQ(files->front().path, path("a.properties")) << "by name";
  EXPECT_TRUE(drifts_of(*files).empty());
}

TEST_F(Fleet, AnOptionThatOneFlowHasOtherwiseIsTold) {
  write_flow("a.properties", "south", "");
  write_flow("b.properties", "west", "refresh.topics.interval.seconds=60\n");
  write_flow("c.properties", "north", "");
  const auto drift = drift_of("refresh.topics.interval.seconds");
  ASSERT_TRUE(drift);
  ASSERT_EQ(drift->values.size(), 2u);
  EXPECT_THAT(drift->values[0].where, testing::ElementsAre("east->north", "east->south"));
  EXPECT_EQ(drift->values[1].text, "60");
  EXPECT_THAT(drift->values[1].where, testing::ElementsAre("east->west"));
}

TEST_F(Fleet, AClusterThatTwoFilesDescribeOtherwiseIsTold) {
  write_flow("a.properties", "south", "");
  write_flow("b.properties", "west", "east.bootstrap.servers=elsewhere:9092\n");
  const auto drift = drift_of("cluster east: bootstrap.servers");
  ASSERT_TRUE(drift);
  EXPECT_EQ(drift->values.size(), 2u);
}

TEST_F(Fleet, TwoAliasesOfOneAddressAreTold) {
  write_flow("a.properties", "south", "south.bootstrap.servers=same:9092\n");
  write_flow("b.properties", "west", "west.bootstrap.servers=same:9092\n");
  const auto drift = drift_of("aliases of same:9092");
  ASSERT_TRUE(drift);
  EXPECT_EQ(drift->values.size(), 2u);
}

TEST_F(Fleet, AFlowInTwoFilesIsTold) {
  write_flow("a.properties", "west", "");
  write_flow("b.properties", "west", "");
  EXPECT_TRUE(drift_of("files of flow east->west"));
}

TEST_F(Fleet, NoSecretIsTold) {
  write_flow("a.properties", "south", "east.ssl.key.password=swordfish\n");
  write_flow("b.properties", "west", "");
  const auto files = load_fleet(folder_);
  ASSERT_TRUE(files);
  const auto drifts = drifts_of(*files);
  EXPECT_FALSE(drifts.empty());
  for (const Drift& drift : drifts) {
    for (const auto& value : drift.values) {
      EXPECT_EQ(value.text.find("swordfish"), std::string::npos) << drift.what;
    }
  }
}

TEST_F(Fleet, AWrongFileHasItsErrorsAndLeavesTheOthers) {
  write_flow("a.properties", "south", "tasks.max=many\n");
  write_flow("b.properties", "west", "");
  const auto files = load_fleet(folder_);
  ASSERT_TRUE(files);
  EXPECT_FALSE(files->front().loaded.errors.empty());
  EXPECT_TRUE(files->front().loaded.flows.empty());
  EXPECT_EQ(files->back().loaded.flows.size(), 1u);
}

TEST_F(Fleet, AFolderWithoutFilesIsAnError) {
  EXPECT_THAT(load_fleet(folder_).error().what, testing::HasSubstr("no *.properties"));
  EXPECT_THAT(load_fleet(path("nowhere")).error().what, testing::HasSubstr("cannot read"));
}

}  // namespace
}  // namespace longspan
