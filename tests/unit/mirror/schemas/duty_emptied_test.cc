// A target's registry that loses all it had, as one that keeps nothing on a disk does when it is
// started anew: it must be full again long before all is compared anyway.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "mirror/schemas/duty.h"
#include "tests/fakes/embedded_exchange.h"
#include "tests/fakes/embedded_requests.h"
#include "tests/fakes/fake_clock.h"

namespace longspan {
namespace {

using embedded::EmbeddedRegistry;

// To whichever registry stands at the address now.
class AddressExchange final : public Exchange {
 public:
  AddressExchange(const std::unique_ptr<EmbeddedRegistry>& there, std::function<void()>& on_post)
      : there_(there), on_post_(on_post) {}
  Result<HttpResponse, HttpFailure> send(const HttpRequest& request) override {
    if (request.method == "POST" && on_post_) std::exchange(on_post_, nullptr)();
    return EmbeddedExchange(*there_).send(request);
  }

 private:
  const std::unique_ptr<EmbeddedRegistry>& there_;
  std::function<void()>& on_post_;
};

class SchemaDutyEmptied : public testing::Test {
 protected:
  SchemaDutyEmptied() {
    for (const auto* name : {"a", "b"}) {
      ask(source_, "PUT", std::string("/config/") + name, {{"compatibility", "NONE"}});
      add(name);
    }
    SubjectConfig config;
    config.subjects = *NamePatterns::make({".*"}, "schema.subjects");
    config.contexts = *NamePatterns::make({".*"}, "schema.contexts");
    config.rename = SubjectRename::none;
    limits_.read_again.assign(kReadAgain.size(), std::chrono::milliseconds(0));
    RegistrySettings settings;
    settings.urls = {"http://registry"};
    RegistryPorts ports{std::make_unique<AddressExchange>(target_, on_post_),
                        std::make_unique<NoPauses>()};
    duty_ = std::make_unique<SchemaDuty>(
        SubjectRules(config, Naming(), TopicFilter()), client_of(source_),
        std::make_unique<RegistryClient>(settings, std::move(ports), std::stop_token()), clock_,
        limits_, [](const SchemaStatus&) {});
    duty_->set_duty(true);
    turn();
  }

  int add(const std::string& subject) {
    return add_schema(source_, subject, avro_fixed("N" + std::to_string(++added_)));
  }
  void empty_target() { target_ = std::make_unique<EmbeddedRegistry>(); }
  void turn() {
    clock_.advance(limits_.tick);
    duty_->turn({});
  }
  // As long as it takes to look at the target, and to fill it.
  void look() {
    for (auto passed = limits_.tick; passed <= limits_.target_interval; passed += limits_.tick) {
      turn();
    }
    turn();
  }
  void hurry(int id) { duty_->hurry({.ids = {{".", id}}}); }
  std::string subjects() { return ask(*target_, "GET", "/subjects"); }
  std::string versions(const std::string& subject) {
    return ask(*target_, "GET", "/subjects/" + subject + "/versions");
  }

  SchemaDutyLimits limits_;
  EmbeddedRegistry source_;
  std::unique_ptr<EmbeddedRegistry> target_ = std::make_unique<EmbeddedRegistry>();
  std::function<void()> on_post_;  // once
  FakeClock clock_;
  std::unique_ptr<SchemaDuty> duty_;
  int added_ = 0;
};

TEST_F(SchemaDutyEmptied, IsFilledAgain) {
  empty_target();
  look();
  EXPECT_EQ(subjects(), R"(["a","b"])");
}

// Each of them may be the one that is watched.
TEST_F(SchemaDutyEmptied, OneSubjectThatIsMirroredMeanwhileHidesNothing) {
  for (const auto* name : {"a", "b"}) {
    SCOPED_TRACE(name);
    empty_target();
    hurry(add(name));
    turn();
    look();
    EXPECT_EQ(subjects(), R"(["a","b"])");
  }
  EXPECT_EQ(versions("a"), "[1,2]");
  EXPECT_EQ(versions("b"), "[1,2]");
}

TEST_F(SchemaDutyEmptied, ANewSubjectHidesNothing) {
  empty_target();
  hurry(add("c"));
  turn();
  EXPECT_EQ(subjects(), R"(["c"])");
  look();
  EXPECT_EQ(subjects(), R"(["a","b","c"])");
}

// It need not be looked at: a is the one that is watched.
TEST_F(SchemaDutyEmptied, WhereAPassReadsItItIsFilledByTheNextTick) {
  empty_target();
  hurry(add("a"));
  turn();
  EXPECT_EQ(subjects(), R"(["a"])");
  turn();
  EXPECT_EQ(subjects(), R"(["a","b"])");
}

// What it had was read before, what is new is written after.
TEST_F(SchemaDutyEmptied, InTheMiddleOfAPassItIsNoticed) {
  for (const auto* name : {"a", "b"}) {
    SCOPED_TRACE(name);
    on_post_ = [this] { empty_target(); };
    hurry(add(name));
    turn();
    EXPECT_FALSE(on_post_);
    look();
    EXPECT_EQ(subjects(), R"(["a","b"])");
    EXPECT_EQ(versions(name), "[1,2]");
  }
}

}  // namespace
}  // namespace longspan
