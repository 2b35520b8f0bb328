#include "tests/chaos/fault_table.h"

#include <algorithm>
#include <thread>

#include "tests/broker/harness/tcp_ports.h"

namespace longspan::chaos {
namespace {

using std::chrono::milliseconds;
using Chosen = harness::TcpProxy::Chosen;

milliseconds between(Random& random, milliseconds low, milliseconds high) {
  const auto span = static_cast<uint64_t>((high - low).count()) + 1;
  return low + milliseconds(random() % span);
}

std::string text(milliseconds time) { return std::to_string(time.count()) + " ms"; }

std::string mirror_name(size_t index) { return "mirror-" + std::to_string(index); }

// How long a fault lasts is its meaning: this is no synchronisation.
void last(milliseconds time) { std::this_thread::sleep_for(time); }

size_t one_of(const Mirrors& mirrors, Random& random) { return random() % mirrors.count(); }

Link& either(Stage& stage, Random& random) {
  return random() % 2 == 0 ? stage.source : stage.target;
}

// Everybody's connections, or those of one process.
struct Whose {
  Chosen chosen;
  std::string name;
};

Whose of_one(const Mirrors& mirrors, size_t index) {
  const pid_t pid = mirrors.pid(index);
  return {[pid](uint16_t port) { return harness::tcp_ports_of(pid).contains(port); },
          mirror_name(index)};
}

Whose anybody(const Mirrors& mirrors, Random& random) {
  const size_t index = one_of(mirrors, random);
  if (random() % 2 == 0) return of_one(mirrors, index);
  return {[](uint16_t) { return true; }, "all"};
}

std::string kill_process(Stage& stage, Random& random) {
  const size_t index = one_of(stage.mirrors, random);
  const auto gone = between(random, milliseconds(0), kSession + milliseconds(2000));
  stage.mirrors.kill_hard(index);
  last(gone);
  stage.mirrors.start(index);
  return mirror_name(index) + " gone for " + text(gone);
}

std::string kill_all(Stage& stage, Random& random) {
  const auto gone = between(random, milliseconds(0), milliseconds(1000));
  for (size_t i = 0; i < stage.mirrors.count(); ++i) stage.mirrors.kill_hard(i);
  last(gone);
  for (size_t i = 0; i < stage.mirrors.count(); ++i) stage.mirrors.start(i);
  return "all gone for " + text(gone);
}

std::string freeze_for(Stage& stage, Random& random, milliseconds time) {
  const size_t index = one_of(stage.mirrors, random);
  stage.mirrors.freeze(index);
  last(time);
  stage.mirrors.thaw(index);
  return mirror_name(index) + " for " + text(time);
}

std::string freeze_briefly(Stage& stage, Random& random) {
  const auto time = between(random, milliseconds(200), kSession - milliseconds(1000));
  return freeze_for(stage, random, time);
}

std::string freeze_long(Stage& stage, Random& random) {
  const auto time = between(random, kSession + milliseconds(1000), kSession + milliseconds(4000));
  return freeze_for(stage, random, time);
}

std::string rolling_restart(Stage& stage, Random& random) {
  const auto gone = between(random, milliseconds(0), milliseconds(500));
  for (size_t i = 0; i < stage.mirrors.count(); ++i) {
    stage.mirrors.stop(i);
    last(gone);
    stage.mirrors.start(i);
  }
  return "each gone for " + text(gone);
}

std::string reset_link(Stage& stage, Random& random) {
  Link& link = either(stage, random);
  const Whose whose = anybody(stage.mirrors, random);
  link.reset(whose.chosen);
  return link.name() + " link of " + whose.name;
}

std::string cut_for(Stage& stage, Random& random, milliseconds time) {
  Link& link = either(stage, random);
  const Whose whose = anybody(stage.mirrors, random);
  link.cut(whose.chosen);
  last(time);
  link.restore();
  return link.name() + " link of " + whose.name + " for " + text(time);
}

std::string cut_briefly(Stage& stage, Random& random) {
  return cut_for(stage, random, between(random, milliseconds(200), kSession - milliseconds(1000)));
}

std::string cut_long(Stage& stage, Random& random) {
  return cut_for(stage, random,
                 between(random, kSession + milliseconds(1000), kSession + milliseconds(6000)));
}

std::string delay_link(Stage& stage, Random& random) {
  Link& link = either(stage, random);
  const auto delay = between(random, milliseconds(20), milliseconds(400));
  const auto time = between(random, milliseconds(2000), milliseconds(8000));
  link.set_delay(delay);
  last(time);
  link.restore();
  return link.name() + " link by " + text(delay) + " for " + text(time);
}

// What a process has sent before it was killed arrives when another one has taken over.
std::string late_requests(Stage& stage, Random& random) {
  const size_t index = one_of(stage.mirrors, random);
  const auto cut = between(random, milliseconds(100), milliseconds(1500));
  const auto late = between(random, milliseconds(500), kSession + milliseconds(3000));
  stage.target.cut(of_one(stage.mirrors, index).chosen);
  last(cut);
  stage.mirrors.kill_hard(index);
  last(late);
  stage.target.restore();
  stage.mirrors.start(index);
  return mirror_name(index) + " cut for " + text(cut) + ", dead for " + text(late);
}

std::string restart_source_broker(Stage& stage, Random& random) {
  const int node = static_cast<int>(random() % kSourceBrokers) + 1;
  const auto gone = between(random, milliseconds(0), milliseconds(8000));
  stage.brokers.kill_hard("source", node);
  last(gone);
  stage.brokers.start("source", node);
  return "node " + std::to_string(node) + " gone for " + text(gone);
}

std::string restart_target_broker(Stage& stage, Random& random) {
  const auto gone = between(random, milliseconds(0), milliseconds(4000));
  stage.brokers.kill_hard("target", 1);
  last(gone);
  stage.brokers.start("target", 1);
  return "gone for " + text(gone);
}

// Processes start and measure while partitions have no leader.
std::string start_leaderless(Stage& stage, Random& random) {
  const int node = static_cast<int>(random() % kSourceBrokers) + 1;
  const auto before = between(random, milliseconds(0), milliseconds(7000));
  const auto after = between(random, milliseconds(1000), milliseconds(4000));
  stage.brokers.kill_hard("source", node);
  last(before);
  for (size_t i = 0; i < stage.mirrors.count(); ++i) stage.mirrors.kill_hard(i);
  for (size_t i = 0; i < stage.mirrors.count(); ++i) stage.mirrors.start(i);
  last(after);
  stage.brokers.start("source", node);
  return "node " + std::to_string(node) + " gone " + text(before) + " before all start and " +
         text(after) + " after";
}

std::string overrun_retention(Stage& stage, Random& random) {
  for (size_t i = 0; i < stage.mirrors.count(); ++i) stage.mirrors.freeze(i);
  const std::string what = stage.expiring.overrun(random());
  for (size_t i = 0; i < stage.mirrors.count(); ++i) stage.mirrors.thaw(i);
  return what;
}

std::string recreate_topic(Stage& stage, Random& random) {
  return stage.recreated.recreate(random());
}

std::string elect_uncleanly(Stage& stage, Random& random) {
  return stage.unclean.lose_records(stage.brokers, random());
}

}  // namespace

const std::vector<FaultRow> kFaultTable = {
    {"kill_process", 4, kill_process, ""},
    {"kill_all", 1, kill_all, ""},
    {"freeze_briefly", 2, freeze_briefly, ""},
    {"freeze_long", 3, freeze_long, ""},
    {"rolling_restart", 2, rolling_restart, ""},
    {"reset_link", 3, reset_link, ""},
    {"cut_briefly", 2, cut_briefly, ""},
    {"cut_long", 3, cut_long, ""},
    {"delay_link", 2, delay_link, ""},
    {"late_requests", 3, late_requests, ""},
    {"restart_source_broker", 3, restart_source_broker, ""},
    {"restart_target_broker", 2, restart_target_broker, ""},
    {"start_leaderless", 2, start_leaderless, ""},
    {"overrun_retention", 2, overrun_retention, "source_expired"},
    {"recreate_topic", 2, recreate_topic, "topic_recreated"},
    {"elect_uncleanly", 1, elect_uncleanly, "source_truncated"},
};

const FaultRow& FaultDeck::deal() {
  if (cards_.empty()) {
    for (const FaultRow& row : kFaultTable) {
      if (only_.empty() || only_ == row.name) cards_.insert(cards_.end(), row.cards, &row);
    }
    harness::require(!cards_.empty(), "there is no fault " + only_);
    Random random(seed_ * 1'000'003 + dealt_);
    for (size_t i = cards_.size() - 1; i > 0; --i) std::swap(cards_[i], cards_[random() % (i + 1)]);
  }
  const FaultRow* row = cards_.back();
  cards_.pop_back();
  ++dealt_;
  return *row;
}

Random FaultDeck::random() const { return Random(seed_ * 7919 + dealt_); }

}  // namespace longspan::chaos
