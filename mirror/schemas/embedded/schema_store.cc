#include "mirror/schemas/embedded/schema_store.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "mirror/schemas/embedded/qualified_subject.h"

namespace longspan::embedded {
namespace {

bool fits(const StoredVersion& stored, Deleted deleted) {
  if (deleted == Deleted::included) return true;
  return stored.is_deleted == (deleted == Deleted::only);
}

// At the end of the numbers the last one again, which is then found to be taken.
std::int32_t after(std::int32_t number) {
  return number == std::numeric_limits<std::int32_t>::max() ? number : number + 1;
}

// The same for two schemas only if they are equal.
std::string content_of(const Schema& schema) {
  std::string content;
  const auto add = [&](std::string_view part) {
    content += std::to_string(part.size()) + ":";
    content += part;
  };
  for (const auto* part : {&schema.type, &schema.text, &schema.metadata, &schema.rule_set}) {
    add(*part);
  }
  for (const SchemaReference& reference : schema.references) {
    add(reference.name);
    add(reference.subject);
    add(std::to_string(reference.version));
  }
  return content;
}

}  // namespace

Subject referenced_subject(const SchemaReference& reference, const std::string& context) {
  return qualify_within(reference.subject, context);
}

const StoredVersion* SchemaStore::find(const Subject& subject, std::int32_t version) const {
  const auto versions = subjects_.find(subject);
  if (versions == subjects_.end()) return nullptr;
  const auto found = versions->second.find(version);
  return found == versions->second.end() ? nullptr : &found->second;
}

const StoredVersion* SchemaStore::latest(const Subject& subject) const {
  const auto all = versions(subject, Deleted::excluded);
  return all.empty() ? nullptr : all.back();
}

std::vector<const StoredVersion*> SchemaStore::versions(const Subject& subject,
                                                        Deleted deleted) const {
  std::vector<const StoredVersion*> all;
  const auto versions = subjects_.find(subject);
  if (versions == subjects_.end()) return all;
  for (const auto& [version, stored] : versions->second) {
    if (fits(stored, deleted)) all.push_back(&stored);
  }
  return all;
}

bool SchemaStore::has(const Subject& subject, Deleted deleted) const {
  return !versions(subject, deleted).empty();
}

std::vector<Subject> SchemaStore::subjects(Deleted deleted) const {
  std::vector<Subject> all;
  for (const auto& [subject, versions] : subjects_) {
    const bool is_live = std::any_of(versions.begin(), versions.end(),
                                     [](const auto& one) { return !one.second.is_deleted; });
    if (deleted == Deleted::included || is_live == (deleted == Deleted::excluded)) {
      all.push_back(subject);
    }
  }
  std::sort(all.begin(), all.end(), [](const Subject& a, const Subject& b) {
    return qualified_text(a) < qualified_text(b);
  });
  return all;
}

void SchemaStore::for_each(const std::function<bool(const StoredVersion&)>& look) const {
  for (const auto& [subject, versions] : subjects_) {
    for (const auto& [version, stored] : versions) {
      if (!look(stored)) return;
    }
  }
}

std::int32_t SchemaStore::next_version(const Subject& subject) const {
  const auto versions = subjects_.find(subject);
  return versions == subjects_.end() ? 1 : after(versions->second.rbegin()->first);
}

std::vector<const StoredVersion*> SchemaStore::users(const std::string& context,
                                                     std::int32_t id) const {
  std::vector<const StoredVersion*> all;
  const auto found = contexts_.find(context);
  if (found == contexts_.end()) return all;
  const auto users = found->second.users.find(id);
  if (users == found->second.users.end()) return all;
  for (const auto& [subject, version] : users->second) all.push_back(find(subject, version));
  return all;
}

std::optional<std::int32_t> SchemaStore::id_of(const std::string& context,
                                               const Schema& schema) const {
  const auto found = contexts_.find(context);
  if (found == contexts_.end()) return std::nullopt;
  const auto ids = found->second.ids.find(content_of(schema));
  if (ids == found->second.ids.end()) return std::nullopt;
  return ids->second.back();
}

std::set<std::int32_t> SchemaStore::referrers(const Subject& subject, std::int32_t version) const {
  std::set<std::int32_t> ids;
  const auto found = referrers_.find({subject, version});
  if (found == referrers_.end()) return ids;
  for (const auto& [who, id] : found->second) ids.insert(id);
  return ids;
}

std::int32_t SchemaStore::max_id(const std::string& context) const {
  const auto found = contexts_.find(context);
  return found == contexts_.end() ? 0 : found->second.max_id;
}

std::int32_t SchemaStore::next_id(const std::string& context) const {
  return after(max_id(context));
}

void SchemaStore::put(StoredVersion stored) {
  auto& place = subjects_[stored.subject][stored.version];
  if (place.version != 0) unlink(place);
  place = std::move(stored);
  link(place);
}

void SchemaStore::erase(const Subject& subject, std::int32_t version) {
  const auto versions = subjects_.find(subject);
  if (versions == subjects_.end()) return;
  const auto found = versions->second.find(version);
  if (found == versions->second.end()) return;
  unlink(found->second);
  versions->second.erase(found);
  if (versions->second.empty()) subjects_.erase(versions);
}

void SchemaStore::link(const StoredVersion& stored) {
  Context& context = contexts_[stored.subject.context];
  context.users[stored.id].insert({stored.subject, stored.version});
  context.max_id = std::max(context.max_id, stored.id);
  auto& ids = context.ids[content_of(stored.schema)];
  std::erase(ids, stored.id);
  ids.push_back(stored.id);
  if (stored.is_deleted) return;
  for (const SchemaReference& reference : stored.schema.references) {
    referrers_[{referenced_subject(reference, stored.subject.context), reference.version}]
              [{stored.subject, stored.version}] = stored.id;
  }
}

void SchemaStore::unlink(const StoredVersion& stored) {
  Context& context = contexts_[stored.subject.context];
  auto& users = context.users[stored.id];
  users.erase({stored.subject, stored.version});
  if (users.empty()) {
    context.users.erase(stored.id);
    const auto ids = context.ids.find(content_of(stored.schema));
    std::erase(ids->second, stored.id);
    if (ids->second.empty()) context.ids.erase(ids);
  }
  for (const SchemaReference& reference : stored.schema.references) {
    const Key referenced{referenced_subject(reference, stored.subject.context), reference.version};
    const auto found = referrers_.find(referenced);
    if (found == referrers_.end()) continue;
    found->second.erase({stored.subject, stored.version});
    if (found->second.empty()) referrers_.erase(found);
  }
}

std::vector<std::string> SchemaStore::contexts() const {
  std::vector<std::string> all{std::string(kDefaultContext)};
  for (const auto& [name, context] : contexts_) {
    if (name != kDefaultContext) all.push_back(name);
  }
  return all;
}

bool SchemaStore::has_schemas(const std::string& context) const {
  const auto found = contexts_.find(context);
  return found != contexts_.end() && !found->second.users.empty();
}

void SchemaStore::erase_context(const std::string& context) { contexts_.erase(context); }

}  // namespace longspan::embedded
