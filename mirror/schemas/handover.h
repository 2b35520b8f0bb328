// mirror/schemas/handover.h - after a failover: the target's mirrored subjects take normal
// registrations again, and the mirror leaves them alone.
//
// The command is a record in the flow's state topic (SchemasKey), which the duty obeys. Only then
// are subjects set back, for a duty that still runs would put them into IMPORT again. So a crash in
// the middle leaves subjects in IMPORT of a flow that is handed over: `schemas diff` names them,
// and to run the command again finishes.
//
// Errors:  RegistryError where the target does not answer; what one subject refuses is in the
//          outcome and stops no other.
// Limits:  kRequestsAtOnce.
// Threads: free functions; those that ask a registry start threads of their own and join them.
// Source:  ARCHITECTURE.md, "Schemas"; Confluent Schema Registry, ModeResource.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "mirror/schemas/inventory.h"
#include "mirror/schemas/plan.h"
#include "mirror/schemas/registry.h"
#include "mirror/schemas/status.h"
#include "mirror/schemas/subject_rules.h"
#include "mirror/schemas/sync.h"
#include "mirror/state/records.h"

namespace longspan {

// Absent: the command hands back.
[[nodiscard]] std::optional<SchemaHandover> handover_of(const Command& command);

// The subjects of the target that the mirror writes and that take no normal registrations now: of
// those that the registry lists and of `known`, which it may not list before the first version.
[[nodiscard]] RegistryResult<std::vector<Subject>> subjects_in_import(
    Registry& target, const SubjectRules& rules, const std::set<Subject>& known);

// What tells of the target's subjects whether this flow has mirrored them.
struct MirrorTraces {
  const SubjectRules& rules;
  const Inventory* source;  // absent: it does not answer
  const Inventory& target;
  std::set<Subject> topics;  // of the flow's topics, by their names on the target
};
// Those that have a version of the source's under its id; where nothing stands under the name of
// one of the source's, that; those of the flow's topics, or whose names say that they come from its
// source; and what these refer to. The others may be in IMPORT for somebody else.
[[nodiscard]] std::set<Subject> mirrored_subjects(const MirrorTraces& traces);

struct SetBack {
  std::vector<Subject> done;
  std::map<Subject, std::string> failures;  // why, one sentence
  std::optional<RegistryError> lost;        // it went away in the middle; what was done stays done

  [[nodiscard]] bool is_whole() const { return failures.empty() && !lost; }
};

// Takes each out of IMPORT, and reads its mode again. It went away where kOutageSubjects, or all of
// them, got no answer while nobody else did, or kFailuresInARow only its own failure. A subject
// gets a mode of its own only where what it inherits is not READWRITE. A mode that is not what was
// written is read again after each of `read_again`: a follower may be behind.
[[nodiscard]] SetBack set_back(
    Registry& target, const std::vector<Subject>& subjects,
    const std::function<void(std::size_t done, std::size_t all)>& on_progress,
    const std::vector<std::chrono::milliseconds>& read_again = {kReadAgain.begin(),
                                                                kReadAgain.end()});

// What `schemas diff` tells of a flow that is handed over: that a subject is not in IMPORT is no
// difference, that it is is one, and no sync will end any.
void mind_handover(SchemaPlan& plan, const std::vector<Subject>& in_import);

}  // namespace longspan
