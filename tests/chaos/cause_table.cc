#include "tests/chaos/cause_table.h"

#include <algorithm>
#include <thread>

#include "tests/broker/harness/writer.h"

namespace longspan::chaos {
namespace {

constexpr std::chrono::minutes kShortRun{2};
constexpr size_t kDealtShort = 3;
constexpr size_t kPortion = 20;
constexpr std::chrono::seconds kFenced{12};  // broker.session.timeout.ms is 9 s

void kill_everybody(Stage& stage) {
  for (size_t i = 0; i < stage.mirrors.count(); ++i) stage.mirrors.kill_hard(i);
}

void start_everybody(Stage& stage) {
  for (size_t i = 0; i < stage.mirrors.count(); ++i) stage.mirrors.start(i);
}

bool everybody(uint16_t) { return true; }

void cut_source(Stage& stage) { stage.source.cut(everybody); }
void restore_source(Stage& stage) { stage.source.restore(); }
void cut_target(Stage& stage) { stage.target.cut(everybody); }
void restore_target(Stage& stage) { stage.target.restore(); }

void kill_target(Stage& stage) { stage.brokers.kill_hard("target", 1); }
void start_target(Stage& stage) { stage.brokers.start("target", 1); }

// For so long that its controller takes it for dead: whoever asks when it is back hears of no
// broker.
void freeze_target(Stage& stage) {
  stage.brokers.freeze("target", 1);
  std::this_thread::sleep_for(kFenced);
}
void thaw_target(Stage& stage) { stage.brokers.thaw("target", 1); }

// What the applications write goes on behind it, and cannot be read.
void open_transaction(Stage& stage) {
  stage.hung = std::make_unique<harness::Writer>(
      harness::WriterOptions{.bootstrap = stage.brokers.clusters().source,
                             .transactional_id = harness::unique_name("hung"),
                             .remember = false});
  stage.hung->begin();
  stage.hung->write(kHungTopic, {.partition = 0, .key = "k", .value = "never committed"});
  stage.hung->flush();
}

void end_transaction(Stage& stage) {
  stage.hung->abort();
  stage.hung.reset();
}

void kill_leader(Stage& stage) {
  stage.lonely.write(kPortion);
  stage.brokers.kill_hard("source", kLonelyNode);
}

// Whoever has it then never saw its log.
void kill_leader_and_everybody(Stage& stage) {
  kill_leader(stage);
  kill_everybody(stage);
  start_everybody(stage);
}

void start_leader(Stage& stage) {
  stage.brokers.start("source", kLonelyNode);
  stage.lonely.end();  // returns when it is led
  stage.lonely.write(kPortion);
}

}  // namespace

const std::vector<CauseRow> kLastingCauses = {
    {"nobody_runs", "not_running", "", Witness::clusters, kill_everybody, start_everybody},
    {"source_gone", "source_unreachable", "", Witness::every_process, cut_source, restore_source},
    {"target_gone", "target_unreachable", "", Witness::every_process, cut_target, restore_target},
    {"target_dead", "target_unreachable", "", Witness::every_process, kill_target, start_target},
    {"target_frozen", "target_unreachable", "", Witness::every_process, freeze_target, thaw_target},
    {"transaction_left_open", "hung_transaction", "plain:0", Witness::one_process, open_transaction,
     end_transaction},
    {"leader_gone", "source_leaderless", "lonely:0", Witness::one_process, kill_leader,
     start_leader},
    {"leader_gone_unseen", "source_leaderless", "lonely:0", Witness::one_process,
     kill_leader_and_everybody, start_leader},
};

std::vector<Said> ask_witnesses(const CauseRow& row, const Stage& stage) {
  if (row.witness == Witness::clusters) return {ask_clusters(stage.properties)};
  return ask_processes(stage.mirrors);
}

bool is_named_first(const CauseRow& row, const std::vector<Said>& all) {
  const auto names_it = [&](const Said& said) {
    return said.is_first(std::string(row.cause), std::string(row.scope));
  };
  if (row.witness != Witness::one_process) return std::ranges::all_of(all, names_it);
  const auto is_quiet = [](const Said& said) { return said.is_calm(); };
  return std::ranges::count_if(all, names_it) == 1 &&
         std::ranges::count_if(all, is_quiet) + 1 == static_cast<std::ptrdiff_t>(all.size());
}

std::vector<const CauseRow*> deal_causes(uint64_t seed, std::chrono::seconds length,
                                         std::string_view only) {
  std::vector<const CauseRow*> dealt;
  for (const CauseRow& row : kLastingCauses) {
    if (only.empty() || only == row.name) dealt.push_back(&row);
  }
  Random random(seed * 15'485'863 + 1);
  for (size_t i = dealt.size(); i > 1; --i) std::swap(dealt[i - 1], dealt[random() % i]);
  if (length <= kShortRun && dealt.size() > kDealtShort) dealt.resize(kDealtShort);
  return dealt;
}

bool is_cause(std::string_view name) {
  return std::ranges::any_of(kLastingCauses, [&](const CauseRow& row) { return row.name == name; });
}

}  // namespace longspan::chaos
