// mirror/schemas/id_check.h - whether the ids and GUIDs that mirrored records carry mean the same
// in both registries.
//
// - A topic's keys or values count as framed when a registry knows at least one of the marks that
//   they seem to carry, or when a header carries one: a leading zero or one alone proves nothing.
// - An id is asked for in the contexts that its topic's subject has at the source, and where that
//   context is mirrored to on the target; each once. GUIDs have no context.
// - Two schemas are the same when type, text and references are, the references by the names that
//   their subjects have on the target, and when what they refer to is the same in its turn.
//   Metadata and rule sets count where both sides tell them.
//
// Errors:  none; what could not be asked for is `unchecked` in the result, with the reason.
// Limits:  kRequestsAtOnce.
// Threads: starts its own and joins them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mirror/schemas/id_census.h"
#include "mirror/schemas/registry.h"
#include "mirror/schemas/subject_rules.h"

namespace longspan {

enum class MarkVerdict : std::uint8_t {
  equal,
  different,
  missing_on_target,  // readers there fail
  unknown,            // the source's registry does not know it
  unchecked,          // a registry could not be asked
};
[[nodiscard]] std::string_view name(MarkVerdict verdict);

struct CheckedMark {
  SchemaMark mark;
  SeenMark seen;
  MarkVerdict verdict{};
  std::string reason;  // one sentence, no full stop; empty: equal
};

// The keys or the values of a topic.
struct CheckedPart {
  std::string topic;  // on the target
  RecordPart part{};
  std::vector<CheckedMark> marks;  // empty: it is not framed
  std::int64_t unframed = 0;       // records with other bytes
  bool has_more = false;           // marks that were not looked at
};

struct IdCheck {
  std::vector<CheckedPart> parts;  // without those that hold nothing
  std::map<TopicPartition, Error> unread;

  // No mark that was checked is anything but equal.
  [[nodiscard]] bool is_equal() const;
  // What was not checked, and why, on one line; absent: everything was.
  [[nodiscard]] std::optional<std::string> gaps() const;
};

struct RegistrySides {
  Registry& source;
  Registry& target;
  const SubjectRules& rules;
  // The source topic of a target topic.
  std::function<std::string(const std::string&)> source_topic;
};

[[nodiscard]] IdCheck check_ids(const Census& census, const RegistrySides& sides);

}  // namespace longspan
