// mirror/surveyor.h - the thread of a flow that asks both clusters about themselves: which topics,
// where their logs end, what their configs are; and that creates what is missing on the target.
//
// These calls wait, so they have a thread of their own: neither records nor the ownership group
// wait for them. Creating, growing and config sync are one process's duty (set_duty), looking is
// everybody's.
//
// Errors:  a cluster that does not answer is `trouble` in the report; a topic in trouble is an
//          action of the plan. Everything is asked again at the next interval.
// Threads: run() on one thread; measure(), set_duty(), request_survey() from anywhere.
// Owns:    its two Admin clients.
// Limits:  kMeasuresMax orders waiting.
// Source:  mirror/topics/plan.h, mirror/topics/config_sync.h.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "mirror/admin.h"
#include "mirror/flow_config.h"
#include "mirror/inbox.h"
#include "mirror/ports.h"
#include "mirror/shard_messages.h"
#include "mirror/topics/plan.h"
#include "tracing/log.h"

namespace longspan {

struct SurveyReport {
  TopicPlan plan;
  TopicSettings settings;
  std::map<std::string, std::string> warnings;  // by source topic
  std::vector<Event> events;                    // what was created or grown
};
struct MeasureAnswer {
  std::int32_t shard = 0;
  Measured measured;
};
struct LogEndsReport {
  LogEnds ends;
};
struct ClusterTrouble {
  std::optional<std::string> source;  // absent: it answered
  std::optional<std::string> target;
};
using SurveyNews = std::variant<SurveyReport, MeasureAnswer, LogEndsReport, ClusterTrouble>;

class Surveyor {
 public:
  static constexpr std::size_t kMeasuresMax = 1'000'000;

  // `news` is called on the surveyor's thread.
  Surveyor(const FlowConfig& flow, std::unique_ptr<Admin> source, std::unique_ptr<Admin> target,
           Clock& clock, std::unique_ptr<Wakeup> wakeup, std::function<void(SurveyNews)> news);

  void run(const std::stop_token& stop);
  [[nodiscard]] bool measure(Measure order);
  // This process creates and grows topics and syncs configs from now on, or no longer.
  void set_duty(bool has_duty) { has_duty_.store(has_duty); }
  // The file was read again.
  void change(LiveSettings settings) { std::ignore = changes_.post(std::move(settings)); }
  void request_survey() {
    survey_wanted_.store(true);
    wakeup_->notify();
  }
  // Partitions, source and target, whose ends are polled.
  using Watched = std::vector<std::pair<TopicPartition, TopicPartition>>;
  void watch(Watched partitions);
  void wake() { wakeup_->notify(); }

 private:
  void take_changes();
  void survey();
  void tell_refused(SurveyReport& report);
  void tell_accepted(SurveyReport& report);
  void tell_not_created(SurveyReport& report, const TopicAction& action, const std::string& error);
  void carry_out(SurveyReport& report, const std::vector<TopicInfo>& target);
  void create(SurveyReport& report, const TopicAction& action,
              const std::map<std::string, Result<TopicConfig>>& source_configs,
              const std::optional<TopicConfig>& known_at_target);
  void sync_configs(SurveyReport& report);
  void answer_measures();
  void poll_ends();
  void poll_target_ends(LogEnds& ends);
  void tell_trouble();

  const FlowConfig& flow_;
  LiveSettings live_;  // what of flow_ changes: nobody here reads flow_ for these
  std::unique_ptr<Admin> source_;
  std::unique_ptr<Admin> target_;
  Clock& clock_;
  std::unique_ptr<Wakeup> wakeup_;
  std::function<void(SurveyNews)> news_;
  NamePatterns config_exclude_;
  const LogContext log_;
  std::map<std::string, KnownTopic> known_;  // mirrored since this process started
  TopicSettings settings_;
  std::map<std::string, std::string> warnings_;
  std::map<std::string, std::string> refused_;      // source topic -> why, as last logged
  std::map<std::string, std::string> told_;         // the same, as last told by an event
  std::map<std::string, std::string> not_created_;  // the same, of its target topic
  Inbox<Measure> measures_{kMeasuresMax};
  Inbox<LiveSettings> changes_{100};
  Inbox<Watched> watched_inbox_{1000};
  Watched watched_;
  std::atomic<bool> has_duty_{false};
  std::atomic<bool> survey_wanted_{true};
  bool was_idle_ = false;             // no topic was wanted
  bool has_source_answered_ = false;  // a survey, since ends were asked for and none was told
  ClusterTrouble trouble_;
  Clock::Steady next_survey_{};
  Clock::Steady next_configs_{};
  Clock::Steady next_ends_{};
};

}  // namespace longspan
