// The schemas of a running flow: handed over to the target after a failover, and back; what
// `schemas verify` says of the ids in its records; what the registry's own topic tells.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "tests/broker/harness/clusters.h"
#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/mirror_run.h"
#include "tests/broker/harness/process.h"
#include "tests/broker/harness/properties.h"
#include "tests/broker/harness/registry_process.h"
#include "tests/broker/harness/topics.h"
#include "tests/broker/harness/workload.h"
#include "tests/broker/harness/writer.h"
#include "tests/fakes/framed.h"
#include "tests/fakes/schema_texts.h"

namespace longspan::harness {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

class Schemas : public BrokerTest {
 protected:
  void SetUp() override {
    BrokerTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    admin_.emplace(clusters().source);
    source_.emplace(folder(), "source-registry");
    target_.emplace(folder(), "target-registry");
    admin_->create({.name = topic_});
    file_ = Properties(clusters(), topic_)
                .of_flow(alias_)
                .set(alias_ + ".schema.registry.url", source_->url())
                .set("west.schema.registry.url", target_->url())
                .set("refresh.topics.interval.seconds", "1")
                .write(folder());
  }

  static Json schema(const std::string& name) { return registration(avro_fixed(name)); }

  int add(const std::string& name) {
    source_->put("/config/" + topic_ + "-value", {{"compatibility", "NONE"}});
    return Json::parse(
        source_->post("/subjects/" + topic_ + "-value/versions", schema(name)))["id"];
  }

  void write_framed(int id) {
    Writer writer({.bootstrap = clusters().source});
    writer.write(topic_,
                 {.partition = 0, .key = "k", .value = framed(id, "abcd"), .timestamp_ms = 1});
    writer.flush();
  }

  bool is_in_import() {
    return target_->status("GET", "/mode/" + mirrored_) == 200 &&
           target_->get("/mode/" + mirrored_).find("IMPORT") != std::string::npos;
  }

  const std::string alias_ = unique_name("east");
  const std::string topic_ = unique_name("orders");
  const std::string mirrored_ = alias_ + "." + topic_ + "-value";
  std::filesystem::path file_;
  std::optional<Admin> admin_;
  std::optional<RegistryProcess> source_;
  std::optional<RegistryProcess> target_;
};

TEST_F(Schemas, AreHandedOverToTheTargetAndBack) {
  add("A");
  MirrorRun run(file_);
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return is_in_import(); })) << run.last_lines();

  // Somebody else has put it into IMPORT.
  target_->put("/mode/theirs?force=true", {{"mode", "IMPORT"}});
  target_->post("/subjects/theirs/versions",
                {{"schema", avro_fixed("Theirs")}, {"id", 900}, {"version", 1}});

  const auto plan = ask("schemas handover", file_);
  EXPECT_EQ(plan.exit_code, 1) << plan.out << plan.err;
  EXPECT_THAT(plan.out, HasSubstr("1 subject in IMPORT set back to READWRITE"));
  EXPECT_TRUE(is_in_import());

  const auto over = ask("schemas handover", file_, {"--yes", "--reason", "failover"});
  EXPECT_EQ(over.exit_code, 0) << over.out << over.err << run.last_lines();
  EXPECT_THAT(over.out, HasSubstr("1 subject takes normal registrations again"));
  EXPECT_THAT(over.out, HasSubstr("1 subject in IMPORT left alone"));
  EXPECT_THAT(target_->get("/mode/theirs"), HasSubstr("IMPORT"));
  target_->put("/mode/theirs", {{"mode", "READWRITE"}});
  EXPECT_FALSE(is_in_import());
  EXPECT_THAT(ask("events", file_).out, HasSubstr("schemas_handed_over"));
  const auto difference = ask("schemas diff", file_);
  EXPECT_EQ(difference.exit_code, 0) << difference.out << difference.err;
  EXPECT_THAT(difference.out, HasSubstr("handed over by "));
  const auto sync = ask("schemas sync", file_, {"--yes"});
  EXPECT_EQ(sync.exit_code, 1) << sync.out;
  EXPECT_THAT(sync.err, HasSubstr("schemas handback"));

  // What a crash in the middle leaves is named, and a second run ends it.
  target_->put("/mode/" + mirrored_ + "?force=true", {{"mode", "IMPORT"}});
  EXPECT_THAT(ask("schemas diff", file_).out, HasSubstr("still_in_import"));
  const auto second = ask("schemas handover", file_, {"--yes"});
  EXPECT_EQ(second.exit_code, 0) << second.out << second.err;
  EXPECT_THAT(second.out, HasSubstr("failover"));
  EXPECT_FALSE(is_in_import());

  // Another process of the flow obeys it, too.
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
  add("B");
  MirrorRun next(file_, "next");
  write_framed(1);
  ASSERT_TRUE(next.wait_for_records(clusters().target, alias_ + "." + topic_, 1));
  EXPECT_FALSE(is_in_import()) << next.last_lines();
  const auto back = ask("schemas handback", file_, {"--yes"});
  EXPECT_EQ(back.exit_code, 0) << back.out << back.err;
  EXPECT_TRUE(eventually(kMirrorDeadline, [&] { return is_in_import(); })) << next.last_lines();
  EXPECT_EQ(ask("schemas diff", file_).exit_code, 0);
  EXPECT_EQ(next.stop(), 0) << next.last_lines();
}

TEST_F(Schemas, AreHandedOverWithoutTheSource) {
  add("A");
  {
    MirrorRun run(file_);
    ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return is_in_import(); })) << run.last_lines();
    EXPECT_EQ(run.stop(), 0) << run.last_lines();
  }
  const auto planned = ask("schemas handover", file_, {"--without-source"});
  EXPECT_EQ(planned.exit_code, 1) << planned.err;
  EXPECT_THAT(planned.out, HasSubstr("no last sync: its registry was not asked"));
  source_.reset();
  const auto over = ask("schemas handover", file_, {"--yes"});
  EXPECT_EQ(over.exit_code, 0) << over.out << over.err;
  EXPECT_THAT(over.out, HasSubstr("no last sync: the registry of " + alias_));
  EXPECT_FALSE(is_in_import());
  EXPECT_EQ(target_->status("POST", "/subjects/" + mirrored_ + "/versions", schema("A")), 200);
}

// Between the plan and the command a process of the flow may have put more of them into IMPORT: of
// one that follows no topic only the source tells whose it is, when it is asked again.
TEST_F(Schemas, WhatWentIntoImportUntilTheHandOverWasObeyedIsSetBackToo) {
  constexpr std::size_t kLate = 60;
  add("A");
  {
    MirrorRun run(file_);
    ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return is_in_import(); })) << run.last_lines();
    EXPECT_EQ(run.stop(), 0) << run.last_lines();
  }
  for (std::size_t i = 0; i < kLate; ++i) {
    const std::string name = "Late" + std::to_string(i);
    source_->post("/subjects/" + name + "/versions", schema(name));
  }
  const auto there = [&] { return Json::parse(target_->get("/subjects")).size(); };
  const auto before = there();
  target_->put("/longspan/faults", {{"slow", 20}});
  Process over({.arguments = {longspan_program(), "schemas", "handover", file_.string(), "--yes"},
                .folder = folder(),
                .name = "handover"});
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return there() > before; }));
  over.signal(SIGSTOP);  // its last sync is under way
  ASSERT_LT(there(), before + kLate);
  target_->put("/longspan/faults", {{"slow", 0}});
  const int id = Json::parse(source_->post("/subjects/Fresh/versions", schema("Fresh")))["id"];
  target_->put("/mode/Fresh?force=true", {{"mode", "IMPORT"}});
  Json fresh = schema("Fresh");
  fresh["id"] = id;
  fresh["version"] = 1;
  target_->post("/subjects/Fresh/versions", fresh);
  over.signal(SIGCONT);
  EXPECT_EQ(over.wait(kMirrorDeadline), 0);
  EXPECT_EQ(target_->status("GET", "/mode/Fresh"), 404) << "no mode of its own";
}

TEST_F(Schemas, DiffTellsOfATopicsSubjectThatIsLeftInImportWithoutAVersion) {
  const int id = add("A");
  {
    MirrorRun run(file_);
    write_framed(id);
    ASSERT_TRUE(run.wait_for_records(clusters().target, alias_ + "." + topic_, 1));
    ASSERT_TRUE(wait_until_caught_up(clusters().source, file_, {topic_})) << run.last_lines();
    ASSERT_TRUE(eventually(kMirrorDeadline, [&] {
      return ask("schemas diff", file_).exit_code == 0;
    })) << run.last_lines();
    EXPECT_EQ(run.stop(), 0) << run.last_lines();
  }
  // Also in a context that only others of its subjects show.
  source_->post("/subjects/:.dr:other/versions", schema("Other"));
  ask("schemas sync", file_, {"--yes"});
  const std::string key = alias_ + "." + topic_ + "-key";
  for (const auto& left : {key, ":.dr:" + key}) {
    target_->put("/mode/" + left + "?force=true", {{"mode", "IMPORT"}});
    for (const auto* command : {"schemas diff", "schemas sync"}) {
      const auto told = ask(command, file_);
      EXPECT_EQ(told.exit_code, 1) << told.out << told.err;
      EXPECT_THAT(told.out, HasSubstr("only_on_target"));
      EXPECT_THAT(told.out, HasSubstr("DELETE /mode/" + left));
    }
    target_->remove("/mode/" + left);
  }
  EXPECT_EQ(ask("schemas diff", file_).exit_code, 0);
}

TEST_F(Schemas, VerifyTellsWhatItCouldNotCheck) {
  const int id = add("A");
  MirrorRun run(file_);
  write_framed(id);
  ASSERT_TRUE(run.wait_for_records(clusters().target, alias_ + "." + topic_, 1));
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return is_in_import(); })) << run.last_lines();
  ASSERT_TRUE(wait_until_caught_up(clusters().source, file_, {topic_})) << run.last_lines();
  const auto fine = ask("schemas verify", file_);
  EXPECT_EQ(fine.exit_code, 0) << fine.out << fine.err;
  EXPECT_THAT(fine.out, HasSubstr("1 id means the same on both sides"));
  EXPECT_THAT(fine.out, HasSubstr("prefix, id"));
  target_.reset();
  const auto blind = ask("schemas verify", file_);
  EXPECT_EQ(blind.exit_code, 3) << blind.out << blind.err;
  EXPECT_THAT(blind.err, HasSubstr("1 id of 1 records not looked up"));
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
}

// A setting is found by the comparison of everything, each five minutes; by the topic at once.
TEST_F(Schemas, FollowTheRegistrysOwnTopic) {
  const std::string schemas = unique_name("schemas");
  const std::string subject = topic_ + "-value";
  admin_->create({.name = schemas});
  file_ = Properties(clusters(), topic_)
              .of_flow(alias_)
              .set(alias_ + ".schema.registry.url", source_->url())
              .set(alias_ + ".schema.registry.topic", schemas)
              .set("west.schema.registry.url", target_->url())
              .write(folder());
  add("A");
  MirrorRun run(file_);
  ASSERT_TRUE(eventually(kMirrorDeadline, [&] { return is_in_import(); })) << run.last_lines();
  source_->put("/config/" + subject, {{"compatibility", "FULL"}});
  Writer writer({.bootstrap = clusters().source});
  const std::string key = Json{{"keytype", "CONFIG"}, {"subject", subject}, {"magic", 0}}.dump();
  const auto is_full = [&] {
    // Once more each time: the topic is followed from some moment on.
    writer.write(schemas, {.partition = 0, .key = key, .value = "{}", .timestamp_ms = 1});
    writer.flush();
    return target_->status("GET", "/config/" + mirrored_) == 200 &&
           target_->get("/config/" + mirrored_).find("FULL") != std::string::npos;
  };
  EXPECT_TRUE(eventually(kMirrorDeadline, is_full)) << run.last_lines();
  EXPECT_EQ(run.stop(), 0) << run.last_lines();
}

}  // namespace
}  // namespace longspan::harness
