// tests/unit/mirror/schemas/wrapped_registry.h - a registry in front of another; a test overrides
// the calls that are to be answered otherwise.
//
// Threads: any number of callers at once.
// Owns:    nothing; the other outlives it.
#pragma once

#include <string>
#include <vector>

#include "mirror/schemas/registry.h"

namespace longspan {

class WrappedRegistry : public Registry {
 public:
  explicit WrappedRegistry(Registry& other) : other_(other) {}

  RegistryResult<std::vector<std::string>> contexts() override { return other_.contexts(); }
  RegistryResult<std::vector<Subject>> subjects(bool with_deleted) override {
    return other_.subjects(with_deleted);
  }
  RegistryResult<std::vector<std::int32_t>> versions(const Subject& subject,
                                                     bool with_deleted) override {
    return other_.versions(subject, with_deleted);
  }
  RegistryResult<std::optional<RegisteredSchema>> version(const SubjectVersion& which) override {
    return other_.version(which);
  }
  RegistryResult<std::optional<Schema>> schema(std::int32_t id, const Subject& seen_in) override {
    return other_.schema(id, seen_in);
  }
  RegistryResult<std::optional<Schema>> schema_by_guid(const std::string& guid) override {
    return other_.schema_by_guid(guid);
  }
  RegistryResult<std::vector<SubjectVersion>> users(std::int32_t id,
                                                    const Subject& seen_in) override {
    return other_.users(id, seen_in);
  }
  RegistryResult<std::optional<std::int32_t>> max_id(std::int32_t known_id,
                                                     const Subject& seen_in) override {
    return other_.max_id(known_id, seen_in);
  }
  RegistryResult<std::optional<std::string>> mode(const Subject& scope) override {
    return other_.mode(scope);
  }
  RegistryResult<void> set_mode(const Subject& scope, const std::string& mode) override {
    return other_.set_mode(scope, mode);
  }
  RegistryResult<void> unset_mode(const Subject& scope) override {
    return other_.unset_mode(scope);
  }
  RegistryResult<std::optional<std::string>> config(const Subject& scope) override {
    return other_.config(scope);
  }
  RegistryResult<void> set_config(const Subject& scope, const std::string& json) override {
    return other_.set_config(scope, json);
  }
  RegistryResult<void> unset_config(const Subject& scope) override {
    return other_.unset_config(scope);
  }
  RegistryResult<std::int32_t> import_schema(const RegisteredSchema& schema) override {
    return other_.import_schema(schema);
  }
  RegistryResult<void> soft_delete(const SubjectVersion& which) override {
    return other_.soft_delete(which);
  }
  RegistryResult<CompatibilityAnswer> check_compatibility(const Subject& subject,
                                                          const Schema& schema) override {
    return other_.check_compatibility(subject, schema);
  }

 private:
  Registry& other_;
};

}  // namespace longspan
