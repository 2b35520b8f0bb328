// mirror/schemas/embedded/calls.h - what every call of the API is given.
//
// A call is a function of the registry's state and a `Call`; routes.cc says which one a method and
// a path mean. Only a call whose route says that it changes something does.
//
// Errors:  the answer.
// Threads: the registry's mutex is held.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mirror/schemas/embedded/bodies.h"
#include "mirror/schemas/embedded/faults.h"
#include "mirror/schemas/embedded/request.h"
#include "mirror/schemas/embedded/schema_store.h"
#include "mirror/schemas/embedded/settings.h"

namespace longspan::embedded {

struct RegistryState {
  SchemaStore store;
  Settings settings;
  Faults faults;
};

struct Call {
  const Request& request;
  std::vector<std::string> words;  // what stands for the * of the route, decoded
  Query query;

  [[nodiscard]] Shown shown() const {
    return request.accepts_unknown_properties ? Shown::all : Shown::known;
  }
};

// As the subject is read by this registry: with the fault no_contexts a name like any other.
[[nodiscard]] Subject subject_of(const RegistryState& state, const std::string& text);

// A version's number, or of "latest" and -1 nothing; 42202 for anything else.
struct VersionWord {
  std::optional<std::int32_t> number;  // absent: the latest
};
Result<VersionWord, Answer> read_version(const std::string& word);
// The version that is meant, or why there is none: 40401, 40402.
Result<const StoredVersion*, Answer> find_version(const SchemaStore& store, const Subject& subject,
                                                  VersionWord word, Deleted deleted);

// Their calls, by what they are about.
Answer post_version(RegistryState& state, const Call& call);
Answer look_up_schema(RegistryState& state, const Call& call);
Answer delete_version(RegistryState& state, const Call& call);
Answer delete_subject(RegistryState& state, const Call& call);
Answer delete_context(RegistryState& state, const Call& call);
Answer get_subjects(RegistryState& state, const Call& call);
Answer get_versions(RegistryState& state, const Call& call);
Answer get_version(RegistryState& state, const Call& call);
Answer get_version_text(RegistryState& state, const Call& call);
Answer get_referrers(RegistryState& state, const Call& call);
Answer get_contexts(RegistryState& state, const Call& call);
Answer get_schemas(RegistryState& state, const Call& call);
Answer get_schema(RegistryState& state, const Call& call);
Answer get_schema_text(RegistryState& state, const Call& call);
Answer get_schema_subjects(RegistryState& state, const Call& call);
Answer get_schema_versions(RegistryState& state, const Call& call);
Answer get_schema_by_guid(RegistryState& state, const Call& call);
Answer check_version(RegistryState& state, const Call& call);
Answer check_versions(RegistryState& state, const Call& call);
Answer get_mode(RegistryState& state, const Call& call);
Answer put_mode(RegistryState& state, const Call& call);
Answer delete_mode(RegistryState& state, const Call& call);
Answer get_config(RegistryState& state, const Call& call);
Answer put_config(RegistryState& state, const Call& call);
Answer delete_config(RegistryState& state, const Call& call);
Answer get_types(RegistryState& state, const Call& call);
Answer get_identity(RegistryState& state, const Call& call);
Answer get_root(RegistryState& state, const Call& call);
Answer get_faults(RegistryState& state, const Call& call);
Answer put_faults(RegistryState& state, const Call& call);
Answer delete_faults(RegistryState& state, const Call& call);

}  // namespace longspan::embedded
