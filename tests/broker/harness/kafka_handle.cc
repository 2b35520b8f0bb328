#include "tests/broker/harness/kafka_handle.h"

#include <array>

namespace longspan::harness {
namespace {

using Conf = Handle<rd_kafka_conf_t, rd_kafka_conf_destroy>;

Conf make_conf(const Settings& settings) {
  Conf conf(rd_kafka_conf_new());
  std::array<char, 512> error{};
  for (const auto& [key, value] : settings) {
    const auto result =
        rd_kafka_conf_set(conf.get(), key.c_str(), value.c_str(), error.data(), error.size());
    require(result == RD_KAFKA_CONF_OK, error.data());
  }
  return conf;
}

}  // namespace

Client open_client(rd_kafka_type_t type, const Settings& settings, DeliveryCallback delivered,
                   void* opaque) {
  Conf conf = make_conf(settings);
  if (delivered != nullptr) rd_kafka_conf_set_dr_msg_cb(conf.get(), delivered);
  rd_kafka_conf_set_opaque(conf.get(), opaque);
  std::array<char, 512> error{};
  rd_kafka_t* client = rd_kafka_new(type, conf.get(), error.data(), error.size());
  require(client != nullptr, error.data());
  (void)conf.release();  // librdkafka's since rd_kafka_new succeeded
  return Client(client);
}

void require(bool condition, const std::string& what) {
  if (!condition) throw HarnessError(what);
}

void require_ok(rd_kafka_resp_err_t error, const std::string& doing) {
  require(error == RD_KAFKA_RESP_ERR_NO_ERROR, doing + ": " + rd_kafka_err2str(error));
}

void require_ok(rd_kafka_error_t* error, const std::string& doing) {
  if (error == nullptr) return;
  const RawError owned(error);
  throw HarnessError(doing + ": " + rd_kafka_error_string(owned.get()));
}

}  // namespace longspan::harness
