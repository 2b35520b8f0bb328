#include "cli/reload.h"

#include "cli/config/changes.h"
#include "tracing/log.h"

namespace longspan {
namespace {

std::string joined(const std::vector<std::string>& keys) {
  std::string out;
  for (const std::string& key : keys) out += (out.empty() ? "" : ", ") + key;
  return out;
}

void refuse(const std::string& error) {
  log_error("config_not_reloaded", {{"error", error}, {"text", "nothing changed"}});
}

}  // namespace

void Reload::read_again() {
  LoadedConfig read = load_config(request_);
  if (!read.errors.empty()) {
    const auto more = read.errors.size() - 1;
    return refuse(read.errors.front() +
                  (more == 0 ? "" : " (and " + std::to_string(more) + " more)"));
  }
  const ConfigChanges changes = changes_between(running_, read);
  if (!changes.error.empty()) return refuse(changes.error);
  for (const auto& change : changes.flows) {
    process_.change(change.flow, change.settings, change.changed);
    log_info("config_reloaded", {{"flow", change.flow}, {"changed", change.changed}});
  }
  if (changes.flows.empty()) log_info("config_reloaded", {{"changed", "nothing"}});
  if (!changes.needs_restart.empty()) {
    log_warn("config_needs_restart",
             {{"text", "needs a restart: " + joined(changes.needs_restart)}});
  }
  adopt(running_, read);
}

}  // namespace longspan
