#include "mirror/schemas/capabilities.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "mirror/schemas/bounded_json.h"
#include "mirror/schemas/registry_bodies.h"

namespace longspan {

namespace {

using nlohmann::json;
using Names = std::vector<std::string>;

// Without contexts and without identity only the order tells these two apart.
const Names kKarapaceTypes = {"JSON", "AVRO", "PROTOBUF"};
const Names kRedpandaTypes = {"JSON", "PROTOBUF", "AVRO"};

// Empty: not such a list.
Names names_of(const RegistryAnswer& answer) {
  Names names;
  const json body = answer.is_success() ? parse_bounded(answer.body) : json();
  if (!body.is_array()) return names;
  for (const json& each : body) {
    if (each.is_string()) names.push_back(each.get<std::string>());
  }
  return names;
}

// By what GET /v1/metadata/id says.
std::string product_by_identity(const RegistryAnswer& answer) {
  const json body = answer.is_success() ? parse_bounded(answer.body) : json();
  if (!body.is_object()) return {};
  if (body.contains("scope")) return "Confluent";
  return body.contains("id") ? "AxonOps" : "";
}

std::string product_by_lists(const Capabilities& seen) {
  if (seen.has_contexts) return {};
  if (seen.types == kKarapaceTypes) return "Karapace";
  return seen.types == kRedpandaTypes ? "Redpanda" : "";
}

bool has_call(const RegistryAnswer& answer) {
  return answer.is_success() || refusal(answer).kind == RegistryError::Kind::refused;
}

std::string joined(const Names& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// The answer's meaning does not matter, only whether the registry answers at all.
class Probe {
 public:
  explicit Probe(RegistryRequests& requests) : requests_(requests) {}

  RegistryAnswer get(std::string_view path) {
    if (error_) return {};
    auto answer = requests_.send("GET", path);
    if (!answer) {
      error_ = answer.error();
      return {};
    }
    if (!answer->is_success()) note(refusal(*answer));
    return std::move(*answer);
  }
  [[nodiscard]] const std::optional<RegistryError>& error() const { return error_; }

 private:
  // A call may be forbidden by itself; a registry that is down has all of them down.
  void note(const RegistryError& refused) {
    if (refused.kind == RegistryError::Kind::unreachable) error_ = refused;
  }

  RegistryRequests& requests_;
  std::optional<RegistryError> error_;
};

}  // namespace

std::string Capabilities::text() const {
  std::string line = product.empty() ? "a schema registry" : "looks like " + product;
  line += has_contexts ? "; contexts: " + joined(contexts) : "; no contexts";
  line += has_modes ? "; modes" : "; no modes";
  line += has_users ? "; tells who uses an id" : "; does not tell who uses an id";
  if (!types.empty()) line += "; " + joined(types);
  return line + "; " + std::to_string(subjects) + (subjects == 1 ? " subject" : " subjects");
}

RegistryResult<Capabilities> probe_capabilities(RegistryRequests& requests) {
  Probe probe(requests);
  const RegistryAnswer listed = probe.get("/subjects");
  if (probe.error()) return *probe.error();
  if (!listed.is_success()) return refusal(listed);
  const auto subjects = read_subjects(listed);
  if (!subjects) return subjects.error();

  Capabilities seen;
  seen.subjects = subjects->size();
  const RegistryAnswer contexts = probe.get("/contexts");
  const auto told = read_contexts(contexts);
  const bool is_false = !told && told.error().kind == RegistryError::Kind::unsupported;
  if (told && contexts.is_success()) seen.contexts = *told;
  seen.has_contexts = !seen.contexts.empty();
  seen.has_modes = has_call(probe.get("/mode"));
  seen.types = names_of(probe.get("/schemas/types"));
  seen.has_users = has_call(probe.get("/schemas/ids/1/versions"));
  seen.product = product_by_identity(probe.get("/v1/metadata/id"));
  if (seen.product.empty()) seen.product = is_false ? "Apicurio" : product_by_lists(seen);
  if (probe.error()) return *probe.error();
  return seen;
}

}  // namespace longspan
