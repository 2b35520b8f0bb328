// `longspan schemas` between two registries in processes of their own, and killed in the middle.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/kafka_handle.h"
#include "tests/broker/harness/process.h"
#include "tests/broker/harness/registry_process.h"
#include "tests/fakes/schema_texts.h"

namespace longspan::harness {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using Json = nlohmann::json;

constexpr int kSubjects = 250;
constexpr int kVersions = 4;

class SchemasSync : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              ("longspan-schemas-" + std::to_string(getpid()) + "-" + info->name());
    std::filesystem::create_directories(folder_);
    const char* given = std::getenv("LONGSPAN_SEED");
    seed_ = given != nullptr ? std::stoull(given) : std::random_device{}();
    source_ = std::make_unique<RegistryProcess>(folder_, "source");
  }
  void TearDown() override {
    if (!HasFailure()) std::filesystem::remove_all(folder_);
    if (HasFailure()) std::printf("LONGSPAN_SEED=%llu\n", static_cast<unsigned long long>(seed_));
  }

  void open_target(const std::vector<std::string>& flags = {}) {
    target_ = std::make_unique<RegistryProcess>(folder_, "target", flags);
    file_ = folder_ / "flow.properties";
    std::ofstream(file_) << "clusters = east, west\n"
                            "east.bootstrap.servers = 127.0.0.1:1\n"
                            "west.bootstrap.servers = 127.0.0.1:2\n"
                            "east->west.enabled = true\n"
                            "east.schema.registry.url = "
                         << source_->url() << "\nwest.schema.registry.url = " << target_->url()
                         << "\n";
  }

  Command schemas(const std::string& what, const std::vector<std::string>& flags = {}) {
    Command out{.arguments = {longspan_program(), "schemas", what, file_.string()},
                .folder = folder_,
                .name = "schemas-" + what};
    out.arguments.insert(out.arguments.end(), flags.begin(), flags.end());
    return out;
  }

  // No cluster is there that could tell whether the schemas are handed over.
  Finished run(const std::string& what, std::vector<std::string> flags = {}) {
    flags.emplace_back("--without-kafka");
    return run_command(schemas(what, flags));
  }

  void add(const std::string& subject, const std::string& schema, const Json& references = {}) {
    source_->post("/subjects/" + subject + "/versions", registration(schema, references));
  }

  // 1000 versions; every tenth subject refers to a common one, some versions are softly deleted,
  // some deleted for good.
  void fill() {
    add("common", avro_record("Common", 1));
    for (int s = 0; s < kSubjects; ++s) {
      const std::string subject = "topic" + std::to_string(s) + "-value";
      for (int v = 1; v <= kVersions; ++v) {
        Json references;
        if (s % 10 == 0) {
          references = {{{"name", "Common"}, {"subject", "common"}, {"version", 1}}};
        }
        add(subject, avro_record("R" + std::to_string(s), v), references);
      }
      if (s % 7 == 0) source_->remove("/subjects/" + subject + "/versions/2");
      if (s % 21 == 0) source_->remove("/subjects/" + subject + "/versions/2?permanent=true");
      if (s % 5 == 0) source_->put("/config/" + subject, {{"compatibility", "FULL"}});
    }
  }

  std::filesystem::path folder_;
  std::filesystem::path file_;
  uint64_t seed_ = 0;
  std::unique_ptr<RegistryProcess> source_;
  std::unique_ptr<RegistryProcess> target_;
};

TEST_F(SchemasSync, GoesOnAfterEveryKill) {
  open_target();
  fill();
  std::mt19937_64 random(seed_);
  int killed = 0;
  const auto done = [this] { return Json::parse(target_->get("/subjects")).size(); };
  for (int i = 0; i < 10; ++i) {
    const auto enough = done() + random() % (kSubjects / 10) + 1;
    Process sync(schemas("sync", {"--yes", "--without-kafka"}));
    bool has_ended = false;
    while (!has_ended && done() < enough) has_ended = sync.wait(milliseconds(1)).has_value();
    if (!has_ended) ++killed;
    sync.kill_hard();
  }
  EXPECT_GT(killed, 0) << "none of ten was killed in the middle";
  const auto last = run("sync", {"--yes"});
  EXPECT_EQ(last.exit_code, 0) << last.out << last.err;
  const auto difference = run("diff");
  EXPECT_EQ(difference.exit_code, 0) << difference.out << difference.err;
  EXPECT_THAT(difference.out, HasSubstr("the registries hold the same"));
}

TEST_F(SchemasSync, ASecondSyncWritesNothing) {
  open_target();
  add("orders-value", avro_record("Order", 1));
  const auto plan = run("sync");
  EXPECT_EQ(plan.exit_code, 1);
  EXPECT_THAT(plan.out, HasSubstr("with --yes: 1 subject put into IMPORT, 1 version"));
  EXPECT_EQ(Json::parse(target_->get("/subjects")), Json::array());
  EXPECT_EQ(run("sync", {"--yes"}).exit_code, 0);
  EXPECT_EQ(Json::parse(target_->get("/subjects")), Json::array({"east.orders-value"}));
  const auto again = run("sync", {"--yes"});
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.out, HasSubstr("nothing written"));
}

TEST_F(SchemasSync, RefusesARegistryThatGivesOtherIds) {
  open_target({"--fault", "other_id"});
  add("filler-value", avro_record("Filler", 1));
  add("orders-value", avro_record("Order", 1));
  const auto sync = run("sync", {"--yes"});
  EXPECT_EQ(sync.exit_code, 1) << sync.out << sync.err;
  EXPECT_THAT(sync.out, HasSubstr("does not keep the ids it is given"));
  EXPECT_EQ(Json::parse(target_->get("/subjects")), Json::array());
}

TEST_F(SchemasSync, ARegistryThatDoesNotAnswerIsExitCodeThree) {
  open_target();
  target_.reset();
  const auto sync = run("diff");
  EXPECT_EQ(sync.exit_code, 3) << sync.out << sync.err;
  EXPECT_THAT(sync.err, HasSubstr("the registry of west"));
}

TEST_F(SchemasSync, ASubjectThatTheSourceDeletedForGoodIsToldAndPruned) {
  open_target();
  add("orders-value", avro_record("Order", 1));
  EXPECT_EQ(run("sync", {"--yes"}).exit_code, 0);
  source_->remove("/subjects/orders-value");
  source_->remove("/subjects/orders-value?permanent=true");
  const auto diff = run("diff");
  EXPECT_EQ(diff.exit_code, 1) << diff.out << diff.err;
  EXPECT_THAT(diff.out, HasSubstr("only_on_target"));
  const auto sync = run("sync", {"--yes", "--prune"});
  EXPECT_EQ(sync.exit_code, 0) << sync.out << sync.err;
  EXPECT_THAT(sync.out, HasSubstr("1 version softly deleted"));
  EXPECT_EQ(Json::parse(target_->get("/subjects")), Json::array());
  EXPECT_EQ(run("diff").exit_code, 0);
}

TEST_F(SchemasSync, HoldsBackWhatTheFlowHoldsBack) {
  open_target();
  std::ofstream(file_, std::ios::app) << "schema.incompatible = hold\n";
  add("orders-value", avro_record("Order", 1));
  EXPECT_EQ(run("sync", {"--yes"}).exit_code, 0);
  source_->put("/config", {{"compatibility", "NONE"}});
  add("orders-value", avro_fixed("Order"));
  const auto sync = run("sync", {"--yes"});
  EXPECT_EQ(sync.exit_code, 1) << sync.out << sync.err;
  EXPECT_THAT(sync.out, HasSubstr("the target's registry calls it incompatible"));
  EXPECT_EQ(Json::parse(target_->get("/subjects/east.orders-value/versions")), Json::array({1}));
}

TEST_F(SchemasSync, LeavesATargetAloneThatIsReadOnly) {
  open_target();
  add("orders-value", avro_record("Order", 1));
  target_->put("/mode", {{"mode", "READONLY"}});
  const auto sync = run("sync", {"--yes"});
  EXPECT_EQ(sync.exit_code, 1) << sync.out << sync.err;
  EXPECT_THAT(sync.out, HasSubstr("read_only"));
  EXPECT_THAT(sync.out, HasSubstr("its mode is READONLY"));
  EXPECT_THAT(sync.out, HasSubstr("nothing written"));
  EXPECT_THAT(target_->get("/mode"), HasSubstr("READONLY"));
  EXPECT_EQ(target_->status("GET", "/mode/east.orders-value"), 404);
}

// After a hand-over it would put subjects into IMPORT under their writers' hands.
TEST_F(SchemasSync, WritesNothingWhereKafkaDoesNotSayWhetherItWasHandedOver) {
  open_target();
  add("orders-value", avro_record("Order", 1));
  const auto sync = run_command(schemas("sync", {"--yes"}));
  EXPECT_EQ(sync.exit_code, 3) << sync.out << sync.err;
  EXPECT_THAT(sync.err, HasSubstr("nothing was written, for it is not known whether"));
  EXPECT_THAT(sync.err, HasSubstr("no broker of west answers at 127.0.0.1:2"));
  EXPECT_THAT(sync.err, HasSubstr("--without-kafka"));
  EXPECT_EQ(Json::parse(target_->get("/subjects")), Json::array());
  EXPECT_EQ(target_->status("GET", "/mode/east.orders-value"), 404);
  for (const auto* what : {"sync", "diff"}) {
    const auto shown = run_command(schemas(what));
    EXPECT_EQ(shown.exit_code, 1) << shown.out << shown.err;
    EXPECT_THAT(shown.err, HasSubstr("not known whether the schemas are handed over"));
    EXPECT_THAT(shown.err, HasSubstr("nor looked for subjects of its topics that are in IMPORT"));
    EXPECT_THAT(shown.out, HasSubstr("east.orders-value"));
  }
}

}  // namespace
}  // namespace longspan::harness
