// mirror/schemas/registry_url.h - the addresses of a registry: taken apart, encoded, shown.
//
// Errors:  parse_registry_url(): Next::stop_process; shows no password.
// Threads: free functions.
// Source:  RFC 3986; RFC 4648 (Base64).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lagcalc/result.h"
#include "mirror/schemas/registry_settings.h"

namespace longspan {

struct RegistryUrl {
  std::string base;                 // with its path; no slash at the end, no user and password
  std::optional<BasicLogin> login;  // of user:password@
};

[[nodiscard]] Result<RegistryUrl> parse_registry_url(std::string_view text);

// For people: all that may be a user and password is left out.
[[nodiscard]] std::string without_login(std::string_view url);

// Each byte but letters, digits and -._~ as %XX: a segment of a path, or a value in a query. The
// segments "." and ".." would mean a folder, and are encoded whole.
[[nodiscard]] std::string percent_encoded(std::string_view text);

// What it was before; a % that is followed by no two digits stands for itself.
[[nodiscard]] std::string percent_decoded(std::string_view text);

[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace longspan
