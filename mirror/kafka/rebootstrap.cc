#include "mirror/kafka/rebootstrap.h"

#include <array>
#include <string>

#include "tracing/log.h"

namespace longspan::kafka {
namespace {

constexpr std::chrono::seconds kFirst{2};
constexpr int kRemindersMax = 7;

bool is_lost(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__NOENT:  // "no leaders found", where none is known
      return true;
    default:
      return false;
  }
}

std::string bootstrap_servers(const rd_kafka_t* client) {
  std::size_t size = 0;
  const rd_kafka_conf_t* conf =
      rd_kafka_conf(const_cast<rd_kafka_t*>(client));  // NOLINT: only read
  if (rd_kafka_conf_get(conf, "bootstrap.servers", nullptr, &size) != RD_KAFKA_CONF_OK) return {};
  std::string out(size, '\0');
  rd_kafka_conf_get(conf, "bootstrap.servers", out.data(), &size);
  return out.c_str();  // without the terminating zero, which is counted
}

}  // namespace

void Rebootstrap::note(rd_kafka_resp_err_t code, Steady now) {
  if (due_ || !is_lost(code)) return;
  reminders_ = 0;
  due_ = now + kFirst;
}

void Rebootstrap::remind(Steady now) {
  due_ = now + kFirst * (1 << ++reminders_);
  if (reminders_ == kRemindersMax) due_.reset();  // until there is trouble again
  const std::string servers = bootstrap_servers(client_);
  if (servers.empty()) return;
  rd_kafka_brokers_add(client_, servers.c_str());
  log_debug("bootstrap_servers_again", {{"client", rd_kafka_name(client_)}, {"servers", servers}});
}

}  // namespace longspan::kafka
