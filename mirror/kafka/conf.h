// mirror/kafka/conf.h - the configuration of a librdkafka handle: the user's properties, then ours.
//
// Ours win: acknowledgement, idempotence, isolation, CRC checks, offset reset and memory bounds are
// promises of the product, not settings.
//
// Errors:  a refused property is an Error that names it, with the library's reason.
// Owns:    the returned Conf, until a client is made from it.
// Source:  librdkafka CONFIGURATION.md.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lagcalc/result.h"
#include "mirror/flow_config.h"
#include "mirror/kafka/handles.h"

namespace longspan::kafka {

enum class Role : std::uint8_t { source, sink, admin, membership };

// Properties the library may be too old to know: skipped when it is.
struct OwnProperty {
  const char* name;
  std::string value;
  bool optional = false;
};

Result<Conf> make_conf(const ClusterConfig& cluster, Role role, const std::string& client_id,
                       const std::vector<OwnProperty>& own);

// Takes the conf; on failure the conf is destroyed.
Result<Client> open_client(rd_kafka_type_t type, Conf conf, const std::string& where);

// One Error per property of the cluster that the library refuses, without connecting.
[[nodiscard]] std::vector<Error> refused_properties(const ClusterConfig& cluster);

}  // namespace longspan::kafka
