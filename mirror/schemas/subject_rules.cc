#include "mirror/schemas/subject_rules.h"

#include "mirror/schemas/plan.h"

namespace longspan {

std::optional<std::string_view> topic_of_subject(std::string_view subject) {
  for (const std::string_view suffix : {"-value", "-key"}) {
    if (subject.size() <= suffix.size() || !subject.ends_with(suffix)) continue;
    return subject.substr(0, subject.size() - suffix.size());
  }
  return std::nullopt;
}

std::set<std::string> contexts_of(const std::set<Subject>& subjects) {
  std::set<std::string> out;
  for (const auto& subject : subjects) out.insert(subject.context);
  return out;
}

bool SubjectRules::selects(const Subject& subject) const {
  return config_.contexts.matches(subject.context) && selects_name(subject.name);
}

bool SubjectRules::selects_name(std::string_view name) const {
  if (name == kReservedSubject) return false;
  if (!config_.subjects.matches(name)) return false;
  if (config_.subjects_exclude.matches(name)) return false;
  const auto topic = topic_of_subject(name);
  const bool follows_topic = topic && config_.rename == SubjectRename::policy;
  return !follows_topic || (topics_.matches(*topic) && !naming_.is_cycle(*topic));
}

bool SubjectRules::writes(const Subject& target) const {
  const bool is_context = config_.target_context.empty() ? config_.contexts.matches(target.context)
                                                         : target.context == config_.target_context;
  if (!is_context) return false;
  if (target.name == kReservedSubject) return true;
  const auto topic = topic_of_subject(target.name);
  if (config_.rename == SubjectRename::none || !topic) return selects_name(target.name);
  const auto source = naming_.source_topic_of(*topic);
  return source && selects_name(*source + target.name.substr(topic->size()));
}

std::vector<Subject> SubjectRules::origins_of(const Subject& target,
                                              std::set<std::string> contexts) const {
  if (config_.target_context.empty()) {
    contexts = {target.context};
  } else {
    contexts.insert(std::string(kDefaultContext));
  }
  std::set<std::string> names = {target.name};
  const auto topic = topic_of_subject(target.name);
  const auto source = topic ? naming_.source_topic_of(*topic) : std::nullopt;
  if (source) names.insert(*source + target.name.substr(topic->size()));
  std::vector<Subject> out;
  for (const auto& context : contexts) {
    for (const auto& name : names) {
      const Subject origin{context, name};
      if (selects(origin) && target_subject(origin) == target) out.push_back(origin);
    }
  }
  return out;
}

bool SubjectRules::is_named_after_source(const Subject& target) const {
  if (!writes(target)) return false;
  const auto topic = topic_of_subject(target.name);
  if (config_.rename == SubjectRename::none || !topic) return false;
  const auto source = naming_.source_topic_of(*topic);
  return source && *source != *topic;
}

Subject SubjectRules::target_subject(const Subject& subject) const {
  Subject out = subject;
  if (!config_.target_context.empty()) out.context = config_.target_context;
  const auto topic = topic_of_subject(subject.name);
  if (config_.rename == SubjectRename::policy && topic && topics_.matches(*topic)) {
    out.name = naming_.target_topic(*topic) + subject.name.substr(topic->size());
  }
  return out;
}

}  // namespace longspan
