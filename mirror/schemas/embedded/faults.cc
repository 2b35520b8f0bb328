#include "mirror/schemas/embedded/faults.h"

#include <charconv>
#include <nlohmann/json.hpp>

namespace longspan::embedded {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kEveryMax = 1'000'000;
constexpr std::int64_t kSlowMax = 60'000;

constexpr auto kRows = std::to_array<FaultRow>({
    {Fault::too_many_requests, "too_many_requests", "N", kEveryMax,
     "Every Nth request is answered 429, with Retry-After: 1"},
    {Fault::unavailable, "unavailable", "N", kEveryMax, "Every Nth request is answered 503"},
    {Fault::slow, "slow", "MS", kSlowMax, "Every answer waits so long"},
    {Fault::drop_after_commit, "drop_after_commit", "N", kEveryMax,
     "Of every Nth change that was made the connection is closed without an answer"},
    {Fault::no_import, "no_import", "", 1,
     "No mode can be set (405), ids and versions that are given are ignored (Karapace 6.2.0)"},
    {Fault::other_id, "other_id", "", 1,
     "Modes are answered 204 and not kept, ids and versions that are given are ignored with "
     "200, the highest id is not told (Apicurio)"},
    {Fault::follower, "follower", "", 1, "Changes are answered 500 with 50003: no leader is there"},
    {Fault::no_contexts, "no_contexts", "", 1,
     "Qualified subjects are names like others, /contexts is not there (Karapace, Apicurio)"},
    {Fault::taken_version, "taken_version", "", 1,
     "An import into a taken version, or of a schema that the subject has, is answered 200 with "
     "the id that is there, and not stored (AxonOps 0.2)"},
    {Fault::drop_metadata, "drop_metadata", "", 1,
     "Metadata and rule sets of imports are not kept (AxonOps 0.2)"},
    {Fault::null_subjects, "null_subjects", "", 1,
     "An empty list of subjects is answered as null (AxonOps 0.2)"},
    {Fault::id_in_readwrite, "id_in_readwrite", "", 1,
     "An id is taken in READWRITE too; one that is there is refused with 42207, even for the "
     "same schema (Redpanda before 25.3)"},
    {Fault::fixed_modes, "fixed_modes", "", 1,
     "Every change of a mode is refused with 42205 (mode.mutability=false)"},
    {Fault::no_guids, "no_guids", "", 1,
     "GUIDs are not looked up: /schemas/guids is not there (all but newer Confluent)"},
    {Fault::no_lists, "no_lists", "", 1,
     "Schemas are not listed: /schemas is not there (all but Confluent)"},
    {Fault::subjects_max, "subjects_max", "N", kEveryMax,
     "At most N subjects are listed at once, whatever limit is asked for (Confluent from 7.9)"},
    {Fault::versions_max, "versions_max", "N", kEveryMax,
     "At most N versions of a subject are listed at once, the same (Confluent from 7.9)"},
    {Fault::no_offsets, "no_offsets", "", 1,
     "Lists of subjects and versions have no offset and no limit to be asked for (Karapace)"},
});
static_assert(kRows.size() == kFaultCount);

const FaultRow* find_row(std::string_view word) {
  for (const FaultRow& row : kRows) {
    if (row.word == word) return &row;
  }
  return nullptr;
}

constexpr std::size_t index(Fault fault) { return static_cast<std::size_t>(fault); }

Unexpected<std::string> out_of_range(const FaultRow& row, std::string_view text) {
  return Unexpected<std::string>(std::string(row.word) + "=" + std::string(text) +
                                 " is not in 0.." + std::to_string(row.max));
}

Unexpected<std::string> no_such_fault(std::string_view word) {
  std::string all;
  for (const FaultRow& row : kRows) all += (all.empty() ? "" : ", ") + std::string(row.word);
  return Unexpected<std::string>(std::string(word) + " is not one of " + all);
}

Result<std::int64_t, std::string> number_of(const FaultRow& row, const Json& value) {
  if (value.is_boolean() && row.value_name.empty()) return value.get<bool>() ? 1 : 0;
  if (!value.is_number_integer() || value < 0 || value > row.max) {
    return out_of_range(row, value.dump());
  }
  return value.get<std::int64_t>();
}

}  // namespace

std::span<const FaultRow> fault_rows() { return kRows; }

std::int64_t Faults::value(Fault fault) const { return values_[index(fault)]; }

bool Faults::hits(Fault fault) {
  const std::int64_t every = value(fault);
  return every != 0 && ++counts_[index(fault)] % every == 0;
}

Result<void, std::string> Faults::set(std::string_view word) {
  const std::size_t equals = word.find('=');
  const FaultRow* row = find_row(word.substr(0, equals));
  if (row == nullptr) return no_such_fault(word.substr(0, equals));
  if (equals == std::string_view::npos) {
    if (!row->value_name.empty()) return out_of_range(*row, "");
    values_[index(row->fault)] = 1;
    return {};
  }
  const std::string_view text = word.substr(equals + 1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = error == std::errc{} && end == text.data() + text.size();
  if (!is_number || number < 0 || number > row->max) return out_of_range(*row, text);
  values_[index(row->fault)] = number;
  return {};
}

Result<void, std::string> Faults::set_json(const std::string& json) {
  const Json object = Json::parse(json, nullptr, false);
  if (!object.is_object()) return Unexpected<std::string>("not a JSON object of faults");
  auto values = values_;
  for (const auto& [word, value] : object.items()) {
    const FaultRow* row = find_row(word);
    if (row == nullptr) return no_such_fault(word);
    const auto number = number_of(*row, value);
    if (!number) return Unexpected<std::string>(number.error());
    values[index(row->fault)] = *number;
  }
  values_ = values;
  return {};
}

std::string Faults::json() const {
  Json object = Json::object();
  for (const FaultRow& row : kRows) {
    if (!is_on(row.fault)) continue;
    if (row.value_name.empty()) {
      object[std::string(row.word)] = true;
    } else {
      object[std::string(row.word)] = value(row.fault);
    }
  }
  return object.dump();
}

}  // namespace longspan::embedded
