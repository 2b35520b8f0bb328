// tests/chaos/campaign.h - one run: traffic, three processes, faults for a while, then the account.
//
// Errors:  HarnessError when the run itself is broken; what longspan did wrong is in the account.
// Threads: one thread, besides the traffic's.
// Owns:    the clusters, the processes and the files, all below `folder`.
// Limits:  what is written shrinks with the length, so that all logs stay below 2 GB.

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/chaos/cause_table.h"
#include "tests/chaos/fault_table.h"
#include "tests/chaos/traffic.h"

namespace longspan::chaos {

struct CampaignPlan {
  std::filesystem::path folder;
  std::chrono::seconds length{600};
  uint64_t seed = 1;
  std::string only = {};  // this fault, or what lasts, and nothing else
  bool is_exactly_once = false;
};

struct Account {
  std::vector<std::string> faults;  // of longspan: empty is a pass
  std::map<std::string, size_t> done;
  std::vector<std::string> causes;  // that were named first, and after how long
  std::map<std::string, size_t> events;
  std::string event_log;
  size_t records = 0;
  size_t twice = 0;
  size_t doubled = 0;  // by our own writers at the source
  uint64_t written = 0;
  uint64_t writers_lost = 0;
  size_t hanging = 0;  // transactions that had to be ended by hand
  size_t blamed = 0;   // partitions that had to be tried again by hand
};

class Campaign {
 public:
  explicit Campaign(const CampaignPlan& plan);

  // One line to stdout for each fault. Ends early when `stopped`.
  void do_faults(const std::atomic<bool>& stopped);
  // What lasts, one after the other: the flow must name each first, and be calm in between.
  void do_causes(const std::atomic<bool>& stopped);
  Account settle();

 private:
  Stage stage();
  void do_fault(FaultDeck& deck);
  void do_cause(const CauseRow& row);
  std::vector<Said> say_anything_but_calm();
  bool become_calm(const std::string& when);
  void calm_down();
  bool is_source_stable();
  bool is_caught_up();
  void end_hanging_transactions();
  void resume_blamed();
  void keep_state();
  NamedEvents ask_events();
  void audit_topic(const NamedEvents& events, const std::string& topic);
  void ask_verify(const std::string& topic);
  void keep_source(const std::string& topic);
  void add(const std::string& where, const std::vector<std::string>& faults);

  CampaignPlan plan_;
  Brokers brokers_;
  Link source_;
  Link target_;
  ExpiringTopic expiring_;
  RecreatedTopic recreated_;
  UncleanTopic unclean_;
  WrittenTopic lonely_;
  std::unique_ptr<harness::Writer> hung_;
  std::filesystem::path file_;
  std::unique_ptr<Traffic> traffic_;
  std::unique_ptr<Mirrors> mirrors_;
  std::map<std::string, std::set<int64_t>> read_;  // of the source, by topic:partition
  Account account_;
};

}  // namespace longspan::chaos
