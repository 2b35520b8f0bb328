// mirror/schemas/inventory.h - what a registry holds: versions, configs, modes; read once, by many
// requests side by side.
//
// Versions come by pages where the registry lists them (schema_listing.h), and subjects that stand
// in no page are asked for one by one like all subjects elsewhere. One that only a page tells of is
// read, too: a list of subjects may have been cut off.
//
// What could not be read of one subject is in `troubles` and stops nothing else: a registry's ACLs
// may hide any number of them. What stands in a registry may change while it is read: an inventory
// is true subject by subject.
//
// Errors:  read_inventory() fails where the list of subjects cannot be had, and where the registry
//          has gone away, or knows the login no more: kOutageSubjects one after the other say so.
// Limits:  kRequestsAtOnce.
// Threads: read_inventory() starts its own and joins them; an Inventory is a value.
// Source:  Confluent Schema Registry's REST API, by way of registry.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>

#include "mirror/schemas/kept_schema.h"
#include "mirror/schemas/registry.h"

namespace longspan {

inline constexpr int kRequestsAtOnce = 16;
inline constexpr int kOutageSubjects = 3;
// From so many on, if they are half of what the registry has, their versions are read by lists.
inline constexpr std::size_t kSubjectsListed = 64;

struct InventoryVersion {
  std::int32_t id = 0;
  KeptSchema schema;
  bool is_deleted = false;  // softly
  friend bool operator==(const InventoryVersion&, const InventoryVersion&) = default;
};

struct InventorySubject {
  std::map<std::int32_t, InventoryVersion> versions;
  std::optional<std::string> config;  // its own, as registry.h says
  std::optional<std::string> mode;    // its own

  [[nodiscard]] bool is_live() const;  // one of its versions is
};

// The highest id that a context ever gave out.
struct HighestId {
  std::int32_t id = 0;
  bool is_forgotten = false;  // the registry says that nobody uses it
};

struct Inventory {
  std::map<Subject, InventorySubject> subjects;
  std::map<Subject, RegistryError> troubles;
  // Of the contexts that have subjects; absent: the registry does not tell.
  std::map<std::string, HighestId> max_ids;
  // Of contexts: why that, or who uses it, could not be asked for.
  std::map<std::string, RegistryError> id_troubles;
  std::optional<std::string> default_config;
  // Of contexts, Subject{context, ""}, and of the registry itself; those that have one.
  std::map<Subject, std::string> scope_modes;
  // Why it can hold nothing but the default context, in few words; absent: it can, or that was of
  // no matter.
  std::optional<std::string> no_contexts;

  [[nodiscard]] bool can_hold(const Subject& subject) const;
  // Ids of contexts that share a space are the same numbers: without contexts all of them do.
  [[nodiscard]] std::string id_space(const std::string& context) const;
  [[nodiscard]] const InventoryVersion* find(const SubjectVersion& which) const;
};

struct ModeInForce {
  std::string mode;
  Subject scope;  // that has it: the subject itself, its context, or the registry
};
// READWRITE where none is set.
[[nodiscard]] ModeInForce mode_in_force(const Inventory& inventory, const Subject& subject);

inline constexpr std::string_view kImportMode = "IMPORT";
// READONLY and READONLY_OVERRIDE: somebody wants nothing to be written.
[[nodiscard]] bool is_read_only(std::string_view mode);

// What is read: nothing of a subject that it does not name.
using SubjectChoice = std::function<bool(const Subject&)>;

struct InventoryReader {
  Registry& registry;
  SubjectChoice wants;
  bool with_modes = true;  // else they are left out
  // Their modes are read, and those of contexts that have subjects; whether the registry can have
  // them is asked.
  std::set<std::string> contexts = {};
  // Asked for their modes by name, for no registry lists a subject without a version; those that
  // have one are in the inventory.
  std::set<Subject> known = {};
  std::stop_token stop = {};
  // From several threads, one at a time: subjects read, of how many.
  std::function<void(std::size_t done, std::size_t all)> on_progress = {};
};

[[nodiscard]] RegistryResult<Inventory> read_inventory(const InventoryReader& reader);

}  // namespace longspan
