#include "mirror/surveyor.h"

#include <algorithm>
#include <utility>

#include "mirror/topics/config_sync.h"

namespace longspan {
namespace {

constexpr std::chrono::milliseconds kEndsInterval{1000};
constexpr std::size_t kEndsPerSecond = 2000;  // partitions; with more the interval stretches
constexpr std::chrono::milliseconds kWaitMax{250};
constexpr std::chrono::seconds kRetrySurvey{1};

std::optional<std::int64_t> max_message_bytes(const TopicConfig& config) {
  const auto bytes = config_number(config, "max.message.bytes");
  return bytes && *bytes > 0 ? bytes : std::nullopt;
}

// What the topic's broker will store anyway; absent: what the producer sends.
std::optional<std::string> codec_of(const TopicConfig& config) {
  const auto entry = config.find("compression.type");
  if (entry == config.end() || entry->second.value == "producer") return std::nullopt;
  return entry->second.value == "uncompressed" ? std::string("none") : entry->second.value;
}

// Of a compacted topic.
std::optional<std::chrono::milliseconds> delete_retention(const TopicConfig& config) {
  const auto policy = config.find("cleanup.policy");
  if (policy == config.end() || policy->second.value.find("compact") == std::string::npos) {
    return std::nullopt;
  }
  const auto ms = config_number(config, "delete.retention.ms");
  return ms ? std::optional(std::chrono::milliseconds(*ms)) : std::nullopt;
}

Event topic_event(EventKind kind, const std::string& source_topic, const std::string& text) {
  Event event;
  event.kind = kind;
  event.partition = TopicPartition{source_topic, 0};
  event.text = text;
  return event;
}

}  // namespace

Surveyor::Surveyor(const FlowConfig& flow, std::unique_ptr<Admin> source,
                   std::unique_ptr<Admin> target, Clock& clock, std::unique_ptr<Wakeup> wakeup,
                   std::function<void(SurveyNews)> news)
    : flow_(flow),
      live_(flow),
      source_(std::move(source)),
      target_(std::move(target)),
      clock_(clock),
      wakeup_(std::move(wakeup)),
      news_(std::move(news)),
      log_{{"flow", flow.name()}} {
  auto patterns = NamePatterns::make(flow.config_properties_exclude, "config.properties.exclude");
  if (patterns) config_exclude_ = *patterns;  // the file's patterns were checked when it was read
}

bool Surveyor::measure(Measure order) {
  const bool posted = measures_.post(std::move(order));
  wakeup_->notify();
  return posted;
}

void Surveyor::watch(Watched partitions) {
  std::ignore = watched_inbox_.post(std::move(partitions));
}

void Surveyor::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    take_changes();
    answer_measures();
    const auto now = clock_.steady();
    const bool is_due = flow_.refresh_topics && now >= next_survey_;
    if (survey_wanted_.exchange(false) || is_due) survey();
    if (clock_.steady() >= next_ends_) poll_ends();
    wakeup_->wait(kWaitMax);
  }
}

void Surveyor::take_changes() {
  for (auto& settings : changes_.take_all()) {
    live_ = std::move(settings);
    const auto now = clock_.steady();
    next_survey_ = std::min(next_survey_, now + live_.refresh_topics_interval);
    next_configs_ = std::min(next_configs_, now + live_.sync_topic_configs_interval);
  }
}

void Surveyor::tell_trouble() { news_(trouble_); }

void Surveyor::survey() {
  next_survey_ = clock_.steady() + live_.refresh_topics_interval;
  const auto source = source_->topics();
  trouble_.source = source ? std::nullopt : std::optional(source.error().text());
  has_source_answered_ = source.has_value();
  const auto target = target_->topics();
  trouble_.target = target ? std::nullopt : std::optional(target.error().text());
  tell_trouble();
  if (!source || !target) {
    // What is mirrored goes on; what is new waits.
    next_survey_ = clock_.steady() +
                   std::min<std::chrono::milliseconds>(kRetrySurvey, live_.refresh_topics_interval);
    return;
  }
  SurveyReport report;
  PlanInput input{*source, *target, flow_.topics, flow_.naming};
  input.known = known_;
  input.keeping_flows = flow_.keeping_flows;
  if (flow_.emit_heartbeats) {
    input.own_target_topics = {flow_.naming.target_heartbeats_topic()};
  }
  report.plan = plan_topics(input);
  tell_refused(report);
  const bool is_idle = report.plan.ready.empty() && report.plan.actions.empty();
  if (is_idle && !std::exchange(was_idle_, true)) {
    log_warn(log_, "no_topic_matches",
             {{"topics", flow_.topics.include_text()},
              {"text",
               "no topic of the source has a name that `topics` matches; whole names are "
               "compared"}});
  }
  was_idle_ = is_idle;
  if (has_duty_.load()) carry_out(report, *target);
  // Without the duty it only looks, for max.message.bytes and warnings.
  if (clock_.steady() >= next_configs_) sync_configs(report);
  for (const auto& ready : report.plan.ready) {
    auto& known = known_[ready.source.topic];
    if (known.id != ready.source_id) known = {ready.source_id, 0};
    known.partitions = std::max(known.partitions, ready.source.partition + 1);
  }
  report.settings = settings_;
  report.warnings = warnings_;
  for (auto& action : report.plan.actions) {
    const auto why = not_created_.find(action.source_topic);
    if (action.kind == TopicActionKind::create && why != not_created_.end()) {
      action.kind = TopicActionKind::refuse;
      action.reason = why->second;
    }
  }
  const bool has_changed =
      std::any_of(report.events.begin(), report.events.end(), [](const Event& event) {
        return event.kind == EventKind::topic_created || event.kind == EventKind::topic_grown;
      });
  news_(std::move(report));
  if (has_changed) {  // see what was created at once
    next_survey_ = {};
    next_configs_ = {};
  }
}

// One line and one event when a topic is refused, and others only for another reason.
void Surveyor::tell_refused(SurveyReport& report) {
  // Events are written by whoever has the duty; who gets it later tells what still holds.
  const bool has_duty = has_duty_.load();
  std::map<std::string, std::string> refused;
  for (const auto& action : report.plan.actions) {
    if (action.kind != TopicActionKind::refuse && action.kind != TopicActionKind::recreated)
      continue;
    refused[action.source_topic] = action.reason;
    const auto logged = refused_.find(action.source_topic);
    if (logged == refused_.end() || logged->second != action.reason) {
      log_warn(log_, "topic_not_mirrored",
               {{"topic", action.source_topic}, {"reason", action.reason}});
    }
    // A topic created anew is mirrored, and an event of its own.
    if (!has_duty || action.kind == TopicActionKind::recreated) continue;
    auto& told = told_[action.source_topic];
    if (told == action.reason) continue;
    told = action.reason;
    report.events.push_back(
        topic_event(EventKind::topic_refused, action.source_topic, action.reason));
  }
  refused_ = std::move(refused);
  if (has_duty) tell_accepted(report);
}

// Refused before, and not any more: mirrored, no longer matched, or gone.
void Surveyor::tell_accepted(SurveyReport& report) {
  std::set<std::string> waiting;  // those whose target topic still cannot be created
  for (const auto& action : report.plan.actions) {
    if (action.kind == TopicActionKind::create) waiting.insert(action.source_topic);
  }
  std::erase_if(not_created_, [&](const auto& at) { return !waiting.contains(at.first); });
  std::erase_if(told_, [&](const auto& at) {
    const auto& [topic, reason] = at;
    if (refused_.contains(topic) || waiting.contains(topic)) return false;
    report.events.push_back(
        topic_event(EventKind::topic_accepted, topic, "no longer refused: " + reason));
    return true;
  });
}

// A target topic that cannot be created: said once, and again only for another reason.
void Surveyor::tell_not_created(SurveyReport& report, const TopicAction& action,
                                const std::string& error) {
  const std::string reason = action.target_topic + " cannot be created: " + error;
  auto& told = not_created_[action.source_topic];
  if (told == reason) return;
  told = reason;
  told_[action.source_topic] = reason;
  log_warn(log_, "topic_not_created", {{"topic", action.target_topic}, {"error", error}});
  report.events.push_back(topic_event(EventKind::topic_refused, action.source_topic, reason));
}

void Surveyor::carry_out(SurveyReport& report, const std::vector<TopicInfo>& target) {
  std::vector<std::string> to_create;
  for (const auto& action : report.plan.actions) {
    if (action.kind == TopicActionKind::create) to_create.push_back(action.source_topic);
  }
  std::map<std::string, Result<TopicConfig>> source_configs;
  std::optional<TopicConfig> known_at_target;
  if (!to_create.empty()) {
    if (auto configs = source_->describe_configs(to_create)) source_configs = std::move(*configs);
    if (!target.empty()) {
      const auto any = target_->describe_configs({target.front().name});
      if (any && !any->empty() && any->begin()->second) known_at_target = *any->begin()->second;
    }
  }
  for (auto& action : report.plan.actions) {
    if (action.kind == TopicActionKind::create) {
      create(report, action, source_configs, known_at_target);
    } else if (action.kind == TopicActionKind::grow) {
      const auto grown = target_->grow_topic(action.target_topic, action.partitions);
      if (!grown) {
        action.reason = grown.error().text();
        log_warn(log_, "topic_not_grown",
                 {{"topic", action.target_topic}, {"error", action.reason}});
        continue;
      }
      report.events.push_back(topic_event(
          EventKind::topic_grown, action.source_topic,
          action.target_topic + " grown to " + std::to_string(action.partitions) + " partitions"));
    }
  }
}

void Surveyor::create(SurveyReport& report, const TopicAction& action,
                      const std::map<std::string, Result<TopicConfig>>& source_configs,
                      const std::optional<TopicConfig>& known_at_target) {
  NewTopic topic{action.target_topic, action.partitions, flow_.replication_factor, {}};
  const auto config = source_configs.find(action.source_topic);
  if (flow_.sync_topic_configs) {
    // With the configs or not at all: records written under default configs could be deleted.
    if (config == source_configs.end() || !config->second) {
      return tell_not_created(report, action,
                              "its configs cannot be read: " +
                                  (config == source_configs.end() ? "no answer from the source"
                                                                  : config->second.error().text()));
    }
    topic.configs = configs_for_create(*config->second, known_at_target, config_exclude_);
  }
  const auto created = target_->create_topic(topic);
  if (!created) {
    return tell_not_created(report, action, created.error().text());
  }
  not_created_.erase(action.source_topic);
  told_.erase(action.source_topic);
  report.events.push_back(topic_event(
      EventKind::topic_created, action.source_topic,
      action.target_topic + " created with " + std::to_string(action.partitions) + " partitions"));
}

void Surveyor::sync_configs(SurveyReport& report) {
  next_configs_ = clock_.steady() + live_.sync_topic_configs_interval;
  std::map<std::string, std::string> topics;  // source -> target
  for (const auto& ready : report.plan.ready) topics[ready.source.topic] = ready.target.topic;
  std::vector<std::string> sources;
  std::vector<std::string> targets;
  for (const auto& [source, target] : topics) {
    sources.push_back(source);
    targets.push_back(target);
  }
  const auto at_source = source_->describe_configs(sources);
  const auto at_target = target_->describe_configs(targets);
  if (!at_target) return;
  for (const auto& [source, target] : topics) {
    const auto there = at_target->find(target);
    if (there == at_target->end() || !there->second) continue;
    if (const auto bytes = max_message_bytes(*there->second)) {
      settings_.record_bytes_max[target] = *bytes;
    }
    if (const auto codec = codec_of(*there->second)) settings_.compression[target] = *codec;
    settings_.compacted_targets.erase(target);
    if (delete_retention(*there->second)) settings_.compacted_targets.insert(target);
    if (!at_source) continue;
    const auto here = at_source->find(source);
    if (here == at_source->end() || !here->second) continue;
    settings_.delete_retention.erase(source);
    if (const auto keeps = delete_retention(*here->second)) {
      settings_.delete_retention[source] = *keeps;
    }
    warnings_.erase(source);
    if (const auto replaced = timestamps_replaced_at_target(*there->second)) {
      warnings_[source] = *replaced;
    } else if (const auto risk =
                   expired_at_target_risk(*here->second, *there->second, {}, clock_.now())) {
      warnings_[source] = *risk;
    }
    if (!has_duty_.load() || !flow_.sync_topic_configs) continue;
    const auto changes = sync_changes(*here->second, *there->second, config_exclude_);
    if (changes.empty()) continue;
    if (const auto done = target_->alter_config(target, changes); !done) {
      log_warn(log_, "config_not_synced", {{"topic", target}, {"error", done.error().text()}});
      continue;
    }
    for (const auto& change : changes) {
      log_info(log_, "config_synced",
               {{"topic", target}, {"config", change.name}, {"value", change.value}});
    }
  }
}

void Surveyor::answer_measures() {
  const auto orders = measures_.take_all();
  if (orders.empty()) return;
  // One question a partition, however often it was asked: Kafka refuses duplicates as a whole.
  std::set<TopicPartition> sources;
  std::set<TopicPartition> targets;
  for (const auto& order : orders) {
    sources.insert(order.source);
    targets.insert(order.target);
  }
  std::set<std::string> names;
  for (const auto& source : sources) names.insert(source.topic);
  std::set<std::string> copies;
  for (const auto& target : targets) copies.insert(target.topic);
  // The ids first: of a topic that is created anew in between, the ends are then the old one's or
  // the measure is wrong about the id, and the next one is right.
  const auto ids = source_->topic_ids({names.begin(), names.end()});
  const auto target_ids = target_->topic_ids({copies.begin(), copies.end()});
  const auto at_source = source_->ends({sources.begin(), sources.end()});
  const auto at_target = target_->ends({targets.begin(), targets.end()});
  const auto id_of = [](const auto& all, const std::string& topic) -> std::optional<TopicId> {
    if (!all || !all->contains(topic) || all->at(topic) == kNoTopicId) return std::nullopt;
    return all->at(topic);
  };
  const auto pick = [](const auto& all, const TopicPartition& tp) -> Result<PartitionEnds> {
    if (!all) return all.error();
    const auto found = all->find(tp);
    if (found == all->end()) return fail(Next::retry, "no answer about the log's ends", tp.text());
    return found->second;
  };
  for (const auto& order : orders) {
    Measured measured{order.slot, order.source, pick(at_source, order.source),
                      pick(at_target, order.target), order.number};
    measured.source_id = id_of(ids, order.source.topic);
    measured.target_id = id_of(target_ids, order.target.topic);
    news_(MeasureAnswer{order.shard, std::move(measured)});
  }
}

// The ends of the partitions that this process mirrors: what the lag is counted from.
void Surveyor::poll_ends() {
  for (auto& list : watched_inbox_.take_all()) watched_ = std::move(list);
  const auto seconds = 1 + watched_.size() / kEndsPerSecond;
  next_ends_ = clock_.steady() + kEndsInterval * static_cast<int>(seconds);
  // While the source does not answer, the survey alone asks: the library retries the question about
  // leaders without a pause, and that costs most of a core for as long as it lasts.
  if (watched_.empty() || trouble_.source) return;
  std::vector<TopicPartition> sources;
  for (const auto& [source, target] : watched_) sources.push_back(source);
  const auto asked_at = clock_.steady();
  const auto ends = source_->ends(sources);
  const auto before = trouble_;
  trouble_.source = ends ? std::nullopt : std::optional(ends.error().text());
  if (trouble_.source.has_value() != before.source.has_value()) tell_trouble();
  if (!ends) {
    survey_wanted_.store(true);  // which asks again every second until it is answered
    return;
  }
  LogEndsReport report;
  report.ends.source_asked_at = asked_at;
  for (const auto& [tp, answer] : *ends) {
    if (answer) {
      report.ends.source.emplace(tp, *answer);
    } else if (answer.error().next == Next::retry) {
      report.ends.leaderless.insert(tp);
    }
  }
  // An answer without any end does not say that the source is there: the survey finds out.
  if (report.ends.source.empty()) {
    survey_wanted_.store(true);
    if (!std::exchange(has_source_answered_, false)) return;
  }
  if (!trouble_.target) poll_target_ends(report.ends);
  news_(std::move(report));
}

void Surveyor::poll_target_ends(LogEnds& ends) {
  std::vector<TopicPartition> targets;
  for (const auto& [source, target] : watched_) targets.push_back(target);
  ends.target_asked_at = clock_.steady();
  const auto answers = target_->ends(targets);
  if (!answers) {
    survey_wanted_.store(true);  // which finds out
    return;
  }
  ends.is_target_known = true;
  for (const auto& [source, target] : watched_) {
    const auto found = answers->find(target);
    if (found != answers->end() && found->second) ends.target.emplace(source, *found->second);
  }
}

}  // namespace longspan
