// mirror/schemas/registry_client.h - a schema registry, by its REST API.
//
//   auto registry = open_registry({.urls = {"https://registry:8081"}}, stop);
//   if (!registry) return registry.error();
//   registry.value()->subjects(true);
//
// Speaks to Confluent, Karapace, Apicurio (ccompat), AxonOps and Redpanda, and bears with how their
// answers differ; what is none of the API's is `unintelligible`, with its first 200 characters.
//
// Errors:  RegistryError, as registry.h says. open_registry(): a URL, a header or a login that
//          cannot work, Next::stop_process; nothing is asked of the registry yet.
// Limits:  those of RegistryRequests; an answer's JSON may nest kJsonDepthMax deep.
// Threads: any number of callers at once. Once `stop` is requested calls end as `unreachable`.
// Owns:    its connections; no call may be under way when it is destroyed.
// Source:  Confluent Schema Registry, rest/resources.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "mirror/schemas/registry.h"
#include "mirror/schemas/registry_requests.h"
#include "mirror/schemas/registry_settings.h"

namespace longspan {

// How the registry's lists of one kind end.
struct ListBounds {
  // Of one that was read without an offset; notes that there are lists as long as that.
  [[nodiscard]] bool is_whole(std::size_t size);

  std::atomic<bool> has_offsets = true;  // until it ignores one
  // 0: they may be cut at any length.
  std::atomic<std::size_t> shorter_are_whole = 0;
};

class RegistryClient final : public Registry {
 public:
  RegistryClient(RegistrySettings settings, RegistryPorts ports, std::stop_token stop);

  RegistryResult<std::vector<std::string>> contexts() override;
  RegistryResult<std::vector<Subject>> subjects(bool with_deleted) override;
  RegistryResult<std::vector<std::int32_t>> versions(const Subject& subject,
                                                     bool with_deleted) override;
  RegistryResult<std::optional<RegisteredSchema>> version(const SubjectVersion& which) override;
  RegistryResult<std::vector<ListedVersion>> listed(const ListedRange& range) override;
  RegistryResult<std::optional<Schema>> schema(std::int32_t id, const Subject& seen_in) override;
  RegistryResult<std::optional<std::string>> schema_text(std::int32_t id,
                                                         const Subject& seen_in) override;
  RegistryResult<std::optional<Schema>> schema_by_guid(const std::string& guid) override;
  RegistryResult<std::vector<SubjectVersion>> users(std::int32_t id,
                                                    const Subject& seen_in) override;
  RegistryResult<std::optional<std::int32_t>> max_id(std::int32_t known_id,
                                                     const Subject& seen_in) override;
  RegistryResult<std::optional<std::string>> mode(const Subject& scope) override;
  RegistryResult<void> set_mode(const Subject& scope, const std::string& mode) override;
  RegistryResult<void> unset_mode(const Subject& scope) override;
  RegistryResult<std::optional<std::string>> config(const Subject& scope) override;
  RegistryResult<void> set_config(const Subject& scope, const std::string& json) override;
  RegistryResult<void> unset_config(const Subject& scope) override;
  RegistryResult<std::int32_t> import_schema(const RegisteredSchema& schema) override;
  RegistryResult<void> soft_delete(const SubjectVersion& which) override;
  RegistryResult<CompatibilityAnswer> check_compatibility(const Subject& subject,
                                                          const Schema& schema) override;

  // For calls that are not the port's: capabilities.h.
  [[nodiscard]] RegistryRequests& requests() { return requests_; }

 private:
  RegistryResult<std::vector<Subject>> all_subjects(const std::string& path);

  RegistryRequests requests_;
  // Nobody cuts a subject's versions at fewer: clients ask for them without an offset. Of subjects
  // a list may be short because its reader may not see the others.
  static constexpr std::size_t kVersionsWhole = 10;
  ListBounds subject_lists_;
  ListBounds version_lists_{.shorter_are_whole = kVersionsWhole};
};

// With connections, clocks and randomness of its own.
[[nodiscard]] Result<std::unique_ptr<RegistryClient>> open_registry(RegistrySettings settings,
                                                                    std::stop_token stop);

}  // namespace longspan
