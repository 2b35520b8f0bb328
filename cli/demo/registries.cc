#include "cli/demo/registries.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "cli/demo/tables.h"

namespace longspan::demo {

Result<std::unique_ptr<Registries>> Registries::start() {
  std::unique_ptr<Registries> out(new Registries());
  for (Registry* each : {&out->source_, &out->target_}) {
    auto server = RegistryServer::start(each->registry, {});
    if (!server) return server.error();
    each->server = std::move(*server);
  }
  if (auto done = out->register_all(); !done) return done.error();
  return out;
}

// With the ids that the records have, as a converter got them once.
Result<void> Registries::register_all() {
  const auto add = [this](const std::string& subject, std::int32_t id) -> Result<void> {
    const nlohmann::json body{{"schema", schema_text(id).value_or("")}, {"id", id}, {"version", 1}};
    return ask("POST", "/subjects/" + subject + "/versions", "", body.dump());
  };
  if (auto done = ask("PUT", "/mode", "force=true", R"({"mode":"IMPORT"})"); !done) return done;
  const std::string beats(kHeartbeatTopic);
  if (auto done = add(beats + "-key", kHeartbeatKeySchemaId); !done) return done;
  if (auto done = add(beats + "-value", kHeartbeatValueSchemaId); !done) return done;
  for (const Table& table : tables()) {
    const std::string topic(table.topic);
    if (auto done = add(topic + "-key", table.key_schema_id); !done) return done;
    if (auto done = add(topic + "-value", table.value_schema_id); !done) return done;
  }
  return ask("PUT", "/mode", "force=true", R"({"mode":"READWRITE"})");
}

Result<void> Registries::ask(const std::string& method, const std::string& path,
                             const std::string& query, const std::string& body) {
  const auto answer =
      source_.registry.answer({.method = method, .path = path, .query = query, .body = body});
  if (answer.status == 200) return {};
  return fail(Next::stop_process,
              "the demo's registry refused " + method + " " + path + ": " + answer.body);
}

}  // namespace longspan::demo
