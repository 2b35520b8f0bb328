#include "cli/config/changes.h"

#include <algorithm>
#include <set>

#include "cli/options.h"

namespace longspan {
namespace {

const FlowConfig* find(const std::vector<FlowConfig>& flows, const std::string& name) {
  const auto found = std::find_if(flows.begin(), flows.end(),
                                  [&](const FlowConfig& flow) { return flow.name() == name; });
  return found == flows.end() ? nullptr : &*found;
}

class Comparison {
 public:
  Comparison(const LoadedConfig& running, const LoadedConfig& read)
      : running_(running), read_(read) {}

  ConfigChanges compare() {
    options(Scope::process, "");
    for (const FlowConfig& flow : running_.flows) {
      const FlowConfig* now = find(read_.flows, flow.name());
      if (now == nullptr) {
        restart(flow.name() + ".enabled");
      } else {
        compare(flow, *now);
      }
    }
    for (const FlowConfig& flow : read_.flows) {
      if (find(running_.flows, flow.name()) == nullptr) restart(flow.name() + ".enabled");
    }
    changes_.needs_restart.assign(restart_.begin(), restart_.end());
    return std::move(changes_);
  }

 private:
  void restart(std::string key) { restart_.insert(std::move(key)); }

  void compare(const FlowConfig& was, const FlowConfig& is) {
    const std::string changed = options(Scope::flow, was.name() + ".");
    options(Scope::cluster, was.source.alias + ".");
    options(Scope::cluster, was.target.alias + ".");
    clients(was.source, is.source);
    clients(was.target, is.target);
    // Settled from client settings, too.
    if (was.start_from != is.start_from) restart(was.source.alias + ".consumer.auto.offset.reset");
    if (was.compression != is.compression) restart("compression");
    if (was.delivery != is.delivery) restart("exactly.once.source.support");
    if (changed.empty()) return;
    FlowConfig mixed = was;
    static_cast<LiveSettings&>(mixed) = is;
    for (const Relation& relation : relations()) {
      if (relation.holds(mixed) || !changes_.error.empty()) continue;
      changes_.error = was.name() + ": " + std::string(relation.key) + " " +
                       std::string(relation.sentence) + ", also before the restart that the new " +
                       "file needs";
    }
    changes_.flows.push_back({was.name(), is, changed});
  }

  // What changes at once, as text; the rest is noted for a restart.
  std::string options(Scope scope, const std::string& prefix) {
    std::string changed;
    for (const Option& option : longspan::options()) {
      if (option.scope != scope) continue;
      const std::string key = prefix + std::string(option.key);
      const auto was = running_.values.find(key);
      const auto is = read_.values.find(key);
      if (was == running_.values.end() || is == read_.values.end()) continue;
      if (was->second.value == is->second.value) continue;
      if (option.on_reload == OnReload::restart) {
        restart((scope == Scope::cluster ? prefix : "") + std::string(option.key));
        continue;
      }
      changed += (changed.empty() ? "" : ", ") + std::string(option.key) + "=" +
                 shown(running_, was->second.text) + "->" + shown(read_, is->second.text);
    }
    return changed;
  }

  static std::string shown(const LoadedConfig& loaded, std::string text) {
    for (const std::string& secret : loaded.secrets) {
      if (text.find(secret) != std::string::npos) return std::string(kHidden);
    }
    return text;
  }

  void clients(const ClusterConfig& was, const ClusterConfig& is) {
    clients(was.alias + ".", was.common, is.common);
    clients(was.alias + ".consumer.", was.consumer, is.consumer);
    clients(was.alias + ".producer.", was.producer, is.producer);
    clients(was.alias + ".admin.", was.admin, is.admin);
  }

  // Names only: a value may be a secret in any of them.
  void clients(const std::string& prefix, const ClientProperties& was, const ClientProperties& is) {
    for (const auto& [list, other] : {std::pair(&was, &is), std::pair(&is, &was)}) {
      for (const auto& property : *list) {
        if (std::find(other->begin(), other->end(), property) == other->end()) {
          restart(prefix + property.first);
        }
      }
    }
  }

  const LoadedConfig& running_;
  const LoadedConfig& read_;
  ConfigChanges changes_;
  std::set<std::string> restart_;
};

}  // namespace

ConfigChanges changes_between(const LoadedConfig& running, const LoadedConfig& read) {
  return Comparison(running, read).compare();
}

void adopt(LoadedConfig& running, const LoadedConfig& read) {
  for (FlowConfig& flow : running.flows) {
    const FlowConfig* now = find(read.flows, flow.name());
    if (now == nullptr) continue;
    static_cast<LiveSettings&>(flow) = *now;
    for (const Option& option : options()) {
      if (option.on_reload != OnReload::live) continue;
      const std::string key = flow.name() + "." + std::string(option.key);
      if (const auto value = read.values.find(key); value != read.values.end()) {
        running.values[key] = value->second;
      }
    }
  }
  running.secrets.insert(read.secrets.begin(), read.secrets.end());
}

}  // namespace longspan
