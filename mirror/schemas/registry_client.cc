#include "mirror/schemas/registry_client.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "mirror/schemas/http_exchange.h"
#include "mirror/schemas/registry_bodies.h"
#include "mirror/schemas/registry_url.h"

namespace longspan {

namespace {

std::string subject_path(const Subject& subject, const std::string& rest) {
  return "/subjects/" + percent_encoded(subject.text()) + rest;
}

std::string version_path(const SubjectVersion& which) {
  return subject_path(which.subject, "/versions/" + std::to_string(which.version));
}

// Another member of its query.
std::string with(const std::string& path, const std::string& member) {
  return path + (path.find('?') == std::string::npos ? "?" : "&") + member;
}

// The context alone: with a name Confluent would look for that subject in other contexts, too.
std::string id_path(std::int32_t id, const Subject& seen_in, const std::string& rest) {
  const std::string path = "/schemas/ids/" + std::to_string(id) + rest;
  if (seen_in.context == kDefaultContext) return path;
  return with(path, "subject=" + percent_encoded(Subject{seen_in.context, {}}.text()));
}

std::string scope_path(const std::string& call, const Subject& scope) {
  const std::string name = scope.text();
  return name.empty() ? call : call + "/" + percent_encoded(name);
}

// Apicurio, where no mode is set.
bool means_no_mode(const RegistryAnswer& answer) {
  return answer.status == 404 && answer.body.empty();
}

// Of a call whose answer tells nothing; what is not there needs no undoing.
RegistryResult<void> done(const RegistryResult<RegistryAnswer>& answer, bool is_undoing) {
  if (!answer) return answer.error();
  if (answer->is_success()) return {};
  const bool was_done = is_undoing && (means_absent(*answer) || means_deleted(*answer));
  if (was_done) return {};
  return refusal(*answer);
}

// What `read` reads; where there is no such thing, what T is by itself.
template <class T, class Read>
RegistryResult<T> read_or_absent(const RegistryResult<RegistryAnswer>& answer, const Read& read) {
  if (!answer) return answer.error();
  if (answer->is_success()) return read(*answer);
  if (means_absent(*answer)) return T{};
  return refusal(*answer);
}

// A list may be cut off without a word (Confluent from 7.9: subject.search.max.limit,
// subject.version.search.max.limit), and goes on behind an offset. Each page begins with the last
// one of the page before: where it does not, the list has changed meanwhile, which is absent. A
// registry without offsets gives the same again. One that is shorter than a list can be is whole:
// a registry cuts all its lists of a kind at the same length, so another list was that long.
template <class T, class Read>
RegistryResult<std::optional<std::vector<T>>> by_pages(const std::string& path, ListBounds& bounds,
                                                       const Read& read) {
  auto& has_offsets = bounds.has_offsets;
  auto first = read(path);
  if (!first) return first.error();
  std::optional<std::vector<T>> all = std::move(*first);
  if (bounds.is_whole(all->size())) return all;
  while (has_offsets && all->size() > 1) {
    auto next = read(with(path, "offset=" + std::to_string(all->size() - 1)));
    if (!next) return next.error();
    if (std::find(next->begin(), next->end(), all->front()) != next->end()) {
      has_offsets = false;
      break;
    }
    if (next->empty() || next->front() != all->back()) return std::optional<std::vector<T>>();
    if (next->size() == 1) break;
    all->insert(all->end(), next->begin() + 1, next->end());
  }
  return all;
}

template <class T, class Read>
RegistryResult<std::vector<T>> whole_list(const std::string& path, ListBounds& bounds,
                                          const Read& read) {
  constexpr int kTries = 3;
  for (int i = 0; i < kTries; ++i) {
    auto all = by_pages<T>(path, bounds, read);
    if (!all) return all.error();
    if (*all) return std::move(**all);
  }
  return RegistryError{RegistryError::Kind::unintelligible, 0, 0,
                       "the list changes while it is read", "GET " + path};
}

}  // namespace

bool ListBounds::is_whole(std::size_t size) {
  if (shorter_are_whole == 0) return false;
  std::size_t known = shorter_are_whole;
  while (known < size && !shorter_are_whole.compare_exchange_weak(known, size)) {
  }
  return size < known;
}

RegistryClient::RegistryClient(RegistrySettings settings, RegistryPorts ports, std::stop_token stop)
    : requests_(std::move(settings), std::move(ports), std::move(stop)) {}

RegistryResult<std::vector<std::string>> RegistryClient::contexts() {
  const auto answer = requests_.send("GET", "/contexts");
  if (!answer) return answer.error();
  return answer->is_success() ? read_contexts(*answer) : refusal(*answer);
}

RegistryResult<std::vector<Subject>> RegistryClient::subjects(bool with_deleted) {
  const std::string deleted = with_deleted ? "deleted=true" : "deleted=false";
  const std::string prefix = "&subjectPrefix=" + percent_encoded(":*:");
  auto all = all_subjects("/subjects?" + deleted + prefix);
  if (!all || !all->empty()) return all;
  // Nothing: or a registry that takes the prefix for the beginning of a name (AxonOps).
  return all_subjects("/subjects?" + deleted);
}

RegistryResult<std::vector<Subject>> RegistryClient::all_subjects(const std::string& path) {
  return whole_list<Subject>(path, subject_lists_, [this](const std::string& page) {
    return read_or_absent<std::vector<Subject>>(requests_.send("GET", page), read_subjects);
  });
}

RegistryResult<std::vector<std::int32_t>> RegistryClient::versions(const Subject& subject,
                                                                   bool with_deleted) {
  const std::string deleted = with_deleted ? "?deleted=true" : "";
  const std::string path = subject_path(subject, "/versions" + deleted);
  return whole_list<std::int32_t>(path, version_lists_, [this](const std::string& page) {
    return read_or_absent<std::vector<std::int32_t>>(requests_.send("GET", page), read_versions);
  });
}

RegistryResult<std::optional<RegisteredSchema>> RegistryClient::version(
    const SubjectVersion& which) {
  return read_or_absent<std::optional<RegisteredSchema>>(
      requests_.send("GET", version_path(which) + "?deleted=true"),
      [&](const RegistryAnswer& answer) { return read_registered(answer, which); });
}

RegistryResult<std::vector<ListedVersion>> RegistryClient::listed(const ListedRange& range) {
  const auto answer =
      requests_.send("GET", "/schemas?subjectPrefix=" + percent_encoded(":*:") +
                                "&deleted=true&offset=" + std::to_string(range.offset) +
                                "&limit=" + std::to_string(range.limit));
  if (!answer) return answer.error();
  return answer->is_success() ? read_listed(*answer) : refusal(*answer);
}

RegistryResult<std::optional<Schema>> RegistryClient::schema(std::int32_t id,
                                                             const Subject& seen_in) {
  return read_or_absent<std::optional<Schema>>(requests_.send("GET", id_path(id, seen_in, "")),
                                               read_schema);
}

RegistryResult<std::optional<std::string>> RegistryClient::schema_text(std::int32_t id,
                                                                       const Subject& seen_in) {
  return read_or_absent<std::optional<std::string>>(
      requests_.send("GET", id_path(id, seen_in, "/schema")),
      [](const RegistryAnswer& answer) { return RegistryResult(std::optional(answer.body)); });
}

RegistryResult<std::optional<Schema>> RegistryClient::schema_by_guid(const std::string& guid) {
  return read_or_absent<std::optional<Schema>>(
      requests_.send("GET", "/schemas/guids/" + percent_encoded(guid)), read_schema);
}

RegistryResult<std::vector<SubjectVersion>> RegistryClient::users(std::int32_t id,
                                                                  const Subject& seen_in) {
  return read_or_absent<std::vector<SubjectVersion>>(
      requests_.send("GET", id_path(id, seen_in, "/versions?deleted=true")), read_users);
}

RegistryResult<std::optional<std::int32_t>> RegistryClient::max_id(std::int32_t known_id,
                                                                   const Subject& seen_in) {
  return read_or_absent<std::optional<std::int32_t>>(
      requests_.send("GET", id_path(known_id, seen_in, "?fetchMaxId=true")), read_max_id);
}

RegistryResult<std::optional<std::string>> RegistryClient::mode(const Subject& scope) {
  const auto answer = requests_.send("GET", scope_path("/mode", scope));
  if (answer && means_no_mode(*answer)) return std::optional<std::string>();
  return read_or_absent<std::optional<std::string>>(answer, read_mode);
}

RegistryResult<void> RegistryClient::set_mode(const Subject& scope, const std::string& mode) {
  const auto body = write_mode(mode);
  if (!body) return body.error();
  return done(requests_.send("PUT", scope_path("/mode", scope) + "?force=true", *body), false);
}

RegistryResult<void> RegistryClient::unset_mode(const Subject& scope) {
  return done(requests_.send("DELETE", scope_path("/mode", scope)), true);
}

RegistryResult<std::optional<std::string>> RegistryClient::config(const Subject& scope) {
  return read_or_absent<std::optional<std::string>>(
      requests_.send("GET", scope_path("/config", scope)), read_config);
}

RegistryResult<void> RegistryClient::set_config(const Subject& scope, const std::string& json) {
  return done(requests_.send("PUT", scope_path("/config", scope), json), false);
}

RegistryResult<void> RegistryClient::unset_config(const Subject& scope) {
  return done(requests_.send("DELETE", scope_path("/config", scope)), true);
}

RegistryResult<std::int32_t> RegistryClient::import_schema(const RegisteredSchema& schema) {
  const auto body = write_import(schema);
  if (!body) return body.error();
  const auto answer =
      requests_.send("POST", subject_path(schema.subject, "/versions?normalize=false"), *body);
  if (!answer) return answer.error();
  return answer->is_success() ? read_id(*answer) : refusal(*answer);
}

RegistryResult<void> RegistryClient::soft_delete(const SubjectVersion& which) {
  return done(requests_.send("DELETE", version_path(which)), true);
}

RegistryResult<CompatibilityAnswer> RegistryClient::check_compatibility(const Subject& subject,
                                                                        const Schema& schema) {
  const auto body = write_schema(schema);
  if (!body) return body.error();
  const auto answer = requests_.send(
      "POST", "/compatibility" + subject_path(subject, "/versions?verbose=true"), *body);
  if (!answer) return answer.error();
  if (means_absent(*answer)) return CompatibilityAnswer{true, {}};  // with no version at all
  return answer->is_success() ? read_compatibility(*answer) : refusal(*answer);
}

Result<std::unique_ptr<RegistryClient>> open_registry(RegistrySettings settings,
                                                      std::stop_token stop) {
  if (auto mistake = settings_mistake(settings)) return *mistake;
  RegistryPorts ports{std::make_unique<HttpExchange>(settings.tls, settings.limits, stop),
                      std::make_unique<SystemTiming>()};
  return std::make_unique<RegistryClient>(std::move(settings), std::move(ports), std::move(stop));
}

}  // namespace longspan
