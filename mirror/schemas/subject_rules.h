// mirror/schemas/subject_rules.h - which subjects of the source are mirrored, and under which
// names.
//
// Subjects of topics (orders-key, orders-value; TopicNameStrategy) follow their topic where the
// replication policy renames it: east.orders-value. So the target keeps orders-value for its own
// topic orders, and two flows in opposite directions never meet in one subject. All other subjects
// keep their names. A subject of a topic that came from the target is not mirrored back.
//
// Errors:  none; patterns were compiled before.
// Threads: a value; const calls are safe from anywhere.
// Source:  Confluent's TopicNameStrategy; KIP-382.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mirror/schemas/schema.h"
#include "mirror/topics/name_patterns.h"
#include "mirror/topics/naming.h"
#include "mirror/topics/topic_filter.h"

namespace longspan {

enum class SubjectRename : std::uint8_t { policy, none };

// A new version that breaks its subject's compatibility level on the target.
enum class OnIncompatible : std::uint8_t {
  warn,  // it is imported nevertheless, and told
  hold,  // it is not imported, and its records wait
};

// schema.subjects and its neighbours.
struct SubjectConfig {
  NamePatterns subjects;
  NamePatterns subjects_exclude;
  NamePatterns contexts;
  SubjectRename rename = SubjectRename::policy;
  std::string target_context;  // of everything that is mirrored; empty: its own
  OnIncompatible on_incompatible = OnIncompatible::warn;
};

class SubjectRules {
 public:
  SubjectRules(SubjectConfig config, Naming naming, TopicFilter topics)
      : config_(std::move(config)), naming_(std::move(naming)), topics_(std::move(topics)) {}

  [[nodiscard]] bool selects(const Subject& subject) const;
  [[nodiscard]] Subject target_subject(const Subject& subject) const;
  // Of the target: by its name it is, or could be, one that is mirrored to, or holds reserved ids.
  [[nodiscard]] bool writes(const Subject& target) const;
  // What it may be called at the source: in its own context, or where all are mirrored to one in
  // the default one and each of `contexts`.
  [[nodiscard]] std::vector<Subject> origins_of(const Subject& target,
                                                std::set<std::string> contexts) const;
  // Of the target: its name says by itself that it comes from this flow's source.
  [[nodiscard]] bool is_named_after_source(const Subject& target) const;

 private:
  [[nodiscard]] bool selects_name(std::string_view name) const;

  SubjectConfig config_;
  Naming naming_;
  TopicFilter topics_;
};

[[nodiscard]] std::set<std::string> contexts_of(const std::set<Subject>& subjects);

// "orders" of orders-key and orders-value.
[[nodiscard]] std::optional<std::string_view> topic_of_subject(std::string_view subject);

}  // namespace longspan
