// mirror/schemas/registry.h - what the mirror asks of a schema registry; a port.
//
// Of the many calls of the REST API only those that a mirror needs. Every call is one request, and
// so each may be answered, refused, or lost.
//
// Errors:  RegistryError says which, with the registry's own code and words. What is not there is
//          an answer (an empty optional or list), not an error.
// Threads: any number of callers at once; calls wait, within the bounds of the implementation.
// Source:  Confluent Schema Registry, rest/resources and rest/exceptions/Errors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lagcalc/result.h"
#include "mirror/schemas/schema.h"

namespace longspan {

struct RegistryError {
  enum class Kind : std::uint8_t {
    unreachable,    // no answer, or only 408, 429, 5xx, after all tries
    forbidden,      // 401, 403: every other call would be answered so
    unsupported,    // this registry does not have the call: 404 or 405 without an error code, 501
    refused,        // by the registry's rules, in `code` and `message`
    unintelligible  // an answer that is none of the API's
  };
  Kind kind = Kind::unreachable;
  int status = 0;       // of HTTP; 0: no answer
  int code = 0;         // error_code of the body; 0: none
  std::string message;  // the registry's own words, or the network's
  std::string where;    // "POST https://registry:8081/subjects/orders-value/versions"

  // A server error with a code of the API's: the registry is there, and failed at this one call.
  [[nodiscard]] bool is_own_failure() const;
  // One line, for people: message, code and where.
  [[nodiscard]] std::string text() const;
};

template <class T>
using RegistryResult = Result<T, RegistryError>;

// Codes that are looked at; all of them: facts in README.md.
inline constexpr int kOperationNotPermitted = 42205;
inline constexpr int kReferenceExists = 42206;

struct SubjectVersion {
  Subject subject;
  std::int32_t version = 0;
  friend auto operator<=>(const SubjectVersion&, const SubjectVersion&) = default;
};

struct CompatibilityAnswer {
  bool is_compatible = false;
  std::vector<std::string> reasons;  // the registry's own words; may be empty
};

// Of a list of versions.
struct ListedVersion {
  RegisteredSchema what;
  std::optional<bool> is_deleted;  // softly; absent: the registry does not say
};

struct ListedRange {
  std::size_t offset = 0;
  std::size_t limit = 0;  // more than the registry's own bound gives that many
};

class Registry {
 public:
  virtual ~Registry() = default;

  // Their names; `unsupported` where a registry has none.
  virtual RegistryResult<std::vector<std::string>> contexts() = 0;
  // Of all contexts. `with_deleted`: soft-deleted ones, too.
  virtual RegistryResult<std::vector<Subject>> subjects(bool with_deleted) = 0;
  // Ascending; empty where there is no such subject.
  virtual RegistryResult<std::vector<std::int32_t>> versions(const Subject& subject,
                                                             bool with_deleted) = 0;
  // Soft-deleted or not; absent: there is no such version.
  virtual RegistryResult<std::optional<RegisteredSchema>> version(const SubjectVersion& which) = 0;
  // Versions of all subjects of all contexts, soft-deleted ones too, in an order that stays.
  // `unsupported` where a registry has no such call: all but Confluent's.
  virtual RegistryResult<std::vector<ListedVersion>> listed(const ListedRange& range);
  // `seen_in` is a subject of the id's context, for registries that find the context by it.
  virtual RegistryResult<std::optional<Schema>> schema(std::int32_t id, const Subject& seen_in) = 0;
  // The text alone; `unsupported` where a registry does not give it.
  virtual RegistryResult<std::optional<std::string>> schema_text(std::int32_t id,
                                                                 const Subject& seen_in);
  // The schema of this GUID in any context: "a9e1f9e6-3f5c-4f0e-8d38-2b7d1a6a0c11". `unsupported`
  // where a registry does not look GUIDs up: all but newer ones of Confluent.
  virtual RegistryResult<std::optional<Schema>> schema_by_guid(const std::string& guid) = 0;
  // Who uses the id, soft-deleted or not; empty: nobody, or no such id.
  virtual RegistryResult<std::vector<SubjectVersion>> users(std::int32_t id,
                                                            const Subject& seen_in) = 0;
  // The highest id that this context ever gave out, as far as the registry tells.
  virtual RegistryResult<std::optional<std::int32_t>> max_id(std::int32_t known_id,
                                                             const Subject& seen_in) = 0;

  // Set for the subject or context itself, not inherited. A mode is Confluent's word: READWRITE,
  // READONLY, IMPORT, ...
  virtual RegistryResult<std::optional<std::string>> mode(const Subject& scope) = 0;
  // With force=true: an IMPORT without it refuses subjects that exist, and purges deleted versions.
  virtual RegistryResult<void> set_mode(const Subject& scope, const std::string& mode) = 0;
  virtual RegistryResult<void> unset_mode(const Subject& scope) = 0;
  // The JSON object of all its settings, as it is written by set_config(): `compatibility`, ...
  virtual RegistryResult<std::optional<std::string>> config(const Subject& scope) = 0;
  virtual RegistryResult<void> set_config(const Subject& scope, const std::string& json) = 0;
  virtual RegistryResult<void> unset_config(const Subject& scope) = 0;

  // With id and version; the answer is the id that the registry says it stored: not to be believed.
  virtual RegistryResult<std::int32_t> import_schema(const RegisteredSchema& schema) = 0;
  virtual RegistryResult<void> soft_delete(const SubjectVersion& which) = 0;
  // Against the versions that the subject's compatibility level names.
  virtual RegistryResult<CompatibilityAnswer> check_compatibility(const Subject& subject,
                                                                  const Schema& schema) = 0;
};

}  // namespace longspan
