// mirror/schemas/registry_bodies.h - the JSON of a registry's API, read and written.
//
// Bears with what the registries do differently: `null` for an empty list; a schemaType or
// references that are left out; `compatibilityLevel` or `compatibility`; status 204 where nothing
// is set; properties of the metadata that a registry adds by itself ("confluent:").
// Metadata and rule sets are written in one form: keys sorted, nothing that is null or empty.
//
// Errors:  read_*(): unintelligible, where the answer is not JSON in UTF-8 or lacks what is needed;
//          write_*(): refused, before anything is sent, where a text is not UTF-8 or not JSON;
//          read_contexts(): unsupported, where a registry without contexts answers as if
//          (Apicurio).
// Threads: free functions.
// Source:  Confluent Schema Registry, client/rest/entities; Apicurio and AxonOps as seen.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mirror/schemas/registry.h"
#include "mirror/schemas/registry_answer.h"

namespace longspan {

[[nodiscard]] RegistryResult<std::vector<std::string>> read_contexts(const RegistryAnswer& answer);
[[nodiscard]] RegistryResult<std::vector<Subject>> read_subjects(const RegistryAnswer& answer);
[[nodiscard]] RegistryResult<std::vector<std::int32_t>> read_versions(const RegistryAnswer& answer);
[[nodiscard]] RegistryResult<std::optional<RegisteredSchema>> read_registered(
    const RegistryAnswer& answer, const SubjectVersion& asked);
[[nodiscard]] RegistryResult<std::vector<ListedVersion>> read_listed(const RegistryAnswer& answer);
[[nodiscard]] RegistryResult<std::optional<Schema>> read_schema(const RegistryAnswer& answer);
[[nodiscard]] RegistryResult<std::vector<SubjectVersion>> read_users(const RegistryAnswer& answer);
[[nodiscard]] RegistryResult<std::optional<std::int32_t>> read_max_id(const RegistryAnswer& answer);
[[nodiscard]] RegistryResult<std::optional<std::string>> read_mode(const RegistryAnswer& answer);
[[nodiscard]] RegistryResult<std::optional<std::string>> read_config(const RegistryAnswer& answer);
[[nodiscard]] RegistryResult<std::int32_t> read_id(const RegistryAnswer& answer);
[[nodiscard]] RegistryResult<CompatibilityAnswer> read_compatibility(const RegistryAnswer& answer);

[[nodiscard]] RegistryResult<std::string> write_import(const RegisteredSchema& schema);
[[nodiscard]] RegistryResult<std::string> write_schema(const Schema& schema);
[[nodiscard]] RegistryResult<std::string> write_mode(const std::string& mode);

}  // namespace longspan
