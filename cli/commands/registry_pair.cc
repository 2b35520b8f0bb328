#include "cli/commands/registry_pair.h"

#include <utility>

#include "cli/views/progress_bar.h"
#include "mirror/schemas/gone_subjects.h"
#include "mirror/schemas/inventory.h"

namespace longspan {
namespace {

Error error_of(const std::string& side, const RegistryError& error) {
  const bool is_away = error.kind == RegistryError::Kind::unreachable;
  return {is_away ? Next::retry : Next::park_partition, 0,
          "the registry of " + side + ": " + error.text(), ""};
}

Result<Inventory> read(const std::string& side, InventoryReader reader) {
  ProgressBar bar;
  const auto show = [&](std::size_t done, std::size_t all) {
    bar.show("read " + side, static_cast<std::int64_t>(done), static_cast<std::int64_t>(all));
  };
  reader.on_progress = show;
  auto inventory = read_inventory(reader);
  if (!inventory) return error_of(side, inventory.error());
  return std::move(*inventory);
}

}  // namespace

RegistryPair::RegistryPair(const FlowConfig& flow, std::unique_ptr<RegistryClient> source,
                           std::unique_ptr<RegistryClient> target)
    : flow_(flow),
      rules_(flow.schemas, flow.naming, flow.topics),
      source_(std::move(source)),
      target_(std::move(target)) {}

Result<RegistryPair> RegistryPair::open(const FlowConfig& flow) {
  for (const auto* side : {&flow.source, &flow.target}) {
    if (!side->registry.urls.empty()) continue;
    return fail(Next::stop_process, "the file names no schema registry of " + side->alias + ": " +
                                        side->alias + ".schema.registry.url");
  }
  auto source = open_registry(flow.source.registry, {});
  if (!source) return source.error();
  auto target = open_registry(flow.target.registry, {});
  if (!target) return target.error();
  return RegistryPair(flow, std::move(*source), std::move(*target));
}

Result<Inventory> RegistryPair::read_source() {
  const auto wants = [this](const Subject& subject) { return rules_.selects(subject); };
  return read(flow_.source.alias, {.registry = *source_, .wants = wants, .with_modes = false});
}

// With the modes of contexts that it may not have yet. What the source has is no concern of
// `topics`: it is put into IMPORT anyway.
Result<Inventory> RegistryPair::read_target(const Inventory* source,
                                            const std::set<std::string>& topics) {
  InventoryReader reader{.registry = *target_, .wants = [](const Subject&) { return true; }};
  reader.known = subjects_of(topics, source);
  if (source != nullptr) {
    const auto names = target_names(*source);
    reader.contexts = contexts_of(names);
    std::erase_if(reader.known, [&](const auto& each) { return names.contains(each); });
  }
  return read(flow_.target.alias, std::move(reader));
}

std::set<Subject> RegistryPair::subjects_of(const std::set<std::string>& topics,
                                            const Inventory* source) const {
  std::set<Subject> out;
  if (topics.empty()) return out;
  std::set<std::string> contexts = {std::string(kDefaultContext)};
  // Those of the target alone may be another flow's.
  if (source != nullptr) {
    if (const auto told = source_->contexts()) contexts.insert(told->begin(), told->end());
    for (const auto& [subject, entry] : source->subjects) contexts.insert(subject.context);
  }
  for (const auto& topic : topics) {
    for (const auto& context : contexts) {
      for (const char* suffix : {"-key", "-value"}) {
        const Subject subject{context, topic + suffix};
        if (rules_.selects(subject)) out.insert(rules_.target_subject(subject));
      }
    }
  }
  return out;
}

SchemaPlan RegistryPair::plan_of(const Inventory& source, const Inventory& target,
                                 bool is_pruning) const {
  const auto rename = [this](const Subject& subject) { return rules_.target_subject(subject); };
  return make_plan(source, target,
                   {rename, is_pruning, find_gone(*source_, rules_, source, target)});
}

Result<SchemaPlan> RegistryPair::plan(bool is_pruning, const std::set<std::string>& topics) {
  const auto source = read_source();
  if (!source) return source.error();
  const auto target = read_target(&*source, topics);
  if (!target) return target.error();
  return plan_of(*source, *target, is_pruning);
}

std::set<Subject> RegistryPair::target_names(const Inventory& source) const {
  std::set<Subject> out;
  for (const auto& [subject, entry] : source.subjects) out.insert(rules_.target_subject(subject));
  return out;
}

Result<RegistryPair::InImport> RegistryPair::subjects_in_import(const std::set<Subject>& ours) {
  const auto found = longspan::subjects_in_import(*target_, rules_, ours);
  if (!found) return target_error(found.error());
  InImport out;
  for (const auto& subject : *found) {
    (ours.contains(subject) ? out.ours : out.others).push_back(subject);
  }
  return out;
}

SetBack RegistryPair::set_back(const std::vector<Subject>& subjects) {
  ProgressBar bar;
  return longspan::set_back(*target_, subjects, [&](std::size_t done, std::size_t all) {
    bar.show("set back", static_cast<std::int64_t>(done), static_cast<std::int64_t>(all));
  });
}

SyncOutcome RegistryPair::carry_out(const SchemaPlan& plan) {
  ProgressBar bar;
  const auto show = [&](std::size_t done, std::size_t all) {
    bar.show("sync", static_cast<std::int64_t>(done), static_cast<std::int64_t>(all));
  };
  return run_sync(
      {.target = *target_, .on_progress = show, .on_incompatible = flow_.schemas.on_incompatible},
      plan);
}

GivenOutIds RegistryPair::given_out(const Inventory& source) const {
  return ids_given_out(source,
                       [this](const Subject& subject) { return rules_.target_subject(subject); });
}

Result<std::vector<std::string>> RegistryPair::reserve(const GivenOutIds& ids) {
  InventoryReader reader{.registry = *target_, .wants = [](const Subject&) { return true; }};
  for (const auto& [context, id] : ids.highest) reader.contexts.insert(context);
  const auto target = read(flow_.target.alias, std::move(reader));
  if (!target) return target.error();
  std::vector<std::string> left;
  for (const auto& [context, why] : ids.unknown) {
    left.push_back("the highest id of context " + context + " at the source is not known (" + why +
                   ")");
  }
  const auto plan = plan_reservations(ids, *target);
  for (const auto& each : plan.differences) {
    if (!each.can_be_ended) left.push_back(each.reason);
  }
  const auto outcome = carry_out(plan);
  if (outcome.lost) return target_error(*outcome.lost);
  if (outcome.refused) left.push_back(*outcome.refused);
  for (const auto& each : outcome.failures) left.push_back(each.reason);
  return left;
}

IdCheck RegistryPair::check_ids(
    const Census& census, const std::function<std::string(const std::string&)>& source_topic) {
  return longspan::check_ids(census, {*source_, *target_, rules_, source_topic});
}

Error RegistryPair::target_error(const RegistryError& error) const {
  return error_of(flow_.target.alias, error);
}

}  // namespace longspan
