#include "mirror/kafka/embedded_cluster.h"

// rdkafka_mock.h does not include it.
#include <librdkafka/rdkafka.h>

#include <librdkafka/rdkafka_mock.h>

#include <charconv>
#include <mutex>
#include <set>
#include <string_view>

#include "mirror/kafka/conf.h"
#include "mirror/kafka/embedded_clients.h"
#include "mirror/kafka/errors.h"

namespace longspan {
namespace kafka {
namespace {

constexpr int kBrokerId = 1;

using Mock = std::unique_ptr<rd_kafka_mock_cluster_t, Deleter<rd_kafka_mock_cluster_destroy>>;

std::uint16_t port_of(std::string_view bootstraps) {
  std::uint16_t port = 0;
  const auto digits = bootstraps.substr(bootstraps.rfind(':') + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return port;
}

class MockCluster : public EmbeddedCluster {
 public:
  MockCluster(std::string alias, Client client, Mock mock)
      : alias_(std::move(alias)),
        client_(std::move(client)),
        mock_(std::move(mock)),
        port_(port_of(rd_kafka_mock_cluster_bootstraps(mock_.get()))) {}

  [[nodiscard]] std::uint16_t port() const override { return port_; }

  Result<void> advertise(std::uint16_t port) override {
#if RD_KAFKA_VERSION >= 0x020a00ff
    rd_kafka_mock_broker_set_host_port(mock_.get(), kBrokerId, "127.0.0.1", port);
    return {};
#else
    static_cast<void>(port);
    return fail(Next::stop_process, "needs a client library of 2.10 or newer", where());
#endif
  }

  Result<void> create_topic(const std::string& name, std::int32_t partitions) override {
    const auto code = rd_kafka_mock_topic_create(mock_.get(), name.c_str(), partitions, 1);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    return to_error(code, "cannot create the topic", where() + " topic=" + name);
  }

  Result<std::unique_ptr<EmbeddedWriter>> make_writer(const std::string& client_id) override {
    return make_embedded_writer(port_, client_id);
  }
  Result<std::unique_ptr<EmbeddedReader>> make_group_reader(
      const std::string& group, const std::vector<std::string>& topics) override {
    {
      const std::lock_guard lock(groups_mutex_);
      groups_.insert(group);
    }
    return make_embedded_group_reader(port_, group, topics);
  }
  [[nodiscard]] std::vector<std::string> groups() const override {
    const std::lock_guard lock(groups_mutex_);
    return {groups_.begin(), groups_.end()};
  }
  Result<std::unique_ptr<EmbeddedReader>> make_reader(
      const std::string& client_id, const std::vector<TopicPartition>& partitions) override {
    return make_embedded_reader(port_, client_id, partitions);
  }

 private:
  [[nodiscard]] std::string where() const { return "cluster=" + alias_; }

  std::string alias_;
  Client client_;  // the mock runs on this handle
  Mock mock_;
  std::uint16_t port_;
  mutable std::mutex groups_mutex_;
  std::set<std::string> groups_;  // protected by groups_mutex_
};

}  // namespace
}  // namespace kafka

Result<std::unique_ptr<EmbeddedCluster>> EmbeddedCluster::start(const std::string& alias) {
  ClusterConfig nothing;
  nothing.alias = alias;
  auto conf = kafka::make_conf(nothing, kafka::Role::sink, "embedded|" + alias, {});
  if (!conf) return conf.error();
  auto client = kafka::open_client(RD_KAFKA_PRODUCER, std::move(*conf), "cluster=" + alias);
  if (!client) return client.error();
  kafka::Mock mock(rd_kafka_mock_cluster_new(client->get(), kafka::kBrokerId));
  if (!mock) {
    return fail(Next::stop_process, "cannot start an embedded cluster", "cluster=" + alias);
  }
#if RD_KAFKA_VERSION >= 0x020a00ff
  rd_kafka_mock_group_initial_rebalance_delay_ms(mock.get(), 0);
#endif
  return std::unique_ptr<EmbeddedCluster>(
      std::make_unique<kafka::MockCluster>(alias, std::move(*client), std::move(mock)));
}

}  // namespace longspan
