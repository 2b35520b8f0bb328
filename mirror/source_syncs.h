// mirror/source_syncs.h - MM2's offset syncs on the source cluster, where the file asks for them.
//
// The one write to the source that exists, off unless offset-syncs.topic.location=source is written
// out. It has a producer of its own, so that an unreachable source costs no record of the flow.
//
// Errors:  none; while the source refuses, syncs wait here, and trouble() says why.
// Threads: the shard's.
// Owns:    its sink.
// Limits:  Outbox::kRecordsMax syncs wait; above that is_full().
// Source:  mirror/groups/mm2_formats.h.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "mirror/kafka/clients.h"
#include "mirror/ports.h"
#include "mirror/state/outbox.h"

namespace longspan {

class SourceSyncs final : private SinkEvents {
 public:
  using MakeSink = std::function<Result<std::unique_ptr<Sink>>(const SinkLimits&)>;

  SourceSyncs(TopicPartition topic, MakeSink make_sink, const Clock& clock);

  void put(OwnedRecord record) { outbox_.put(std::move(record)); }
  [[nodiscard]] bool is_full() const { return outbox_.is_full(); }
  // One turn: what was acknowledged is forgotten, what waits is offered.
  void step();
  [[nodiscard]] const std::optional<std::string>& trouble() const { return trouble_; }

 private:
  void on_acked(PartitionIndex, Offset, std::size_t count) override;
  void on_acked_somewhere(PartitionIndex, std::size_t count) override;
  void on_failed(PartitionIndex, std::size_t count, const Error& error) override;
  void on_sink_trouble(const Error& error) override;
  [[nodiscard]] bool open();

  MakeSink make_sink_;
  const Clock& clock_;
  Outbox outbox_;
  std::unique_ptr<Sink> sink_;
  bool is_broken_ = false;
  Clock::Steady retry_at_{};
  std::optional<std::string> trouble_;
};

}  // namespace longspan
