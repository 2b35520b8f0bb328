// cli/demo/demo_admin.h - the Admin port of an embedded cluster.
//
// What the mock knows (metadata, ends, group positions) is asked of it as of any cluster, by
// clients that reach it as the mirror does. What it does not know is answered here, openly: topics
// are created by a call into the process, topic configs do not exist and so never differ,
// partitions cannot be added, records cannot be looked up by time.
//
// Errors, Threads: see mirror/admin.h.
// Owns:    its clients; `cluster` must outlive it.
#pragma once

#include <memory>

#include "mirror/admin.h"
#include "mirror/kafka/embedded_cluster.h"

namespace longspan::demo {

[[nodiscard]] std::unique_ptr<Admin> make_demo_admin(EmbeddedCluster& cluster,
                                                     std::unique_ptr<Admin> inner,
                                                     std::unique_ptr<EmbeddedTopics> topics);

}  // namespace longspan::demo
