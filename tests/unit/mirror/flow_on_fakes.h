// tests/unit/mirror/flow_on_fakes.h - a flow's two clusters and its state topic, written by hand.
#pragma once

#include <string>

#include "mirror/state/flow_state.h"
#include "mirror/state/records.h"
#include "tests/fakes/fake_admin.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_cluster.h"
#include "tests/fakes/fake_source.h"

namespace longspan {

inline const std::string kStateTopic = "longspan.east.west.state.internal";

struct FlowOnFakes {
  explicit FlowOnFakes(std::uint64_t seed = 1)
      : source_reader(source, seed), target_reader(target, seed) {}

  void write(std::int32_t slot, const StateKey& key, const std::string& value) {
    target.append({kStateTopic, slot}, {encode_key(key), value, clock.now(), {}});
  }
  void write_position(std::int32_t slot, const TopicPartition& of, Position position) {
    position.target_topic = "east." + of.topic;
    if (position.written_at == TimestampMs{}) position.written_at = clock.now();
    write(slot, PositionKey{of, kNoTopicId, 1}, encode(position));
  }
  void write_owner(std::int32_t slot, TimestampMs alive_at,
                   std::optional<TimestampMs> released_at = {}) {
    write(slot, OwnerKey{}, encode(Owner{"host:1", kFakeStart, alive_at, released_at}));
  }
  void write_command(std::int32_t slot, const CommandKey& key, CommandKind kind,
                     const std::string& reason = {}) {
    write(slot, key, encode(Command{kind, clock.now(), "alice@host", reason}));
  }
  [[nodiscard]] StateReader reader() { return {target_admin, target_reader, wakeup, clock}; }

  FakeClock clock;
  FakeWakeup wakeup{clock};
  FakeCluster source{"source", &clock};
  FakeCluster target{"target", &clock};
  FakeAdmin source_admin{source};
  FakeAdmin target_admin{target};
  FakeSource source_reader;
  FakeSource target_reader;
};

}  // namespace longspan
