#include "cli/demo/regions.h"

#include <utility>

#include "cli/demo/demo_admin.h"
#include "cli/demo/shop.h"

namespace longspan::demo {

Result<std::unique_ptr<Regions>> Regions::start() {
  std::unique_ptr<Regions> regions(new Regions());
  for (auto [alias, place] :
       {std::pair{kSourceAlias, &regions->source_}, std::pair{kTargetAlias, &regions->target_}}) {
    auto cluster = EmbeddedCluster::start(alias);
    if (!cluster) return cluster.error();
    *place = std::move(*cluster);
  }
  auto registries = Registries::start();
  if (!registries) return registries.error();
  regions->registries_ = std::move(*registries);
  auto link = WanLink::start(regions->source_->port(), kRoundTrip);
  if (!link) return link.error();
  regions->link_ = std::move(*link);
  if (auto done = regions->source_->advertise(regions->link_->port()); !done) return done.error();
  for (const Stream& stream : streams()) {
    if (stream.place.partition != 0) continue;
    const std::int32_t partitions = stream.table == nullptr ? 1 : stream.table->partitions;
    auto created = regions->source_->create_topic(stream.place.topic, partitions);
    if (!created) return created.error();
  }
  return regions;
}

ClusterConfig Regions::cluster(const std::string& alias, std::uint16_t port) const {
  ClusterConfig config;
  config.alias = alias;
  config.common = {{"bootstrap.servers", "127.0.0.1:" + std::to_string(port)}};
  return config;
}

Result<FlowConfig> Regions::flow_config() const {
  NamingSpec spec;
  spec.source_alias = kSourceAlias;
  spec.target_alias = kTargetAlias;
  auto naming = Naming::make(spec);
  if (!naming) return naming.error();
  auto topics = TopicFilter::make({"shop\\..*"}, default_topics_exclude(), true);
  if (!topics) return topics.error();
  FlowConfig config;
  config.source = cluster(kSourceAlias, link_->port());
  config.target = cluster(kTargetAlias, target_->port());
  config.naming = std::move(*naming);
  config.topics = std::move(*topics);
  config.source.registry.urls = {registries_->source_url()};
  config.target.registry.urls = {registries_->target_url()};
  auto all = NamePatterns::make({".*"}, "schema.subjects");
  if (!all) return all.error();
  config.schemas.subjects = config.schemas.contexts = std::move(*all);
  config.slots = 4;
  config.refresh_topics_interval = std::chrono::milliseconds(1000);
  config.admin_timeout = std::chrono::milliseconds(5000);
  return config;
}

FlowPorts Regions::ports() {
  FlowPorts ports = real_ports();
  ports.make_admin = [this](const ClusterConfig& config, const std::string& client_id,
                            std::chrono::milliseconds timeout) -> Result<std::unique_ptr<Admin>> {
    auto inner = make_admin(config, client_id, timeout);
    if (!inner) return inner.error();
    auto topics = make_embedded_topics(config, client_id + "|topics", timeout);
    if (!topics) return topics.error();
    EmbeddedCluster& home = config.alias == kSourceAlias ? *source_ : *target_;
    return make_demo_admin(home, std::move(*inner), std::move(*topics));
  };
  return ports;
}

}  // namespace longspan::demo
