// mirror/schemas/plan.h - what has to be done so that the target registry holds what the source
// holds: same version and id under each subject, same text; and what cannot be done.
//
// Arithmetic on two inventories; asks nobody. A second plan, made after all steps of the first were
// carried out, is empty.
//
// - A subject may have another name on the target; then references to it are renamed with it.
// - Imports are ordered: the subject's IMPORT mode, what the schema refers to, the version before.
//   Who refers to a version that cannot be had on the target as it is at the source, over others
//   even, is not imported: there it would mean something else.
// - A context that the target cannot have is mirrored nowhere: elsewhere its ids mean others.
// - A version that is new to a subject with live ones is checked for compatibility, by the settings
//   of the source: they are written first there.
// - Ids that the source gave out and has forgotten are reserved: the target's own count goes on
//   behind the source's highest.
// - What the source deleted for good stays on the target, and is told: records there may still
//   carry its id. `is_pruning` deletes it softly, but nothing in a subject that is somebody else's.
// - Where the target's mode lets nobody write nothing is written, nor is that mode changed.
//
// Errors:  none; what stands in the way of one version is a difference without steps.
// Threads: pure functions.
// Source:  Confluent Schema Registry, KafkaSchemaRegistry: what an import may do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mirror/schemas/inventory.h"

namespace longspan {

// Of whom ids are reserved; softly deleted at once.
inline constexpr std::string_view kReservedSubject = "longspan.reserved.ids";

enum class DifferenceKind : std::uint8_t {
  missing,            // the target does not have the version
  deleted_on_target,  // softly, and not at the source
  live_on_target,     // softly deleted at the source only
  config,             // the subject's own settings
  mode,               // the subject is not in IMPORT: its ids could not be kept
  ids_not_reserved,   // the target could give out an id that the source had given out
  // What no step can end:
  other_schema,       // the version is there, and is another schema
  other_id,           // it is there under another id
  id_taken,           // the id stands for another schema on the target
  reference_missing,  // it refers to a version that neither side has
  reference_differs,  // it refers to a version that is not the same on the target, or not there
  reference_cycle,    // it refers to itself over others
  same_name,          // two subjects of the source would have one name on the target
  no_context,         // it is to be in a context, and the target's registry can have none
  only_on_target,     // the source has no such version
  default_config,     // the registries' own defaults differ, so do levels of subjects without one
  unreadable,         // one of the registries does not answer about the subject
  incompatible,       // the target's registry calls it so, and it is held back; told by a sync only
  not_taken,          // the target refused it; no plan tells that, only who carried it out
  still_in_import,    // after a hand-over; no plan tells that, see handover.h
  read_only,          // somebody has set the mode of the subject, context or registry so
};

[[nodiscard]] std::string_view name(DifferenceKind kind);

struct SchemaDifference {
  DifferenceKind kind{};
  Subject subject;            // on the target
  std::int32_t version = 0;   // 0: the subject as a whole
  std::int32_t id = 0;        // 0: none is meant
  std::string reason;         // one sentence, no full stop
  bool can_be_ended = false;  // by the plan's steps

  friend bool operator==(const SchemaDifference&, const SchemaDifference&) = default;
};

enum class StepKind : std::uint8_t {
  set_import_mode,
  import_version,
  soft_delete,
  set_config,
  unset_config,
  reserve_ids,  // imports a placeholder and deletes it softly
};

inline constexpr std::size_t kStepKinds = 6;

struct SchemaStep {
  StepKind kind{};
  KeptVersion what;          // of modes and configs only the subject
  std::string config;        // of set_config
  bool is_all = false;       // the same: a registry that merges settings must keep no other
  bool was_deleted = false;  // of import_version: it is there, softly deleted
  bool is_checked =
      false;            // the same: first ask whether it is compatible with those that are there
  bool is_new = false;  // of set_import_mode: the target does not list the subject
  // Steps of the same round, by index, whose turn comes before; whether they succeed is no matter.
  std::vector<std::size_t> after = {};
};

struct SchemaPlan {
  std::vector<SchemaDifference> differences;
  std::vector<SchemaStep> imports;  // first round, with the modes they need
  std::vector<SchemaStep> others;   // second round
  // The target holds a version of the source's under its id, in IMPORT: it keeps ids.
  bool keeps_ids = false;
};

// A reference without a context is to the context of who refers.
[[nodiscard]] Subject referred(const SchemaReference& reference, const Subject& from);

// Of the target: subjects in IMPORT, by their names such as the flow writes, that the source does
// not list. See gone_subjects.h.
struct GoneSubjects {
  std::set<Subject> gone;   // mirrored by this flow, and the source says that it has no version
  std::set<Subject> alien;  // the same, but nothing shows that this flow has mirrored them
  std::map<Subject, std::string> unsure;  // why it is not known, one sentence, no full stop
};

struct SchemaRules {
  std::function<Subject(const Subject&)> rename;  // source -> target
  bool is_pruning = false;
  GoneSubjects gone = {};
};

// `source` holds what the rules select, `target` all subjects of the target.
[[nodiscard]] SchemaPlan make_plan(const Inventory& source, const Inventory& target,
                                   const SchemaRules& rules);

}  // namespace longspan
