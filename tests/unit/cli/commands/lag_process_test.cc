// What the clusters tell, and the process that listens here beside them.
#include "cli/commands/lag_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/http/http_server.h"
#include "tests/unit/cli/views/rich_snapshot.h"

namespace longspan {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

Diagnosis diagnosis(Cause cause, const std::string& what) {
  return {cause, Severity::critical, Confidence::certain, {}, what};
}

class LagProcess : public testing::Test {
 protected:
  LagProcess() {
    HttpViews views;
    views.snapshot = [this] { return process_; };
    server_ = std::move(HttpServer::start("127.0.0.1:0", std::move(views), {})).value();
    process_.flows.front().why = Diagnoses{};
    clusters_.push_back(process_.flows.front());
  }
  void ask() { add_knowledge_of_process(server_->url().substr(7), clusters_); }

  ProcessSnapshot process_ = rich_snapshot();
  std::vector<FlowSnapshot> clusters_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(LagProcess, KnowsWhyAFlowThatItRunsIsLate) {
  process_.flows.front().running = clusters_.front().running = true;
  process_.flows.front().why->found = {diagnosis(Cause::connector_dead, "no heartbeats")};
  ask();
  ASSERT_THAT(clusters_.front().why->found, SizeIs(1));
  EXPECT_EQ(clusters_.front().why->found[0].cause, Cause::connector_dead);
}

TEST_F(LagProcess, WithoutASlotIsNotNobody) {
  process_.flows.front().running = clusters_.front().running = false;
  clusters_.front().why->found = {diagnosis(Cause::not_running, "no process runs this flow")};
  ask();
  ASSERT_THAT(clusters_.front().why->found, SizeIs(1));
  EXPECT_EQ(clusters_.front().why->found[0].cause, Cause::ownership_moving);
  EXPECT_THAT(clusters_.front().why->found[0].what, HasSubstr(server_->url()));
}

TEST_F(LagProcess, OfAnotherFlowKnowsNothing) {
  clusters_.front().flow = "north->west";
  clusters_.front().running = false;
  clusters_.front().why->found = {diagnosis(Cause::not_running, "no process runs this flow")};
  const auto before = *clusters_.front().why;
  ask();
  EXPECT_EQ(*clusters_.front().why, before);
}

}  // namespace
}  // namespace longspan
