// Reads of subjects, their versions and contexts.
#include <algorithm>
#include <charconv>
#include <limits>

#include "mirror/schemas/embedded/calls.h"
#include "mirror/schemas/embedded/qualified_subject.h"

namespace longspan::embedded {
namespace {

Deleted deleted_of(const Query& query) {
  if (query.is_true("deletedOnly")) return Deleted::only;
  return query.is_true("deleted") ? Deleted::included : Deleted::excluded;
}

// A subject is there as long as one of what is looked at is.
Deleted presence(const Query& query) {
  const bool with_deleted = query.is_true("deleted") || query.is_true("deletedOnly") ||
                            query.is_true("deletedAsNegative");
  return with_deleted ? Deleted::included : Deleted::excluded;
}

bool is_in(const Subject& prefix, const Subject& subject) {
  const bool is_context = prefix.context == kEveryContext || prefix.context == subject.context;
  return is_context && subject.name.starts_with(prefix.name);
}

// 0: none, or not a number.
std::size_t number_of(const Query& query, const std::string& name) {
  std::size_t value = 0;
  const std::string text = query.text(name);
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// offset and limit; a limit that is none or negative is none. `most` is the registry's own bound.
template <class T>
std::vector<T> page_of(std::vector<T> all, const RegistryState& state, const Query& query,
                       Fault most) {
  if (!state.faults.is_on(Fault::no_offsets)) {
    const std::size_t offset = std::min(number_of(query, "offset"), all.size());
    all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(offset));
    const std::size_t limit = number_of(query, "limit");
    if (limit > 0 && limit < all.size()) all.resize(limit);
  }
  const auto bound = static_cast<std::size_t>(state.faults.value(most));
  if (bound > 0 && bound < all.size()) all.resize(bound);
  return all;
}

// A name without a context is looked for in every one, its own first.
Result<const StoredVersion*, Answer> find_anywhere(const SchemaStore& store, const Subject& subject,
                                                   VersionWord word, Deleted deleted) {
  auto found = find_version(store, subject, word, deleted);
  if (found || subject.context != kDefaultContext) return found;
  for (const std::string& context : store.contexts()) {
    auto there = find_version(store, Subject{context, subject.name}, word, deleted);
    if (there) return there;
  }
  return found;
}

Result<const StoredVersion*, Answer> version_of_call(const RegistryState& state, const Call& call,
                                                     Deleted deleted) {
  const auto word = read_version(call.words[1]);
  if (!word) return word.error();
  return find_anywhere(state.store, subject_of(state, call.words[0]), *word, deleted);
}

Deleted looked_at(const Query& query) {
  return query.is_true("deleted") ? Deleted::included : Deleted::excluded;
}

}  // namespace

Subject subject_of(const RegistryState& state, const std::string& text) {
  if (!state.faults.is_on(Fault::no_contexts)) return qualify(text);
  return Subject{std::string(kDefaultContext), text};
}

Result<VersionWord, Answer> read_version(const std::string& word) {
  if (word == "latest" || word == "-1") return VersionWord{};
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc{} || end != word.data() + word.size() || number < 1) {
    return error_answer(ErrorCode::invalid_version,
                        "The specified version '" + word +
                            "' is not a valid version id. Allowed values are between [1, 2^31-1] "
                            "and the string \"latest\"");
  }
  return VersionWord{number};
}

Result<const StoredVersion*, Answer> find_version(const SchemaStore& store, const Subject& subject,
                                                  VersionWord word, Deleted deleted) {
  const StoredVersion* found =
      word.number ? store.find(subject, *word.number) : store.latest(subject);
  if (found != nullptr && (deleted == Deleted::included || !found->is_deleted)) return found;
  if (!store.has(subject, deleted)) return subject_not_found(qualified_text(subject));
  return version_not_found(word.number.value_or(-1));
}

Answer get_subjects(RegistryState& state, const Call& call) {
  const bool has_contexts = !state.faults.is_on(Fault::no_contexts);
  const bool has_prefix = has_contexts && call.query.has("subjectPrefix");
  const Subject prefix = qualify(has_prefix ? call.query.text("subjectPrefix") : ":*:");
  std::vector<std::string> names;
  for (const Subject& subject : state.store.subjects(deleted_of(call.query))) {
    if (is_in(prefix, subject)) names.push_back(qualified_text(subject));
  }
  if (names.empty() && state.faults.is_on(Fault::null_subjects)) return {200, "null"};
  return {200, list_body(page_of(std::move(names), state, call.query, Fault::subjects_max))};
}

// By pages of 1000 at most; of the default context where no prefix says otherwise. `latestOnly` is
// not here.
Answer get_schemas(RegistryState& state, const Call& call) {
  constexpr std::size_t kListedMax = 1000;
  if (state.faults.is_on(Fault::no_lists)) return plain_error(404, "HTTP 404 Not Found");
  const Subject prefix = qualify(call.query.text("subjectPrefix"));
  const Deleted deleted = looked_at(call.query);
  const std::size_t wanted = number_of(call.query, "limit");
  const std::size_t limit = wanted == 0 ? kListedMax : std::min(wanted, kListedMax);
  std::size_t left_out = number_of(call.query, "offset");
  std::vector<const StoredVersion*> page;
  state.store.for_each([&](const StoredVersion& stored) {
    const bool is_shown = deleted == Deleted::included || !stored.is_deleted;
    if (!is_shown || !is_in(prefix, stored.subject)) return true;
    if (left_out > 0) {
      --left_out;
    } else {
      page.push_back(&stored);
    }
    return page.size() < limit;
  });
  return {200, versions_body(page, call.shown())};
}

Answer get_versions(RegistryState& state, const Call& call) {
  const Subject subject = subject_of(state, call.words[0]);
  if (!state.store.has(subject, presence(call.query))) {
    return subject_not_found(qualified_text(subject));
  }
  const bool as_negative = call.query.is_true("deletedAsNegative");
  std::vector<std::int32_t> numbers;
  for (const StoredVersion* stored :
       state.store.versions(subject, as_negative ? Deleted::included : deleted_of(call.query))) {
    numbers.push_back(as_negative && stored->is_deleted ? -stored->version : stored->version);
  }
  return {200, list_body(page_of(std::move(numbers), state, call.query, Fault::versions_max))};
}

Answer get_version(RegistryState& state, const Call& call) {
  const auto found = version_of_call(state, call, looked_at(call.query));
  return found ? Answer{200, version_body(**found, call.shown())} : found.error();
}

Answer get_version_text(RegistryState& state, const Call& call) {
  const auto found = version_of_call(state, call, looked_at(call.query));
  return found ? Answer{200, (*found)->schema.text} : found.error();
}

Answer get_referrers(RegistryState& state, const Call& call) {
  const auto found = version_of_call(state, call, Deleted::included);
  if (!found) return found.error();
  const auto ids = state.store.referrers((*found)->subject, (*found)->version);
  return {200, list_body(std::vector<std::int32_t>(ids.begin(), ids.end()))};
}

Answer get_contexts(RegistryState& state, const Call&) {
  if (state.faults.is_on(Fault::no_contexts)) return {404, R"({"detail":"Not Found"})"};
  return {200, list_body(state.store.contexts())};
}

}  // namespace longspan::embedded
