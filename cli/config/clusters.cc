#include "cli/config/clusters.h"

#include <algorithm>
#include <array>

#include "cli/config/known_keys.h"
#include "cli/options.h"

namespace longspan {
namespace {

// librdkafka's own names that fit every client; what stands in the Java table is known anyway.
constexpr auto kNativeConnection = std::to_array<std::string_view>(
    {"socket.", "broker.", "debug", "enable.ssl.", "enable.sasl.", "ssl.", "sasl.", "api.version.",
     "log_level", "topic.metadata.refresh.", "metadata.broker.list"});
// Of these MM2 takes the bare key for every cluster.
constexpr auto kBareConnection =
    std::to_array<std::string_view>({"bootstrap.servers", "security.protocol", "ssl.", "sasl."});

bool begins_with_any(std::string_view name, std::span<const std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [name](std::string_view prefix) { return name.starts_with(prefix); });
}

std::string_view word(ClientRole role) {
  switch (role) {
    case ClientRole::consumer:
      return "consumer.";
    case ClientRole::producer:
      return "producer.";
    case ClientRole::admin:
      return "admin.";
    case ClientRole::any:
      break;
  }
  return "";
}

// consumer.poll.timeout.ms and admin.timeout.ms look like client settings and are none.
bool is_other_key(std::string_view key) {
  return find_option(key) != nullptr || find_known_key(key) != nullptr;
}

class Settling {
 public:
  explicit Settling(PropertySet& properties) : properties_(properties) {}

  // Keys PREFIX + a connection key.
  void connection(const std::string& prefix, bool bare_names_only = false) {
    for (const Property* p : properties_.with_prefix(prefix)) {
      const std::string name = p->key.substr(prefix.size());
      const bool fits =
          bare_names_only ? begins_with_any(name, kBareConnection) : is_connection_key(name);
      if (fits) put(name, *p);
    }
  }

  // Keys SCOPE + "consumer." + anything.
  void client(const std::string& scope, std::string_view role) {
    const std::string prefix = scope + std::string(role);
    for (const Property* p : properties_.with_prefix(prefix)) {
      const std::string_view unscoped = std::string_view(p->key).substr(scope.size());
      const std::string name = p->key.substr(prefix.size());
      if (is_other_key(unscoped) || name.starts_with("override.")) continue;
      put(name, *p);
    }
  }

  ClientSettings take() { return std::move(settings_); }

 private:
  void put(const std::string& name, const Property& property) {
    settings_[name] = &property;
    (void)properties_.take(property.key);
  }

  PropertySet& properties_;
  ClientSettings settings_;
};

std::string_view word(Side side) { return side == Side::source ? "source." : "target."; }

bool is_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view port = text.substr(colon + 1);
  const bool digits = !port.empty() && port.size() <= 5 &&
                      port.find_first_not_of("0123456789") == std::string_view::npos;
  if (!digits || std::stoi(std::string(port)) < 1 || std::stoi(std::string(port)) > 65535) {
    return false;
  }
  return text.find_first_of(" \t/") == std::string_view::npos;
}

void check_bootstrap(const ClientSettings& common, const std::string& alias, Findings& findings) {
  const auto found = common.find("bootstrap.servers");
  if (found == common.end()) {
    return findings.error(0, alias + ".bootstrap.servers is missing: host:port,host:port,...");
  }
  const Property& p = *found->second;
  const std::vector<std::string> list = split_list(p.value);
  const bool good = !list.empty() && std::all_of(list.begin(), list.end(), is_endpoint);
  if (!good) findings.error(p.line, p.text() + " is not host:port,host:port,...");
}

ClientProperties without_origin(const std::vector<NativeProperty>& list) {
  ClientProperties out;
  for (const NativeProperty& p : list) out.emplace_back(p.name, p.value);
  return out;
}

// What a client is told beyond `common`.
std::vector<NativeProperty> beyond(const std::vector<NativeProperty>& common,
                                   std::vector<NativeProperty> client) {
  std::erase_if(client, [&common](const NativeProperty& p) {
    return std::any_of(common.begin(), common.end(), [&p](const NativeProperty& c) {
      return c.name == p.name && c.value == p.value;
    });
  });
  return client;
}

// The library's word about each property: unknown ones are left out with a warning, as Kafka's own
// clients do; a value it refuses is an error. Its sentences may quote values, so none is repeated
// for a secret.
class LibraryCheck {
 public:
  LibraryCheck(const CheckProperties& check, Findings& findings)
      : check_(check), findings_(findings) {}

  void filter(std::vector<NativeProperty>& list) {
    std::erase_if(list, [this](const NativeProperty& p) { return !accepts(p); });
  }

 private:
  bool accepts(const NativeProperty& p) {
    ClusterConfig probe;
    probe.common.emplace_back(p.name, p.value);
    const std::vector<Error> errors = check_(probe);
    if (errors.empty()) return true;
    const std::string& what = errors.front().what;
    if (what.find("No such configuration property") != std::string::npos) {
      findings_.warn(p.from->line,
                     p.from->key + " is ignored: the client library has no property " + p.name);
      return false;
    }
    findings_.error(p.from->line, p.from->text() + " is refused by the client library" +
                                      (p.from->secret ? " (" + p.name + ")" : ": " + reason(what)));
    return false;
  }

  // Without the part in front that names the property again.
  static std::string reason(const std::string& what) {
    const std::size_t colon = what.find(": ");
    return colon == std::string::npos ? what : what.substr(colon + 2);
  }

  const CheckProperties& check_;
  Findings& findings_;
};

}  // namespace

bool is_connection_key(std::string_view name) {
  return begins_with_any(name, kNativeConnection) ||
         (find_java_name(name, ClientRole::any) != nullptr && find_known_key(name) == nullptr);
}

ClientSettings settle_client(PropertySet& properties, const FlowName& flow, Side side,
                             ClientRole role) {
  const std::string cluster = flow.alias(side) + ".";
  const std::string flow_side = flow.prefix() + std::string(word(side));
  Settling settling(properties);
  settling.connection("", true);
  settling.connection(cluster);
  settling.connection(flow_side + "cluster.");
  if (role != ClientRole::any) {
    settling.client("", word(role));
    settling.client(flow.prefix(), word(role));
    settling.client(cluster, word(role));
    settling.client(flow_side, word(role));
  }
  if (role == ClientRole::producer && side == Side::target) {
    for (const std::string& scope : {std::string(), cluster, flow.prefix()}) {
      settling.client(scope, "producer.override.");
    }
  }
  return settling.take();
}

ClusterConfig build_cluster(PropertySet& properties, const FlowName& flow, Side side,
                            const CheckProperties& check, Findings& findings) {
  ClusterConfig cluster;
  cluster.alias = flow.alias(side);
  const ClientSettings settings = settle_client(properties, flow, side, ClientRole::any);
  check_bootstrap(settings, cluster.alias, findings);
  LibraryCheck library(check, findings);
  auto common = to_native(settings, ClientRole::any, findings);
  library.filter(common);
  const auto client = [&](ClientRole role) {
    auto all =
        beyond(common, to_native(settle_client(properties, flow, side, role), role, findings));
    library.filter(all);
    return without_origin(all);
  };
  cluster.consumer = client(ClientRole::consumer);
  cluster.producer = client(ClientRole::producer);
  cluster.admin = client(ClientRole::admin);
  cluster.common = without_origin(common);
  return cluster;
}

}  // namespace longspan
