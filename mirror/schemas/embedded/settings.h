// mirror/schemas/embedded/settings.h - modes and configs, each of a subject, a context or of all.
//
// A scope is a Subject; without a name it is a context, and the default context without a name is
// what is set by calls without a subject. What a subject has not, its context has; what that has
// not, `:.__GLOBAL:` has; then READWRITE and BACKWARD.
//
// Errors:  none; the words were checked before.
// Threads: not safe; the registry's mutex guards it.
// Source:  Confluent Schema Registry: Mode, Config, InMemoryCache.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "mirror/schemas/schema.h"

namespace longspan::embedded {

class Settings {
 public:
  // Of this scope itself.
  [[nodiscard]] std::optional<std::string> mode(const Subject& scope) const;
  [[nodiscard]] std::optional<std::string> config(const Subject& scope) const;
  // What holds for it.
  [[nodiscard]] std::string mode_in_scope(const Subject& scope) const;
  [[nodiscard]] std::string config_in_scope(const Subject& scope) const;

  void set_mode(const Subject& scope, const std::string& mode) { modes_[scope] = mode; }
  void unset_mode(const Subject& scope) { modes_.erase(scope); }
  // `json` is laid over what is there; a member that is null is taken away.
  void set_config(const Subject& scope, const std::string& json);
  void unset_config(const Subject& scope) { configs_.erase(scope); }

 private:
  std::map<Subject, std::string> modes_;
  std::map<Subject, std::string> configs_;  // JSON objects, keys sorted
};

}  // namespace longspan::embedded
