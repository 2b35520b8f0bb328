#include "mirror/schemas/inventory.h"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

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
    entry.schema = std::move((*version)->schema);
    entry.is_deleted = !std::binary_search(live->begin(), live->end(), number);
  }
  return out;
}

RegistryResult<InventorySubject> read_subject(Registry& registry, const Subject& subject) {
  auto out = read_versions(registry, subject);
  if (!out) return out;
  auto config = if_there(registry.config(subject));
  if (!config) return config.error();
  out->config = std::move(*config);
  auto mode = if_there(registry.mode(subject));
  if (!mode) return mode.error();
  out->mode = std::move(*mode);
  return out;
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
    if (!answer || !*answer) continue;
    // An id that somebody uses is not forgotten: registered meanwhile, not wanted, or not readable.
    const auto users = registry.users(**answer, known.second);
    const bool is_forgotten = users && users->empty();
    if (is_forgotten || **answer <= known.first)
      out.max_ids[context] = std::max(**answer, known.first);
  }
}

class Reading {
 public:
  explicit Reading(const InventoryReader& reader) : reader_(reader) {}

  RegistryResult<Inventory> read() {
    auto listed = reader_.registry.subjects(true);
    if (!listed) return listed.error();
    for (auto& subject : *listed) {
      if (reader_.wants(subject)) subjects_.push_back(std::move(subject));
    }
    for_each_at_once(subjects_.size(), kRequestsAtOnce, [this](std::size_t i) { read_one(i); });
    if (reader_.stop.stop_requested()) {
      return RegistryError{Kind::unreachable, 0, 0, "stopped", ""};
    }
    if (outage_) return *outage_;
    auto config = if_there(reader_.registry.config({}));
    if (!config) return config.error();
    out_.default_config = std::move(*config);
    add_max_ids(reader_.registry, out_);
    return std::move(out_);
  }

 private:
  void read_one(std::size_t i) {
    {
      const std::lock_guard lock(mutex_);
      if (outage_ || reader_.stop.stop_requested()) return;
    }
    auto answer = read_subject(reader_.registry, subjects_[i]);
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
  std::vector<Subject> subjects_;
  std::mutex mutex_;  // over what follows
  Inventory out_;
  std::optional<RegistryError> outage_;
  int in_a_row_ = 0;  // subjects that is_about_all() of
  std::size_t done_ = 0;
};

}  // namespace

const InventoryVersion* Inventory::find(const SubjectVersion& which) const {
  const auto subject = subjects.find(which.subject);
  if (subject == subjects.end()) return nullptr;
  const auto version = subject->second.versions.find(which.version);
  return version == subject->second.versions.end() ? nullptr : &version->second;
}

RegistryResult<Inventory> read_inventory(const InventoryReader& reader) {
  return Reading(reader).read();
}

}  // namespace longspan
