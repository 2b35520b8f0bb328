#include "mirror/schemas/embedded/compatibility_level.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "mirror/schemas/embedded/avro_compatibility.h"

namespace longspan::embedded {
namespace {

struct LevelRow {
  CompatibilityLevel level;
  std::string_view word;
  bool reads_earlier;     // the new schema reads what the earlier ones wrote
  bool read_by_earlier;   // the earlier ones read what the new one writes
  bool with_all_earlier;  // else with the latest only
};

constexpr auto kLevels = std::to_array<LevelRow>({
    {CompatibilityLevel::none, "NONE", false, false, false},
    {CompatibilityLevel::backward, "BACKWARD", true, false, false},
    {CompatibilityLevel::backward_transitive, "BACKWARD_TRANSITIVE", true, false, true},
    {CompatibilityLevel::forward, "FORWARD", false, true, false},
    {CompatibilityLevel::forward_transitive, "FORWARD_TRANSITIVE", false, true, true},
    {CompatibilityLevel::full, "FULL", true, true, false},
    {CompatibilityLevel::full_transitive, "FULL_TRANSITIVE", true, true, true},
});

const LevelRow& row_of(CompatibilityLevel level) {
  return kLevels[static_cast<std::size_t>(level)];
}

void add_reasons(std::vector<std::string>& reasons, const AvroSchema& reader,
                 const AvroSchema& writer, std::string_view reader_is) {
  const std::string_view writer_is = reader_is == "new" ? "old" : "new";
  for (const Incompatibility& found : incompatibilities(reader.root(), writer.root())) {
    reasons.push_back(incompatibility_text(found, reader_is, writer_is));
  }
}

std::vector<std::string> reasons_between(const LevelRow& row, const ParsedSchema& schema,
                                         const ParsedSchema& earlier) {
  if (schema.type != earlier.type) return {"Incompatible because of different schema type"};
  std::vector<std::string> reasons;
  if (!schema.avro || !earlier.avro) return reasons;
  if (row.reads_earlier) add_reasons(reasons, *schema.avro, *earlier.avro, "new");
  if (row.read_by_earlier) add_reasons(reasons, *earlier.avro, *schema.avro, "old");
  return reasons;
}

}  // namespace

std::optional<CompatibilityLevel> parse_level(std::string_view text) {
  std::string word(text);
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  for (const LevelRow& row : kLevels) {
    if (row.word == word) return row.level;
  }
  return std::nullopt;
}

std::string_view level_text(CompatibilityLevel level) { return row_of(level).word; }

std::vector<std::string> reasons_against(CompatibilityLevel level, const ParsedSchema& schema,
                                         std::span<const ParsedVersion> earlier) {
  const LevelRow& row = row_of(level);
  if (!row.reads_earlier && !row.read_by_earlier) return {};
  for (auto one = earlier.rbegin(); one != earlier.rend(); ++one) {
    std::vector<std::string> reasons = reasons_between(row, schema, one->schema);
    if (!reasons.empty()) {
      reasons.push_back("{oldSchemaVersion: " + std::to_string(one->version) + "}");
      reasons.push_back("{oldSchema: '" + one->schema.text + "'}");
      reasons.push_back("{validateFields: 'false', compatibility: '" + std::string(row.word) +
                        "'}");
      return reasons;
    }
    if (!row.with_all_earlier) break;
  }
  return {};
}

}  // namespace longspan::embedded
