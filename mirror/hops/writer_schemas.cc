#include "mirror/hops/writer_schemas.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "mirror/schemas/plan.h"

namespace longspan {

WriterSchemas::WriterSchemas(std::unique_ptr<Registry> source, NamePatterns contexts,
                             StampNames names, const Clock& clock)
    : source_(std::move(source)),
      contexts_(std::move(contexts)),
      names_(std::move(names)),
      clock_(clock) {}

void WriterSchemas::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const bool has_open = turn(stop);
    std::unique_lock lock(mutex_);
    const auto is_asked = [this] { return has_new_; };
    asked_.wait_for(lock, stop, has_open ? kAskAgain : kForgetAfter, is_asked);
  }
}

bool WriterSchemas::turn(const std::stop_token& stop) {
  forget_unknown();
  Table next = table()->size() > kIdsMax ? Table() : *table();
  int failures = 0;
  for (const auto& which : wanted()) {
    if (stop.stop_requested() || failures >= kFailuresMax) break;
    asked_up_to_ = which;
    bool is_known = true;
    auto found = look_up(which, is_known);
    if (!found) {
      ++failures;
      continue;
    }
    if (!is_known) unknown_since_[which] = clock_.steady();
    next[which] = std::move(*found);
    const std::lock_guard lock(mutex_);
    open_.erase(which);
  }
  if (next.size() != table()->size()) publish(std::move(next));
  const std::lock_guard lock(mutex_);
  return !open_.empty();
}

// A turn that ended early is gone on with by the next one.
std::vector<SchemaWhich> WriterSchemas::wanted() {
  const std::lock_guard lock(mutex_);
  has_new_ = false;
  const auto next = open_.upper_bound(asked_up_to_);
  std::vector<SchemaWhich> out(next, open_.end());
  out.insert(out.end(), open_.begin(), next);
  return out;
}

std::optional<WriterSchemas::Projection> WriterSchemas::look_up(const SchemaWhich& which,
                                                                bool& is_known) {
  Subject seen_in;
  const auto* const guid = std::get_if<SchemaGuid>(&which);
  const auto schema = guid != nullptr ? source_->schema_by_guid(guid->text())
                                      : find(std::get<std::int32_t>(which), seen_in);
  if (!schema && schema.error().kind == RegistryError::Kind::unreachable) return std::nullopt;
  is_known = schema && schema->has_value();
  if (!is_known || (*schema)->type != "AVRO") return Projection();
  const auto referred = referred_texts(**schema, seen_in);
  if (!referred) return std::nullopt;
  std::vector<std::string_view> texts;
  for (const auto& [at, text] : *referred) texts.emplace_back(text);
  auto compiled = AvroProjection::compile((*schema)->text, texts, names_);
  if (!compiled || !compiled->reads_anything()) return Projection();
  return std::make_shared<const AvroProjection>(std::move(*compiled));
}

RegistryResult<std::optional<Schema>> WriterSchemas::find(std::int32_t id, Subject& seen_in) {
  auto out = source_->schema(id, seen_in);
  if (!out || *out || contexts_.patterns().empty()) return out;
  const auto contexts = source_->contexts();
  if (!contexts) return out;  // it has none
  for (const auto& context : *contexts) {
    if (context == seen_in.context || !contexts_.matches(context)) continue;
    out = source_->schema(id, {context, {}});
    if (!out) return out;
    if (!*out) continue;
    seen_in.context = context;
    break;
  }
  return out;
}

RegistryResult<std::map<SubjectVersion, std::string>> WriterSchemas::referred_texts(
    const Schema& schema, const Subject& seen_in) {
  std::map<SubjectVersion, std::string> out;
  std::vector<std::pair<SchemaReference, Subject>> next;
  for (const auto& reference : schema.references) next.emplace_back(reference, seen_in);
  while (!next.empty() && out.size() < kReferencesMax) {
    const auto [reference, from] = std::move(next.back());
    next.pop_back();
    const SubjectVersion at{referred(reference, from), reference.version};
    if (out.contains(at)) continue;
    const auto found = source_->version(at);
    if (!found) return found.error();
    if (!*found) continue;  // what is not there will not compile
    out.emplace(at, (*found)->schema.text);
    for (const auto& each : (*found)->schema.references) next.emplace_back(each, at.subject);
  }
  return out;
}

// A registry's follower may have been behind when it was asked.
void WriterSchemas::forget_unknown() {
  const auto now = clock_.steady();
  const auto is_old = [&](const auto& each) { return now - each.second >= kForgetAfter; };
  if (std::none_of(unknown_since_.begin(), unknown_since_.end(), is_old)) return;
  Table next = *table();
  std::erase_if(unknown_since_,
                [&](const auto& each) { return is_old(each) && (next.erase(each.first), true); });
  publish(std::move(next));
}

void WriterSchemas::publish(Table table) {
  {
    const std::lock_guard lock(mutex_);
    table_ = std::make_shared<const Table>(std::move(table));
  }
  generation_.fetch_add(1);
}

void WriterSchemas::ask(const SchemaWhich& which) {
  const std::lock_guard lock(mutex_);
  if (open_.size() >= kOpenMax || !open_.insert(which).second) return;
  has_new_ = true;
  asked_.notify_all();
}

std::shared_ptr<const WriterSchemas::Table> WriterSchemas::table() const {
  const std::lock_guard lock(mutex_);
  return table_;
}

}  // namespace longspan
