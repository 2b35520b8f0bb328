// mirror/schemas/embedded/schema_store.h - which schemas a registry holds, and under which ids.
//
// Knows no rules: what may be stored or deleted is decided before (registration.h, deletion.h).
//
// Invariant: an id of a context stands for one schema as long as any version, deleted or not, has
//            it; the highest id that was ever given out or imported only grows.
// Errors:  none.
// Threads: not safe; the registry's mutex guards it. Pointers hold until the next change.
// Source:  Confluent Schema Registry: InMemoryCache, IncrementalIdGenerator.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "mirror/schemas/schema.h"

namespace longspan::embedded {

struct StoredVersion {
  Subject subject;
  std::int32_t version = 0;
  std::int32_t id = 0;
  Schema schema;
  bool is_deleted = false;  // softly: not listed, still readable by its id
};

enum class Deleted : std::uint8_t { excluded, included, only };

class SchemaStore {
 public:
  [[nodiscard]] const StoredVersion* find(const Subject& subject, std::int32_t version) const;
  [[nodiscard]] const StoredVersion* latest(const Subject& subject) const;  // not a deleted one
  // Ascending.
  [[nodiscard]] std::vector<const StoredVersion*> versions(const Subject& subject,
                                                           Deleted deleted) const;
  [[nodiscard]] bool has(const Subject& subject, Deleted deleted) const;
  // Of all contexts, by their qualified text. `only`: those without a version that is not deleted.
  [[nodiscard]] std::vector<Subject> subjects(Deleted deleted) const;
  // Every version, by subject and number, until `look` answers false.
  void for_each(const std::function<bool(const StoredVersion&)>& look) const;
  [[nodiscard]] std::int32_t next_version(const Subject& subject) const;

  // The versions that have this id, by subject and version; empty: no such id.
  [[nodiscard]] std::vector<const StoredVersion*> users(const std::string& context,
                                                        std::int32_t id) const;
  // The id last given to this very schema.
  [[nodiscard]] std::optional<std::int32_t> id_of(const std::string& context,
                                                  const Schema& schema) const;
  // The ids of those, not deleted, that refer to this version; ascending.
  [[nodiscard]] std::set<std::int32_t> referrers(const Subject& subject,
                                                 std::int32_t version) const;
  [[nodiscard]] std::int32_t max_id(const std::string& context) const;
  [[nodiscard]] std::int32_t next_id(const std::string& context) const;

  void put(StoredVersion stored);  // in place of what has this subject and version
  void erase(const Subject& subject, std::int32_t version);

  // The default one first; one is there from its first schema on.
  [[nodiscard]] std::vector<std::string> contexts() const;
  [[nodiscard]] bool has_schemas(const std::string& context) const;
  void erase_context(const std::string& context);

 private:
  using Key = std::pair<Subject, std::int32_t>;
  struct Context {
    std::map<std::int32_t, std::set<Key>> users;
    std::map<std::string, std::vector<std::int32_t>> ids;  // by content; the last one counts
    std::int32_t max_id = 0;
  };

  void link(const StoredVersion& stored);
  void unlink(const StoredVersion& stored);

  std::map<Subject, std::map<std::int32_t, StoredVersion>> subjects_;
  std::map<std::string, Context> contexts_;
  std::map<Key, std::map<Key, std::int32_t>> referrers_;  // who refers, and with which id
};

// Where a reference of a schema in `context` leads.
[[nodiscard]] Subject referenced_subject(const SchemaReference& reference,
                                         const std::string& context);

}  // namespace longspan::embedded
