// Reads of ids and GUIDs: what they stand for, and who uses them.
#include <algorithm>
#include <charconv>

#include "mirror/schemas/embedded/calls.h"
#include "mirror/schemas/embedded/guid.h"
#include "mirror/schemas/embedded/qualified_subject.h"

namespace longspan::embedded {
namespace {

using Users = std::vector<const StoredVersion*>;

bool is_used_by(const Users& users, const Subject& subject) {
  return std::any_of(users.begin(), users.end(),
                     [&](const StoredVersion* user) { return user->subject == subject; });
}

// The context in which the id is meant: of a qualified subject its own, if it uses the id; of a
// plain one the first in which it does, else its own.
Users users_of(const RegistryState& state, std::int32_t id, const Query& query) {
  const bool has_subject = query.has("subject") && !state.faults.is_on(Fault::no_contexts);
  const Subject subject = has_subject ? qualify(query.text("subject")) : Subject{};
  Users own = state.store.users(subject.context, id);
  if (subject.name.empty() || is_used_by(own, subject)) return own;
  if (subject.context != kDefaultContext) return {};
  for (const std::string& context : state.store.contexts()) {
    Users there = state.store.users(context, id);
    if (is_used_by(there, Subject{context, subject.name})) return there;
  }
  return own;
}

Result<Users, Answer> users_of_call(const RegistryState& state, const Call& call) {
  const std::string& word = call.words[0];
  std::int32_t id = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), id);
  if (error != std::errc{} || end != word.data() + word.size()) {
    return plain_error(404, "HTTP 404 Not Found");
  }
  Users users = users_of(state, id, call.query);
  if (users.empty()) return schema_not_found(word);
  return users;
}

// Soft-deleted ones only if the call asks for them.
Result<Users, Answer> shown_users(const RegistryState& state, const Call& call) {
  auto users = users_of_call(state, call);
  if (!users || call.query.is_true("deleted")) return users;
  std::erase_if(*users, [](const StoredVersion* user) { return user->is_deleted; });
  return users;
}

}  // namespace

Answer get_schema(RegistryState& state, const Call& call) {
  const auto users = users_of_call(state, call);
  if (!users) return users.error();
  const StoredVersion& first = *users->front();
  std::optional<std::int32_t> max_id;
  const bool is_told = call.query.is_true("fetchMaxId") && !state.faults.is_on(Fault::other_id);
  if (is_told) max_id = state.store.max_id(first.subject.context);
  return {200, schema_body(first, call.shown(), max_id)};
}

// Of any context. Nothing is indexed by GUID: every version is looked at.
Answer get_schema_by_guid(RegistryState& state, const Call& call) {
  if (state.faults.is_on(Fault::no_guids)) return plain_error(404, "HTTP 404 Not Found");
  const std::string& guid = call.words[0];
  for (const Subject& subject : state.store.subjects(Deleted::included)) {
    for (const StoredVersion* one : state.store.versions(subject, Deleted::included)) {
      if (guid_of(one->schema) == guid) return {200, schema_body(*one, call.shown(), {})};
    }
  }
  return schema_not_found(guid);
}

Answer get_schema_text(RegistryState& state, const Call& call) {
  const auto users = users_of_call(state, call);
  return users ? Answer{200, users->front()->schema.text} : users.error();
}

Answer get_schema_subjects(RegistryState& state, const Call& call) {
  const auto users = shown_users(state, call);
  if (!users) return users.error();
  std::vector<std::string> names;
  for (const StoredVersion* user : *users) {
    const std::string name = qualified_text(user->subject);
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  return {200, list_body(names)};
}

Answer get_schema_versions(RegistryState& state, const Call& call) {
  const auto users = shown_users(state, call);
  return users ? Answer{200, users_body(*users)} : users.error();
}

}  // namespace longspan::embedded
