#include "mirror/schemas/embedded/guid.h"

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "lagcalc/assert.h"

namespace longspan::embedded {
namespace {

using Json = nlohmann::json;  // keys sorted, as Confluent hashes them

constexpr char kPresent = 1;  // tells an empty part from none
constexpr std::size_t kDigestBytes = 16;

std::string big_endian(std::int32_t number) {
  const auto bits = static_cast<std::uint32_t>(number);
  std::string out;
  for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<char>(bits >> shift & 0xffU));
  return out;
}

void add_text(std::string& hashed, const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found != object.end() && found->is_string()) hashed += found->get<std::string>();
}

void add_list(std::string& hashed, const Json& list) {
  for (const Json& text : list) {
    if (text.is_string()) hashed += text.get<std::string>();
  }
}

// Keys, each with its value or its list of values.
void add_map(std::string& hashed, const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return;
  for (const auto& [name, value] : found->items()) {
    hashed += name;
    if (value.is_string()) hashed += value.get<std::string>();
    if (value.is_array()) add_list(hashed, value);
  }
}

void add_metadata(std::string& hashed, const Json& metadata) {
  hashed += kPresent;
  add_map(hashed, metadata, "tags");
  add_map(hashed, metadata, "properties");
  if (metadata.contains("sensitive")) add_list(hashed, metadata["sensitive"]);
}

void add_rule(std::string& hashed, const Json& rule) {
  for (const char* key : {"name", "doc", "kind", "mode", "type"}) add_text(hashed, rule, key);
  if (rule.contains("tags")) add_list(hashed, rule["tags"]);
  add_map(hashed, rule, "params");
  for (const char* key : {"expr", "onSuccess", "onFailure"}) add_text(hashed, rule, key);
  if (rule.value("disabled", false)) hashed += kPresent;
}

void add_rule_set(std::string& hashed, const Json& rule_set) {
  hashed += kPresent;
  for (const char* key : {"migrationRules", "domainRules", "encodingRules"}) {
    if (!rule_set.contains(key)) continue;
    for (const Json& rule : rule_set[key]) add_rule(hashed, rule);
  }
}

std::string md5(const std::string& bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const int is_done =
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_md5(), nullptr);
  // A machine that allows only FIPS algorithms has none; then every GUID is the empty one.
  if (is_done != 1) digest.fill(0);
  LONGSPAN_ASSERT(is_done != 1 || size == kDigestBytes);
  return {digest.begin(), digest.begin() + kDigestBytes};
}

std::string as_uuid(const std::string& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
    const auto byte = static_cast<unsigned char>(digest[i]);
    out.push_back(kDigits[byte >> 4U]);
    out.push_back(kDigits[byte & 0xfU]);
  }
  return out;
}

}  // namespace

std::string guid_of(const Schema& schema) {
  std::string hashed = schema.text;
  for (const SchemaReference& reference : schema.references) {
    hashed += reference.name + reference.subject + big_endian(reference.version);
  }
  if (!schema.metadata.empty()) add_metadata(hashed, Json::parse(schema.metadata));
  if (!schema.rule_set.empty()) add_rule_set(hashed, Json::parse(schema.rule_set));
  return as_uuid(md5(hashed));
}

}  // namespace longspan::embedded
