#include "tests/chaos/campaign.h"

#include <algorithm>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <regex>
#include <thread>

#include "tests/broker/harness/eventually.h"
#include "tests/broker/harness/mirror_run.h"
#include "tests/broker/harness/properties.h"
#include "tests/broker/harness/reader.h"
#include "tests/chaos/audit.h"
#include "tests/chaos/clock_text.h"
#include "tests/chaos/hanging_transactions.h"

namespace longspan::chaos {
namespace {

using std::chrono::seconds;

constexpr size_t kProcesses = 3;
constexpr seconds kFaultPace{5};
constexpr double kRecordsMax = 600'000;
constexpr double kRateMax = 1000;
const std::string kCompacted = "compacted";
const std::string kStateTopic = "longspan.east.west.state.internal";
const std::vector<std::string> kOrdinary = {"plain", "transactions", "large", kCompacted, "lonely"};
const std::vector<std::string> kMade = {"expiring", "recreated", "unclean"};  // by the faults

std::vector<TrafficTopic> traffic_topics(uint64_t seed) {
  using harness::Keys;
  return {
      {.name = "plain", .mix = {.seed = seed + 1, .partitions = 4, .value_bytes_max = 300}},
      {.name = "transactions", .mix = {.seed = seed + 2, .partitions = 3, .value_bytes_max = 600}},
      {.name = "large",
       .mix = {.seed = seed + 3, .partitions = 2, .value_bytes_max = 50'000},
       .portion_max = 6},
      {.name = kCompacted,
       .mix = {.seed = seed + 4,
               .partitions = 2,
               .keys = Keys::always,
               .distinct_keys = 200,
               .value_bytes_max = 200},
       .portion_max = 40}};
}

void make_ordinary_topics(const harness::Clusters& clusters, uint64_t seed) {
  harness::Admin admin(clusters.source);
  for (const TrafficTopic& topic : traffic_topics(seed)) {
    harness::Topic made{.name = topic.name, .partitions = topic.mix.partitions, .replicas = 3};
    if (topic.name == kCompacted) {
      made.configs = {{"cleanup.policy", "compact"},
                      {"segment.ms", "5000"},
                      {"min.cleanable.dirty.ratio", "0.1"},
                      {"max.compaction.lag.ms", "10000"}};
    }
    admin.create(made);
  }
}

// What longspan connects to is the proxies.
std::filesystem::path write_properties(harness::Clusters clusters, const CampaignPlan& plan) {
  clusters.source = clusters.source_proxy;
  clusters.target = clusters.target_proxy;
  return harness::Properties(clusters, ".*")
      .set("ownership.session.timeout.ms", std::to_string(kSession.count()))
      .set("refresh.topics.interval.seconds", "1")
      .set("on.data.loss", "continue")
      .set("park.retry.ms", "1500")
      .set("exactly.once.source.support", plan.is_exactly_once ? "enabled" : "disabled")
      .write(plan.folder / "mirrors");
}

// In order: everything written is readable, and the last stable offset is the end.
bool is_stable(harness::Admin& admin, const std::string& bootstrap, const std::string& topic) {
  for (int32_t p = 0, count = admin.partitions(topic); p < count; ++p) {
    const int64_t end = admin.range(topic, p).end;
    const int64_t read = harness::for_each_record(
        {.bootstrap = bootstrap, .topic = topic, .partition = p, .offset = end - 1},
        [](const harness::Record&) {});
    if (read < end) return false;
  }
  return true;
}

}  // namespace

Campaign::Campaign(const CampaignPlan& plan)
    : plan_(plan),
      brokers_(plan.folder / "clusters"),
      source_("source", brokers_.clusters().source_proxy, brokers_.clusters().source_backend),
      target_("target", brokers_.clusters().target_proxy, brokers_.clusters().target_backend),
      expiring_(brokers_.clusters()),
      recreated_(brokers_.clusters()),
      unclean_(brokers_.clusters()),
      lonely_(brokers_.clusters(), {.name = "lonely", .brokers = {kLonelyNode}}),
      file_(write_properties(brokers_.clusters(), plan)) {
  make_ordinary_topics(brokers_.clusters(), plan.seed);
  lonely_.write(1);
  const double rate = std::min(kRateMax, kRecordsMax / static_cast<double>(plan.length.count()));
  traffic_ = std::make_unique<Traffic>(brokers_.clusters().source, traffic_topics(plan.seed),
                                       TrafficPace{.seed = plan.seed, .records_per_second = rate});
  mirrors_ = std::make_unique<Mirrors>(file_, kProcesses);
  // What is lost before the flow has a position is not lost by it.
  harness::require(harness::wait_until_caught_up(brokers_.clusters().source, file_, kMade),
                   "the mirrors do not begin");
}

void Campaign::do_faults(const std::atomic<bool>& stopped) {
  if (is_cause(plan_.only)) return;
  FaultDeck deck(plan_.seed, plan_.only);
  const auto begin = std::chrono::steady_clock::now();
  const auto end = begin + plan_.length;
  auto due = begin + kFaultPace;
  while (due < end && !stopped) {
    std::this_thread::sleep_until(due);
    do_fault(deck);
    due = std::max(due + kFaultPace, std::chrono::steady_clock::now() + seconds(1));
  }
}

Stage Campaign::stage() {
  return {file_,     brokers_,   source_,  target_, *mirrors_,
          expiring_, recreated_, unclean_, lonely_, hung_};
}

void Campaign::do_fault(FaultDeck& deck) {
  Stage stage = this->stage();
  const FaultRow& row = deck.deal();
  Random random = deck.random();
  const auto now = std::chrono::system_clock::now();
  std::cout << clock_text() << " " << row.name << ": " << std::flush;
  const std::string what = row.does(stage, random);
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now() - now);
  std::cout << what << " (" << took.count() << " ms)" << std::endl;
  ++account_.done[std::string(row.name)];
  mirrors_->look_after();
}

bool Campaign::is_source_stable() {
  const std::string& bootstrap = brokers_.clusters().source;
  harness::Admin admin(bootstrap);
  for (const std::string& topic : kOrdinary) {
    const bool stable =
        harness::eventually(seconds(60), [&] { return is_stable(admin, bootstrap, topic); });
    if (!stable) return false;
  }
  return true;
}

bool Campaign::is_caught_up() {
  std::vector<std::string> topics = kOrdinary;
  topics.insert(topics.end(), kMade.begin(), kMade.end());
  return harness::wait_until_caught_up(brokers_.clusters().source, file_, topics);
}

// As an operator who reads what `longspan lag` gives as the reason.
void Campaign::end_hanging_transactions() {
  for (const std::string& ended : chaos::end_hanging_transactions(brokers_)) {
    std::cout << "ended a transaction that its coordinator does not know: " << ended << std::endl;
    ++account_.hanging;
  }
}

// A process that is killed while it reads a partition alone, twice, leaves it blamed: the reason in
// `longspan lag` names the command that has it tried again.
void Campaign::resume_blamed() {
  static const std::regex kCommand(
      R"(processes died while .* longspan resume \S+ --partition (\S+) --accept-loss (\d+/\d+))");
  const std::string lag = harness::ask("lag", file_).out;
  for (std::sregex_iterator at(lag.begin(), lag.end(), kCommand), end; at != end; ++at) {
    const auto finished = harness::ask(
        "resume", file_, {"--partition", (*at)[1].str(), "--accept-loss", (*at)[2].str()});
    harness::require(finished.exit_code == 0, "resume of a blamed partition: " + finished.err);
    std::cout << "blamed for kills, and tried again: " << (*at)[1].str() << std::endl;
    ++account_.blamed;
  }
}

void Campaign::calm_down() {
  source_.restore();
  target_.restore();
  brokers_.start_all();
  traffic_->stop();
  account_.written = traffic_->written();
  account_.writers_lost = traffic_->writers_lost();
  if (!is_source_stable()) {
    end_hanging_transactions();
    harness::require(is_source_stable(), "the source has had an open transaction for two minutes");
  }
  mirrors_->look_after();
  resume_blamed();
  bool caught_up = is_caught_up();
  if (!caught_up) {
    end_hanging_transactions();
    caught_up = is_caught_up();
  }
  if (!caught_up) {
    account_.faults.push_back(
        "NOT CAUGHT UP in 180 s of calm, so what is LOST below may only be late: " +
        harness::ask("lag", file_).out);
  }
  for (size_t i = 0; i < mirrors_->count(); ++i) mirrors_->stop(i);
  add("processes", mirrors_->problems());
}

void Campaign::add(const std::string& where, const std::vector<std::string>& faults) {
  for (const std::string& fault : faults) account_.faults.push_back(where + ": " + fault);
}

void Campaign::audit_topic(const NamedEvents& events, const std::string& topic) {
  const harness::Clusters& clusters = brokers_.clusters();
  const int32_t partitions = harness::Admin(clusters.source).partitions(topic);
  for (int32_t p = 0; p < partitions; ++p) {
    const auto source =
        harness::read_partition({.bootstrap = clusters.source, .topic = topic, .partition = p});
    const auto target = harness::read_partition(
        {.bootstrap = clusters.target, .topic = "east." + topic, .partition = p});
    const auto named = events.offsets(topic, p, kSecondCopyKinds);
    const Audit audit = topic == kCompacted ? audit_compacted(source, target, named)
                                            : audit_copies(source, target, named);
    for (const auto& record : source) read_[topic + ":" + std::to_string(p)].insert(record.offset);
    account_.records += audit.equal;
    account_.twice += audit.twice;
    account_.doubled += audit.doubled;
    add(topic + ":" + std::to_string(p), audit.faults);
  }
  for (const NamedEvent& event : events.of(topic, kLossKinds)) {
    account_.faults.push_back(topic + ":" + std::to_string(event.partition) +
                              " lost nothing, yet there is a " + event.kind + ": " + event.text);
  }
}

void Campaign::ask_verify(const std::string& topic) {
  const auto finished = harness::ask("verify", file_, {"--topic", topic, "--json"});
  if (finished.exit_code == 0) return;
  std::ofstream(plan_.folder / ("verify-" + topic + ".json")) << finished.out;
  const auto again = harness::ask("verify", file_, {"--topic", topic, "--json"});
  account_.faults.push_back("longspan verify --topic " + topic + " says otherwise (asked again: " +
                            std::to_string(again.exit_code.value_or(-1)) +
                            "): " + finished.out.substr(0, 1000) + finished.err.substr(0, 1000));
  keep_source(topic);
}

// Whether the source itself reads otherwise than it did, and its logs as the brokers have them.
void Campaign::keep_source(const std::string& topic) {
  const harness::Clusters& clusters = brokers_.clusters();
  for (auto& [partition, offsets] : read_) {
    if (!partition.starts_with(topic + ":")) continue;
    const int32_t number = std::stoi(partition.substr(topic.size() + 1));
    std::set<int64_t> now;
    for (const auto& record : harness::read_partition(
             {.bootstrap = clusters.source, .topic = topic, .partition = number})) {
      now.insert(record.offset);
    }
    std::set<int64_t> changed;
    std::set_symmetric_difference(offsets.begin(), offsets.end(), now.begin(), now.end(),
                                  std::inserter(changed, changed.end()));
    if (changed.empty()) continue;
    account_.faults.push_back(partition + " reads otherwise at the source than it did, offsets " +
                              ranges_of(changed));
  }
  const auto nodes = std::filesystem::directory_iterator(brokers_.folder() / "source");
  for (const auto& node : nodes) {
    if (!node.is_directory()) continue;
    for (const auto& each : std::filesystem::recursive_directory_iterator(node)) {
      const std::string name = each.path().filename();
      if (!each.is_directory() || !name.starts_with(topic + "-")) continue;
      const auto kept = plan_.folder / "source-logs" / node.path().filename() / name;
      std::filesystem::create_directories(kept);
      std::filesystem::copy(each, kept);
    }
  }
}

// Without its events nothing that follows is named, and all of it is told.
NamedEvents Campaign::ask_events() {
  try {
    return NamedEvents(file_);
  } catch (const harness::HarnessError& error) {
    account_.faults.emplace_back(error.what());
    return {};
  }
}

// For whoever looks for the cause: the clusters are gone by then.
void Campaign::keep_state() {
  std::ofstream file(plan_.folder / "state.log");
  const auto hex = [&](const harness::Bytes& bytes) {
    for (const char c : bytes.value_or("")) file << std::setw(2) << (c & 0xff);
  };
  file << std::hex << std::setfill('0');
  for (const auto& record : harness::read_topic(brokers_.clusters().target, kStateTopic)) {
    file << std::dec << record.partition << " " << record.offset << " " << record.timestamp_ms
         << std::hex << " ";
    hex(record.key);
    file << " ";
    hex(record.value);
    file << "\n";
  }
}

Account Campaign::settle() {
  calm_down();
  keep_state();
  const NamedEvents events = ask_events();
  account_.events = events.count_by_kind();
  for (const std::string& topic : kOrdinary) audit_topic(events, topic);
  if (plan_.is_exactly_once && account_.twice > 0) {
    account_.faults.push_back("SECOND COPIES although there may be none: " +
                              std::to_string(account_.twice));
  }
  add("expiring", expiring_.check(events));
  add("recreated", recreated_.check(events));
  add("unclean", unclean_.check(events));
  for (const std::string& topic : kOrdinary) ask_verify(topic);
  account_.event_log = events.text();
  std::ofstream(plan_.folder / "events.log") << account_.event_log;
  return account_;
}

}  // namespace longspan::chaos
