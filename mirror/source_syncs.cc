#include "mirror/source_syncs.h"

namespace longspan {
namespace {

constexpr std::chrono::seconds kRetry{5};
constexpr std::int64_t kBytesMax = 4LL << 20;

}  // namespace

SourceSyncs::SourceSyncs(TopicPartition topic, MakeSink make_sink, const Clock& clock)
    : make_sink_(std::move(make_sink)), clock_(clock), outbox_(0, std::move(topic)) {}

void SourceSyncs::step() {
  if (is_broken_) {
    sink_.reset();
    is_broken_ = false;
    retry_at_ = clock_.steady() + kRetry;
  }
  if (outbox_.is_empty() || !open()) return;
  sink_->poll(*this);
  if (!is_broken_) outbox_.flush(*sink_);
}

bool SourceSyncs::open() {
  if (sink_) return true;
  if (clock_.steady() < retry_at_) return false;
  retry_at_ = clock_.steady() + kRetry;
  SinkLimits limits;
  limits.bytes_max = kBytesMax;
  limits.record_bytes_max = kBytesMax;
  auto made = make_sink_(limits);
  if (!made) {
    trouble_ = made.error().text();
    return false;
  }
  sink_ = std::move(*made);
  outbox_.restart();
  if (auto opened = sink_->open(outbox_.index(), outbox_.target()); !opened) {
    on_sink_trouble(opened.error());
    is_broken_ = true;
  }
  return !is_broken_;
}

void SourceSyncs::on_acked(PartitionIndex, Offset, std::size_t count) {
  trouble_.reset();
  outbox_.on_acked(count);
}

void SourceSyncs::on_acked_somewhere(PartitionIndex, std::size_t count) { outbox_.on_acked(count); }

void SourceSyncs::on_failed(PartitionIndex, std::size_t, const Error& error) {
  if (error.next != Next::rebuild_client) trouble_ = error.text();
  is_broken_ = true;
}

void SourceSyncs::on_sink_trouble(const Error& error) {
  trouble_ = error.text();
  if (error.next == Next::rebuild_client) is_broken_ = true;
}

}  // namespace longspan
