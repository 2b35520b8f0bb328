#include "mirror/schemas/inventory.h"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

#include "mirror/schemas/schema_listing.h"
#include "mirror/schemas/spare_memory.h"
#include "mirror/schemas/workers.h"

namespace longspan {
namespace {

using Kind = RegistryError::Kind;

// A registry that has no modes, or no configs of subjects, has none to tell.
RegistryResult<std::optional<std::string>> if_there(
    RegistryResult<std::optional<std::string>> answer) {
  if (!answer && answer.error().kind == Kind::unsupported) return std::optional<std::string>{};
  return answer;
}

RegistryResult<InventorySubject> read_versions(Registry& registry, const Subject& subject) {
  const auto all = registry.versions(subject, true);
  if (!all) return all.error();
  const auto live = registry.versions(subject, false);
  if (!live) return live.error();
  InventorySubject out;
  for (const auto number : *all) {
    auto version = registry.version({subject, number});
    if (!version) return version.error();
    if (!*version) continue;  // deleted for good meanwhile
    auto& entry = out.versions[number];
    entry.id = (*version)->id;
    const auto before = out.versions.find(number);
    entry.schema = KeptSchema((*version)->schema, before == out.versions.begin()
                                                      ? KeptSchema()
                                                      : std::prev(before)->second.schema);
    entry.is_deleted = !std::binary_search(live->begin(), live->end(), number);
  }
  return out;
}

// Of those whose list did not tell it.
RegistryResult<void> read_deletions(Registry& registry, const Subject& subject,
                                    InventorySubject& entry) {
  const auto live = registry.versions(subject, false);
  if (!live) return live.error();
  for (auto& [number, version] : entry.versions) {
    version.is_deleted = !std::binary_search(live->begin(), live->end(), number);
  }
  return {};
}

RegistryResult<void> read_settings(const InventoryReader& reader, const Subject& subject,
                                   InventorySubject& entry) {
  auto config = if_there(reader.registry.config(subject));
  if (!config) return config.error();
  entry.config = std::move(*config);
  if (!reader.with_modes) return {};
  auto mode = if_there(reader.registry.mode(subject));
  if (!mode) return mode.error();
  entry.mode = std::move(*mode);
  return {};
}

// Where there are none a subject of one would be a subject with an odd name, among ids that are not
// its own. Who may not list them may have them.
std::optional<std::string> why_no_contexts(Registry& registry,
                                           const std::set<std::string>& contexts) {
  const bool is_asked = std::any_of(contexts.begin(), contexts.end(),
                                    [](const auto& each) { return each != kDefaultContext; });
  if (!is_asked) return std::nullopt;
  const auto known = registry.contexts();
  if (known || known.error().kind == Kind::forbidden) return std::nullopt;
  if (known.error().kind == Kind::unsupported) return "has no contexts";
  return "does not say whether it has contexts (" + known.error().text() + ")";
}

void read_known(const InventoryReader& reader, Inventory& out) {
  const std::vector<Subject> all(reader.known.begin(), reader.known.end());
  std::mutex mutex;  // over out
  for_each_at_once(all.size(), kRequestsAtOnce, [&](std::size_t i) {
    {
      const std::lock_guard lock(mutex);
      if (out.subjects.contains(all[i]) || out.troubles.contains(all[i])) return;
    }
    if (reader.stop.stop_requested()) return;
    auto mode = if_there(reader.registry.mode(all[i]));
    const std::lock_guard lock(mutex);
    if (!mode) {
      out.troubles.emplace(all[i], mode.error());
    } else if (*mode) {
      out.subjects[all[i]].mode = std::move(**mode);
    }
  });
}

RegistryResult<void> read_scopes(const InventoryReader& reader, Inventory& out) {
  if (!reader.with_modes) return {};
  std::set<std::string> contexts = reader.contexts;
  for (const auto& [subject, entry] : out.subjects) contexts.insert(subject.context);
  out.no_contexts = why_no_contexts(reader.registry, contexts);
  std::set<Subject> scopes = {Subject{}};
  for (const auto& context : contexts) scopes.insert({context, ""});
  for (const auto& scope : scopes) {
    if (!out.can_hold(scope)) continue;
    auto mode = if_there(reader.registry.mode(scope));
    if (!mode) return mode.error();
    if (*mode) out.scope_modes[scope] = std::move(**mode);
  }
  return {};
}

// A registry that has no such call has told all that it does.
void add_trouble(std::map<std::string, RegistryError>& out, const std::string& context,
                 const RegistryError& error) {
  if (error.kind != Kind::unsupported) out.emplace(context, error);
}

void add_max_ids(Registry& registry, Inventory& out) {
  std::map<std::string, std::pair<std::int32_t, Subject>> highest;
  for (const auto& [subject, entry] : out.subjects) {
    for (const auto& [number, version] : entry.versions) {
      auto& known = highest[subject.context];
      if (version.id > known.first) known = {version.id, subject};
    }
  }
  for (const auto& [context, known] : highest) {
    const auto answer = registry.max_id(known.first, known.second);
    if (!answer) add_trouble(out.id_troubles, context, answer.error());
    if (!answer || !*answer) continue;
    HighestId highest_id{std::max(**answer, known.first)};
    if (highest_id.id > known.first) {
      // One that somebody uses was registered meanwhile, is not wanted, or is not readable.
      const auto users = registry.users(highest_id.id, known.second);
      if (!users) add_trouble(out.id_troubles, context, users.error());
      highest_id.is_forgotten = users && users->empty();
    }
    out.max_ids[context] = highest_id;
  }
}

class Reading {
 public:
  explicit Reading(const InventoryReader& reader) : reader_(reader) {}

  RegistryResult<Inventory> read() {
    auto listed = reader_.registry.subjects(true);
    if (!listed) return listed.error();
    const std::size_t all = listed->size();
    for (auto& subject : *listed) {
      if (reader_.wants(subject)) subjects_.push_back(std::move(subject));
    }
    std::sort(subjects_.begin(), subjects_.end());
    if (subjects_.size() >= kSubjectsListed && 2 * subjects_.size() >= all) read_lists();
    for_each_at_once(subjects_.size(), kRequestsAtOnce, [this](std::size_t i) { read_one(i); });
    if (reader_.stop.stop_requested()) {
      return RegistryError{Kind::unreachable, 0, 0, "stopped", ""};
    }
    if (outage_) return *outage_;
    auto config = if_there(reader_.registry.config({}));
    if (!config) return config.error();
    out_.default_config = std::move(*config);
    read_known(reader_, out_);
    if (auto scopes = read_scopes(reader_, out_); !scopes) return scopes.error();
    add_max_ids(reader_.registry, out_);
    give_back_spare_memory();
    return std::move(out_);
  }

 private:
  void read_lists() {
    const TakePage take = [this](std::vector<ListedVersion> page) { keep(page); };
    if (read_listing(reader_.registry, reader_.stop, subjects_.size(), take)) {
      subjects_.insert(subjects_.end(), unlisted_.begin(), unlisted_.end());
      std::sort(subjects_.begin(), subjects_.end());
      return;
    }
    out_.subjects.clear();
    untold_.clear();
  }

  void keep(const std::vector<ListedVersion>& page) {
    std::vector<InventoryVersion> kept(page.size());
    for (std::size_t i = 0; i < page.size(); ++i) {
      const auto& [what, is_deleted] = page[i];
      const bool is_first = i == 0 || page[i - 1].what.subject != what.subject;
      kept[i] = {what.id, KeptSchema(what.schema, is_first ? KeptSchema() : kept[i - 1].schema),
                 is_deleted.value_or(false)};
    }
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < page.size(); ++i) {
      const auto& [what, is_deleted] = page[i];
      if (!std::binary_search(subjects_.begin(), subjects_.end(), what.subject)) {
        if (!reader_.wants(what.subject)) continue;
        unlisted_.insert(what.subject);
      }
      out_.subjects[what.subject].versions[what.version] = std::move(kept[i]);
      if (!is_deleted) untold_.insert(what.subject);
    }
  }

  RegistryResult<InventorySubject> read_subject(const Subject& subject) {
    InventorySubject listed;
    bool is_told = true;
    {
      const std::lock_guard lock(mutex_);
      if (auto found = out_.subjects.extract(subject)) listed = std::move(found.mapped());
      is_told = !untold_.contains(subject);
    }
    auto out = listed.versions.empty() ? read_versions(reader_.registry, subject)
                                       : RegistryResult<InventorySubject>(std::move(listed));
    if (!out) return out;
    if (!is_told) {
      const auto told = read_deletions(reader_.registry, subject, *out);
      if (!told) return told.error();
    }
    const auto settings = read_settings(reader_, subject, *out);
    if (!settings) return settings.error();
    return out;
  }

  void read_one(std::size_t i) {
    {
      const std::lock_guard lock(mutex_);
      if (outage_ || reader_.stop.stop_requested()) return;
    }
    auto answer = read_subject(subjects_[i]);
    const std::lock_guard lock(mutex_);
    if (answer) {
      out_.subjects.emplace(subjects_[i], std::move(*answer));
      in_a_row_ = 0;
    } else {
      in_a_row_ = is_about_all(answer.error()) ? in_a_row_ + 1 : 0;
      if (in_a_row_ >= kOutageSubjects) outage_ = answer.error();
      out_.troubles.emplace(subjects_[i], answer.error());
    }
    if (reader_.on_progress) reader_.on_progress(++done_, subjects_.size());
  }

  // Not of the one subject that was asked for.
  static bool is_about_all(const RegistryError& error) {
    return error.kind == Kind::unreachable || error.status == kUnauthorized;
  }

  static constexpr int kUnauthorized = 401;

  const InventoryReader& reader_;
  std::vector<Subject> subjects_;  // sorted
  std::mutex mutex_;               // over what follows
  Inventory out_;
  std::set<Subject> unlisted_;  // but in a page
  std::set<Subject> untold_;    // of a list that does not tell what is deleted
  std::optional<RegistryError> outage_;
  int in_a_row_ = 0;  // subjects that is_about_all() of
  std::size_t done_ = 0;
};

}  // namespace

bool InventorySubject::is_live() const {
  return std::any_of(versions.begin(), versions.end(),
                     [](const auto& each) { return !each.second.is_deleted; });
}

const InventoryVersion* Inventory::find(const SubjectVersion& which) const {
  const auto subject = subjects.find(which.subject);
  if (subject == subjects.end()) return nullptr;
  const auto version = subject->second.versions.find(which.version);
  return version == subject->second.versions.end() ? nullptr : &version->second;
}

bool Inventory::can_hold(const Subject& subject) const {
  return !no_contexts || subject.context == kDefaultContext;
}

std::string Inventory::id_space(const std::string& context) const {
  return no_contexts ? std::string(kDefaultContext) : context;
}

ModeInForce mode_in_force(const Inventory& inventory, const Subject& subject) {
  constexpr std::string_view kNormalMode = "READWRITE";
  const auto& scopes = inventory.scope_modes;
  // Of the registry itself this one holds whatever else is set.
  const auto all = scopes.find(Subject{});
  if (all != scopes.end() && all->second == "READONLY_OVERRIDE") return {all->second, Subject{}};
  const auto there = inventory.subjects.find(subject);
  if (there != inventory.subjects.end() && there->second.mode) {
    return {*there->second.mode, subject};
  }
  const auto context = scopes.find({subject.context, ""});
  if (context != scopes.end()) return {context->second, context->first};
  return {all != scopes.end() ? all->second : std::string(kNormalMode), Subject{}};
}

bool is_read_only(std::string_view mode) {
  return mode == "READONLY" || mode == "READONLY_OVERRIDE";
}

RegistryResult<Inventory> read_inventory(const InventoryReader& reader) {
  return Reading(reader).read();
}

}  // namespace longspan
