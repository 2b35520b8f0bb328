// What a Flow has to do with schema registries: the duty's thread, and what it finds as events.
#include <algorithm>
#include <utility>

#include "mirror/flow.h"
#include "mirror/schemas/handover.h"
#include "mirror/slot_hash.h"

namespace longspan {
namespace {

constexpr std::chrono::milliseconds kTopicPatience{3'000};

Event event_of(const Command& command) {
  const bool is_over = command.kind == CommandKind::hand_over_schemas;
  Event event;
  event.kind = is_over ? EventKind::schemas_handed_over : EventKind::schemas_handed_back;
  event.text = (is_over ? "handed over by " : "handed back by ") + command.who +
               (command.text.empty() ? "" : ": " + command.text);
  return event;
}

// A former owner of the slot may have told of the command.
bool is_told(const Command& command, const std::vector<Event>& events) {
  const Event wanted = event_of(command);
  bool out = false;
  for (const auto& event : events) {
    const bool is_of_this = event.kind == EventKind::schemas_handed_over ||
                            event.kind == EventKind::schemas_handed_back;
    if (is_of_this) out = event.kind == wanted.kind && event.text == wanted.text;
  }
  return out;
}

// The gate's clients are its own, for the duty's may be busy with thousands of requests. It asks
// again by itself, and records wait for its answers.
RegistrySettings for_gate(RegistrySettings settings) {
  settings.limits.total_timeout =
      std::min<std::chrono::milliseconds>(settings.limits.total_timeout, std::chrono::seconds(5));
  settings.retry.tries_max = static_cast<int>(settings.urls.size());
  return settings;
}

}  // namespace

bool Flow::has_registries() const {
  return !config_.source.registry.urls.empty() && !config_.target.registry.urls.empty();
}

Result<void> Flow::start_gate() {
  if (!has_registries()) return {};
  const auto stop = schema_stop_.get_token();
  auto source = ports_.make_registry(for_gate(config_.source.registry), stop);
  if (!source) return source.error();
  auto target = ports_.make_registry(for_gate(config_.target.registry), stop);
  if (!target) return target.error();
  const auto changed = [this] {
    for (const auto& running : shards_) running.wakeup->notify();
  };
  const auto awaited = [this](const SchemaHurry& hurry) { schema_duty_->hurry(hurry); };
  schema_gate_ = std::make_unique<SchemaGate>(
      std::move(*source), std::move(*target),
      GateContexts{config_.schemas.contexts, config_.schemas.target_context}, *ports_.clock,
      GateNews{changed, awaited});
  return {};
}

// For the times in Avro records.
Result<void> Flow::start_writer_schemas() {
  const bool is_wanted = !config_.source.registry.urls.empty() && config_.latency_samples > 0;
  if (!is_wanted) return {};
  const auto stop = schema_stop_.get_token();
  auto source = ports_.make_registry(for_gate(config_.source.registry), stop);
  if (!source) return source.error();
  writer_schemas_ = std::make_unique<WriterSchemas>(std::move(*source), config_.schemas.contexts,
                                                    StampNames(), *ports_.clock);
  writer_schemas_thread_ = std::jthread([this, stop] { writer_schemas_->run(stop); });
  return {};
}

Result<void> Flow::start_schemas() {
  if (!has_registries()) return {};
  const auto stop = schema_stop_.get_token();
  auto source = ports_.make_registry(config_.source.registry, stop);
  if (!source) return source.error();
  auto target = ports_.make_registry(config_.target.registry, stop);
  if (!target) return target.error();
  SchemaDutyLimits limits;
  limits.on_incompatible = config_.schemas.on_incompatible;
  schema_duty_ = std::make_unique<SchemaDuty>(
      SubjectRules(config_.schemas, config_.naming, config_.topics), std::move(*source),
      std::move(*target), *ports_.clock, limits, [this](const SchemaStatus& status) {
        schema_gate_->look_again();
        if (!schema_news_.post(status)) log_error(log_, "schema_news_dropped");
        wakeup_->notify();
      });
  schema_thread_ = std::jthread([this, stop] { schema_duty_->run(stop); });
  gate_thread_ = std::jthread([this, stop] { schema_gate_->run(stop); });
  make_schema_topic();
  if (!schema_topic_) return {};
  schema_topic_thread_ = std::jthread([this, stop] { schema_topic_->run(stop); });
  return {};
}

// In each process: whose duty it is may change.
void Flow::make_schema_topic() {
  const auto& topic = config_.source.registry.topic;
  if (topic.empty()) return;
  const std::string id = "longspan|" + config_.name() + "|schemas";
  SchemaTopicPorts ports{*ports_.clock, ports_.make_wakeup(), {}, {}};
  ports.make_source = [this, id](Wakeup& wakeup) {
    SourceLimits limits;
    limits.bytes_max = SchemaTopicWatch::kBytesMax;
    limits.partitions_max = 1;
    return ports_.make_source(config_.source, id, limits, wakeup);
  };
  ports.make_admin = [this, id] {
    const auto patience = std::min(config_.admin_timeout, kTopicPatience);
    return ports_.make_admin(config_.source, id, patience);
  };
  schema_topic_ = std::make_unique<SchemaTopicWatch>(
      topic, std::move(ports), log_,
      [this](const SchemaHurry& hurry) { schema_duty_->hurry(hurry); });
}

void Flow::take_schema_news() {
  std::vector<Event> events;
  for (const auto& status : schema_news_.take_all()) {
    if (std::exchange(schemas_incompatible_, status.incompatible_total) <
        status.incompatible_total) {
      log_warn(log_, "schema_incompatible",
               {{"text", status.incompatible.value_or("")}, {"total", status.incompatible_total}});
      Event event;
      event.kind = EventKind::schema_incompatible;
      event.text = status.incompatible.value_or("");
      events.push_back(std::move(event));
    }
    auto trouble = trouble_of(status);
    if (trouble.empty()) {
      log_info(log_, "schemas_mirrored", {{"imported_total", status.imported_total}});
    } else {
      log_warn(log_, "schemas_differ",
               {{"text", trouble}, {"differences", status.differences_total}});
    }
    if (trouble == schema_trouble_) continue;
    Event event;
    event.kind = trouble.empty() ? EventKind::schemas_equal : EventKind::schemas_differ;
    event.text = trouble.empty() ? "the target's registry holds what the source's holds" : trouble;
    events.push_back(std::move(event));
    schema_trouble_ = std::move(trouble);
  }
  if (!events.empty()) tell_events(kSchemasDuty, std::move(events));
}

void Flow::restore_schemas_command(const SlotState& state) {
  schemas_command_.reset();
  if (schema_duty_) schema_duty_->set_handed_over({});
  const auto& command = state.schemas_command();
  if (!command) return;
  take_schemas_command(*command);
  is_schemas_command_told_ = is_told(*command, state.events());
}

void Flow::take_schemas_command(const Command& command) {
  schemas_command_ = command;
  is_schemas_command_told_ = false;
  if (schema_duty_) schema_duty_->set_handed_over(handover_of(command));
}

// The event is what the command waits for: nothing of ours is written any more.
void Flow::tell_schemas_command() {
  if (!schemas_command_ || is_schemas_command_told_ || !has_duty(kSchemasDuty)) return;
  const bool is_over = schemas_command_->kind == CommandKind::hand_over_schemas;
  if (is_over && schema_duty_ && !schema_duty_->is_at_rest()) return;
  tell_events(kSchemasDuty, {event_of(*schemas_command_)});
  is_schemas_command_told_ = true;
}

}  // namespace longspan
