#include "mirror/kafka/conf.h"

#include <array>
#include <string_view>

#include "mirror/kafka/client_meter.h"
#include "mirror/kafka/errors.h"
#include "tracing/log.h"

namespace longspan::kafka {
namespace {

// Runs on librdkafka's threads; the log is the only thing it touches.
void on_log(const rd_kafka_t* rk, int level, const char* facility, const char* text) {
  const std::vector<Field> fields = {
      {"client", rd_kafka_name(rk)}, {"facility", facility}, {"text", text}};
  if (level <= 3) {  // syslog: emerg, alert, crit, error
    log_warn("librdkafka", fields);
  } else {
    log_debug("librdkafka", fields);
  }
}

const ClientProperties& of_role(const ClusterConfig& cluster, Role role) {
  switch (role) {
    case Role::source:
    case Role::membership:
      return cluster.consumer;
    case Role::sink:
      return cluster.producer;
    case Role::admin:
      break;
  }
  return cluster.admin;
}

Result<void> set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  std::array<char, 512> reason{};
  const auto answer =
      rd_kafka_conf_set(conf, name.c_str(), value.c_str(), reason.data(), reason.size());
  if (answer == RD_KAFKA_CONF_OK) return {};
  return fail(Next::stop_process, "the client library refuses " + name + ": " + reason.data(),
              "property=" + name);
}

}  // namespace

Result<Conf> make_conf(const ClusterConfig& cluster, Role role, const std::string& client_id,
                       const std::vector<OwnProperty>& own) {
  Conf conf(rd_kafka_conf_new());
  for (const auto* properties : {&cluster.common, &of_role(cluster, role)}) {
    for (const auto& [name, value] : *properties) {
      if (auto done = set(conf.get(), name, value); !done) return done.error();
    }
  }
  rd_kafka_conf_set_log_cb(conf.get(), on_log);
  if (role == Role::source || role == Role::sink) watch_client(conf.get());
  const std::vector<OwnProperty> always = {
      {"client.id", client_id},
      {"log.connection.close", "false"},
      {"socket.nagle.disable", "true"},
      {"enable.metrics.push", "false", true},
      {"reconnect.backoff.max.ms", "2000"},
      {"topic.metadata.refresh.interval.ms", "30000"},
  };
  for (const auto* list : {&always, &own}) {
    for (const auto& property : *list) {
      auto done = set(conf.get(), property.name, property.value);
      if (!done && !property.optional) return done.error();
    }
  }
  return conf;
}

Result<Client> open_client(rd_kafka_type_t type, Conf conf, const std::string& where) {
  std::array<char, 512> reason{};
  rd_kafka_t* client = rd_kafka_new(type, conf.get(), reason.data(), reason.size());
  if (client == nullptr) {
    return fail(Next::stop_process, std::string("cannot make a Kafka client: ") + reason.data(),
                where);
  }
  conf.release();  // NOLINT: rd_kafka_new keeps the conf only when it succeeds
  return Client(client);
}

std::vector<Error> refused_properties(const ClusterConfig& cluster) {
  std::vector<Error> errors;
  for (const auto* properties :
       {&cluster.common, &cluster.consumer, &cluster.producer, &cluster.admin}) {
    Conf conf(rd_kafka_conf_new());
    for (const auto& [name, value] : *properties) {
      if (auto done = set(conf.get(), name, value); !done) errors.push_back(done.error());
    }
  }
  return errors;
}

}  // namespace longspan::kafka
