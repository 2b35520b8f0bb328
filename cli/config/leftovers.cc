// The last part of flows.h: what is said about keys that nothing asked for.
#include <algorithm>

#include "cli/command_line.h"
#include "cli/config/flows.h"
#include "cli/config/known_keys.h"

namespace longspan {
namespace {

enum class KeyScope : std::uint8_t { bare, cluster, flow };

struct ScopedKey {
  KeyScope scope = KeyScope::bare;
  std::string prefix;  // "A->B.", "A." or empty
  std::string source;  // of a flow
  std::string target;
  std::string_view rest;  // the key without its scope
};

bool contains(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// Aliases have no dots, so a scope ends at the first one.
ScopedKey scoped(std::string_view key, const std::vector<std::string>& clusters) {
  ScopedKey out;
  const std::size_t arrow = key.find("->");
  const std::size_t dot = key.find('.');
  if (dot == std::string_view::npos) return {.prefix = {}, .source = {}, .target = {}, .rest = key};
  if (arrow != std::string_view::npos && arrow < dot) {
    out.scope = KeyScope::flow;
    out.source = key.substr(0, arrow);
    out.target = key.substr(arrow + 2, dot - arrow - 2);
  } else if (contains(clusters, key.substr(0, dot))) {
    out.scope = KeyScope::cluster;
    out.target = key.substr(0, dot);
  } else {
    return {.prefix = {}, .source = {}, .target = {}, .rest = key};
  }
  out.prefix = key.substr(0, dot + 1);
  out.rest = key.substr(dot + 1);
  return out;
}

bool is_client_key(std::string_view rest) {
  for (const std::string_view role : {"consumer.", "producer.", "admin."}) {
    for (const std::string_view side : {"", "source.", "target."}) {
      if (rest.starts_with(std::string(side) + std::string(role))) return true;
    }
  }
  return rest.starts_with("source.cluster.") || rest.starts_with("target.cluster.");
}

class Leftovers {
 public:
  Leftovers(const FlowSelection& selection, Findings& findings)
      : selection_(selection), findings_(findings) {}

  void report(const Property& property) {
    const ScopedKey key = scoped(property.key, selection_.clusters);
    if (key.scope == KeyScope::flow && !runs(property, key)) return;
    if (const Option* option = find_option(key.rest)) return misplaced(property, key, *option);
    if (const KnownKey* known = find_known_key(key.rest)) return known_key(property, *known);
    // A cluster that no running flow uses, or a bare client setting: known words, nothing to say.
    const bool client =
        is_client_key(key.rest) || (key.scope != KeyScope::flow && is_connection_key(key.rest));
    if (!client) unknown(property, key);
  }

 private:
  // False: the key belongs to a flow that does not run, and that has been said.
  bool runs(const Property& property, const ScopedKey& key) {
    for (const std::string& alias : {key.source, key.target}) {
      if (contains(selection_.clusters, alias)) continue;
      findings_.warn(property.line, property.key + " is ignored: " + alias + " is not in clusters");
      return false;
    }
    return std::any_of(selection_.flows.begin(), selection_.flows.end(), [&key](const auto& flow) {
      return flow.source == key.source && flow.target == key.target;
    });
  }

  void misplaced(const Property& property, const ScopedKey& key, const Option& option) {
    if (key.scope == KeyScope::bare) return;
    const std::string name(option.key);
    if (option.scope == Scope::process) {
      findings_.warn(property.line, property.key + " is ignored: " + name +
                                        " belongs to the process, write it without a scope");
    } else if (option.scope == Scope::cluster) {
      if (key.scope != KeyScope::flow) return;
      findings_.warn(property.line, property.key + " is ignored: " + name +
                                        " belongs to a cluster, write " + key.source + "." + name +
                                        " or " + key.target + "." + name);
    } else if (key.scope == KeyScope::cluster && find_known_key(key.rest) == nullptr) {
      findings_.warn(property.line, property.key + " is ignored: " + name +
                                        " belongs to a flow, write A->B." + name + " or " + name);
    }
  }

  void known_key(const Property& property, const KnownKey& known) {
    const std::string reason(known.reason);
    if (known.fate == KeyFate::ignored) {
      findings_.warn(property.line, property.key + " is ignored: " + reason);
    } else if (known.fate == KeyFate::refused) {
      findings_.error(property.line, property.text() + " cannot be honoured: " + reason);
    }
  }

  // "eats.bootstrap.servers" where the cluster is named east: the alias is the slip.
  [[nodiscard]] std::string slip_of_alias(std::string_view key) const {
    const auto dot = key.find('.');
    if (dot == std::string_view::npos || !is_connection_key(key.substr(dot + 1))) return {};
    const std::vector<std::string_view> names(selection_.clusters.begin(),
                                              selection_.clusters.end());
    const std::string near = nearest(key.substr(0, dot), names);
    return near.empty() ? near : near + std::string(key.substr(dot));
  }

  void unknown(const Property& property, const ScopedKey& key) {
    if (key.scope == KeyScope::bare) {
      if (const auto meant = slip_of_alias(key.rest); !meant.empty()) {
        return findings_.warn(property.line,
                              "unknown key " + property.key + ", did you mean " + meant + "?");
      }
    }
    std::vector<std::string_view> names{"bootstrap.servers", "security.protocol"};
    for (const Option& option : options()) names.push_back(option.key);
    const std::string near = nearest(key.rest, names);
    findings_.warn(property.line, "unknown key " + property.key +
                                      (near.empty() ? " is ignored"
                                                    : ", did you mean " + key.prefix + near + "?"));
  }

  const FlowSelection& selection_;
  Findings& findings_;
};

// Settings of a flow that nobody switched on are a likely slip.
void report_idle_flows(const PropertySet& properties, const FlowSelection& selection,
                       Findings& findings) {
  for (const std::string& source : selection.clusters) {
    for (const std::string& target : selection.clusters) {
      const std::string prefix = source + "->" + target + ".";
      const auto keys = properties.with_prefix(prefix);
      const auto says_enabled = [&](const Property* p) { return p->key == prefix + "enabled"; };
      const bool runs = std::any_of(selection.flows.begin(), selection.flows.end(),
                                    [&](auto& f) { return f.prefix() == prefix; });
      if (keys.empty() || runs || std::any_of(keys.begin(), keys.end(), says_enabled)) continue;
      findings.warn(keys.front()->line, source + "->" + target +
                                            " has settings but does not run: it needs " + prefix +
                                            "enabled = true");
    }
  }
}

}  // namespace

void report_leftovers(const PropertySet& properties, const FlowSelection& selection,
                      Findings& findings) {
  if (selection.clusters.empty()) return;  // without aliases no scope can be told
  Leftovers leftovers(selection, findings);
  for (const Property* property : properties.never_taken()) leftovers.report(*property);
  report_idle_flows(properties, selection, findings);
}

}  // namespace longspan
