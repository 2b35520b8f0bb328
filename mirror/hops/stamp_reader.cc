#include "mirror/hops/stamp_reader.h"

#include <utility>
#include <vector>

#include "lagcalc/stamps/header_stamps.h"
#include "lagcalc/stamps/json_stamps.h"
#include "mirror/schemas/framing.h"

namespace longspan {
namespace {

// What stands behind the mark of a value; a mark in a header leaves all of it.
std::string_view body_of(const SchemaMark& mark, std::string_view value) {
  constexpr std::size_t kMagic = 1;
  if (mark.is_in_header) return value;
  const bool is_id = std::holds_alternative<std::int32_t>(mark.which);
  return value.substr(kMagic + (is_id ? sizeof(std::int32_t) : sizeof(SchemaGuid::bytes)));
}

bool is_json(std::string_view value) {
  const auto first = value.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && value[first] == '{';
}

}  // namespace

StampReader::StampReader(WriterSchemas* schemas, StampSettings settings)
    : schemas_(schemas), settings_(std::move(settings)) {
  if (schemas_ != nullptr) table_ = schemas_->table();
}

StampReader::Topic StampReader::topic(const std::string& name) const {
  Topic out;
  out.is_heartbeat = is_heartbeat_topic(name, settings_.heartbeats);
  return out;
}

ChangeStamps StampReader::read(Topic& topic, const Record& record, LastDelete& last_delete) {
  const bool looks = topic.seen++ % kLookEach == 0;
  topic.is_json = false;
  Headers headers;
  if ((looks || topic.needs_headers) && record.has_headers()) headers = record.headers();
  const auto of_headers = headers.empty() ? ChangeFields() : fields_of_headers(topic, headers);
  if (!record.value) return last_delete.tombstone(record.key, of_headers);
  const bool is_plain = topic.plain >= kPlainMax && !looks;
  const auto of_value =
      is_plain ? faulty(topic.plain_why) : fields_of_value(topic, *record.value, headers);
  if (topic.is_heartbeat) return judge_heartbeat(of_value);
  const auto fields = joined(of_value, of_headers);
  topic.plain = fields.shape == ChangeShape::other ? topic.plain + 1 : 0;
  const auto out = judge(fields);
  if (out.why) topic.plain_why = *out.why;
  last_delete.note(record.key, out);
  return out;
}

ChangeFields StampReader::fields_of_headers(Topic& topic, const Headers& headers) const {
  std::vector<HeaderView> views;
  views.reserve(headers.size());
  for (const auto& each : headers) {
    views.push_back({each.name, each.value});
    if (each.name == kValueSchemaHeader) topic.needs_headers = true;
  }
  auto out = read_headers(views, settings_.names);
  if (out.has_commit()) topic.needs_headers = true;
  return out;
}

ChangeFields StampReader::fields_of_value(Topic& topic, std::string_view value,
                                          const Headers& headers) {
  if (const auto mark = mark_of(RecordPart::value, headers, value)) {
    return fields_of_avro(mark->which, body_of(*mark, value));
  }
  topic.is_json = is_json(value);
  return topic.is_json ? read_json(value, settings_.names) : ChangeFields();
}

std::string StampReader::row_context(const Topic& topic, const Record& record) {
  if (!record.value) return {};
  const std::string_view value = *record.value;
  Headers headers;
  if (topic.needs_headers && record.has_headers()) headers = record.headers();
  if (const auto mark = mark_of(RecordPart::value, headers, value)) {
    const auto* const found = projection_of(mark->which);
    if (found == nullptr || !*found || !(*found)->reads_row_context()) return {};
    return (*found)->read(body_of(*mark, value)).row_context;
  }
  if (!is_json(value) || value.find(kRowContextField) == std::string_view::npos) return {};
  return read_json(value, settings_.names).row_context;
}

const WriterSchemas::Projection* StampReader::projection_of(const SchemaWhich& which) {
  if (schemas_ == nullptr) return nullptr;
  if (const auto now = schemas_->generation(); now != generation_) {
    generation_ = now;
    table_ = schemas_->table();
  }
  const auto found = table_->find(which);
  if (found == table_->end()) {
    schemas_->ask(which);
    return nullptr;
  }
  return &found->second;
}

ChangeFields StampReader::fields_of_avro(const SchemaWhich& which, std::string_view body) {
  const auto* const found = projection_of(which);
  if (found == nullptr) return faulty(NoCommit::no_schema);
  return *found ? (*found)->read(body) : ChangeFields();
}

}  // namespace longspan
