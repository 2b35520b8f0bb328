// Deletes: softly first, for good after that; never what is referred to, never in READONLY.
//
// A subject whose last version is deleted loses its own mode and config with it, as Confluent's
// does: one that was in IMPORT then no longer is.
#include "mirror/schemas/embedded/calls.h"
#include "mirror/schemas/embedded/qualified_subject.h"

namespace longspan::embedded {
namespace {

std::optional<Answer> refused_in_readonly(const RegistryState& state, const Subject& subject) {
  const std::string mode = state.settings.mode_in_scope(subject);
  if (mode != "READONLY" && mode != "READONLY_OVERRIDE") return std::nullopt;
  return not_permitted("Subject " + qualified_text(subject) + " in context " + subject.context +
                       " is in read-only mode");
}

std::optional<Answer> refused_while_referred(const SchemaStore& store,
                                             const StoredVersion& stored) {
  if (store.referrers(stored.subject, stored.version).empty()) return std::nullopt;
  return error_answer(
      ErrorCode::reference_exists,
      "One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=" +
          qualified_text(stored.subject) + ",version=" + std::to_string(stored.version) + "}.");
}

void delete_softly(RegistryState& state, StoredVersion stored) {
  stored.is_deleted = true;
  const Subject subject = stored.subject;
  state.store.put(std::move(stored));
  if (state.store.has(subject, Deleted::excluded)) return;
  state.settings.unset_mode(subject);
  state.settings.unset_config(subject);
}

// Why this version cannot be deleted so; nothing: it can.
std::optional<Answer> refused_version(const RegistryState& state, const StoredVersion& stored,
                                      bool is_permanent) {
  const std::string which = "Subject '" + qualified_text(stored.subject) + "' Version " +
                            std::to_string(stored.version) + " was ";
  if (!is_permanent && stored.is_deleted) {
    return error_answer(ErrorCode::version_soft_deleted,
                        which + "soft deleted. Set permanent=true to delete permanently");
  }
  if (auto refused = refused_in_readonly(state, stored.subject)) return refused;
  if (auto refused = refused_while_referred(state.store, stored)) return refused;
  if (is_permanent && !stored.is_deleted) {
    return error_answer(ErrorCode::version_not_soft_deleted,
                        which + "not deleted first before being permanently deleted");
  }
  return std::nullopt;
}

std::optional<Answer> refused_subject(const RegistryState& state, const Subject& subject,
                                      bool is_permanent) {
  const std::string name = qualified_text(subject);
  if (!state.store.has(subject, Deleted::included)) return subject_not_found(name);
  const bool is_live = state.store.has(subject, Deleted::excluded);
  if (!is_permanent && !is_live) {
    return error_answer(
        ErrorCode::subject_soft_deleted,
        "Subject '" + name + "' was soft deleted. Set permanent=true to delete permanently");
  }
  if (auto refused = refused_in_readonly(state, subject)) return refused;
  for (const StoredVersion* one : state.store.versions(subject, Deleted::included)) {
    if (auto refused = refused_while_referred(state.store, *one)) return refused;
  }
  if (is_permanent && is_live) {
    return error_answer(
        ErrorCode::subject_not_soft_deleted,
        "Subject '" + name + "' was not deleted first before being permanently deleted");
  }
  return std::nullopt;
}

}  // namespace

Answer delete_version(RegistryState& state, const Call& call) {
  const auto word = read_version(call.words[1]);
  if (!word) return word.error();
  const auto found =
      find_version(state.store, subject_of(state, call.words[0]), *word, Deleted::included);
  if (!found) return found.error();
  const StoredVersion stored = **found;
  const bool is_permanent = call.query.is_true("permanent");
  if (auto refused = refused_version(state, stored, is_permanent)) return *refused;
  if (is_permanent) {
    state.store.erase(stored.subject, stored.version);
  } else {
    delete_softly(state, stored);
  }
  return {200, std::to_string(stored.version)};
}

Answer delete_subject(RegistryState& state, const Call& call) {
  const Subject subject = subject_of(state, call.words[0]);
  const bool is_permanent = call.query.is_true("permanent");
  if (auto refused = refused_subject(state, subject, is_permanent)) return *refused;
  std::vector<StoredVersion> deleted;
  for (const StoredVersion* one :
       state.store.versions(subject, is_permanent ? Deleted::only : Deleted::excluded)) {
    deleted.push_back(*one);
  }
  std::vector<std::int32_t> numbers;
  for (const StoredVersion& one : deleted) {
    numbers.push_back(one.version);
    if (is_permanent) {
      state.store.erase(subject, one.version);
    } else {
      delete_softly(state, one);
    }
  }
  return {200, list_body(numbers)};
}

Answer delete_context(RegistryState& state, const Call& call) {
  const std::string& word = call.words[0];
  const std::string context = word.starts_with(":") ? qualify(word).context : word;
  if (state.store.has_schemas(context)) {
    return error_answer(ErrorCode::context_not_empty,
                        "The specified context '" + context + "' is not empty.");
  }
  state.store.erase_context(context);
  return {204, ""};
}

}  // namespace longspan::embedded
