#include "mirror/schemas/registry.h"

namespace longspan {

namespace {

const char* words(RegistryError::Kind kind) {
  switch (kind) {
    case RegistryError::Kind::unreachable:
      return "no answer of the schema registry";
    case RegistryError::Kind::forbidden:
      return "the schema registry does not let us";
    case RegistryError::Kind::unsupported:
      return "this schema registry does not have the call";
    case RegistryError::Kind::refused:
      return "the schema registry refuses";
    case RegistryError::Kind::unintelligible:
      return "not the answer of a schema registry";
  }
  return "";
}

}  // namespace

RegistryResult<std::vector<ListedVersion>> Registry::listed(const ListedRange&) {
  return RegistryError{RegistryError::Kind::unsupported, 0, 0, "no list of schemas", ""};
}

RegistryResult<std::optional<std::string>> Registry::schema_text(std::int32_t, const Subject&) {
  return RegistryError{RegistryError::Kind::unsupported, 0, 0, "no texts by id", ""};
}

bool RegistryError::is_own_failure() const {
  // Others repeat the status as code.
  constexpr int kFirstCode = 10'000;
  return kind == Kind::unreachable && status >= 500 && code >= kFirstCode;
}

std::string RegistryError::text() const {
  std::string line = words(kind);
  if (!message.empty()) line += ": " + message;
  line += " (";
  if (status != 0) line += "status=" + std::to_string(status) + " ";
  if (code != 0) line += "error_code=" + std::to_string(code) + " ";
  return line + where + ")";
}

}  // namespace longspan
