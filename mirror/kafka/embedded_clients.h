// mirror/kafka/embedded_clients.h - the writer and the readers of an embedded cluster.
//
// They connect to the broker's own port whatever address the cluster advertises.
//
// Errors, Threads: see embedded_cluster.h.
// Owns:    their client handle; `broker_port` must outlive it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mirror/kafka/embedded_cluster.h"

namespace longspan::kafka {

Result<std::unique_ptr<EmbeddedWriter>> make_embedded_writer(std::uint16_t& broker_port,
                                                             const std::string& client_id);
Result<std::unique_ptr<EmbeddedReader>> make_embedded_group_reader(
    std::uint16_t& broker_port, const std::string& group, const std::vector<std::string>& topics);
Result<std::unique_ptr<EmbeddedReader>> make_embedded_reader(
    std::uint16_t& broker_port, const std::string& client_id,
    const std::vector<TopicPartition>& partitions);

}  // namespace longspan::kafka
