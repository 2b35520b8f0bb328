// tests/fakes/fake_sink.h - a Sink that writes a FakeCluster and keeps the gapless promise.
//
// A record goes through queued -> landed (in the log, not acknowledged) -> acknowledged. Each poll
// moves a number of records per partition that the seed decides, in an order of partitions that
// the seed decides. Faults are asked for by the test:
//   full            produce() answers full (also by itself, at records_max)
//   hold_landing    nothing is written (hold_landing_of: to this target partition)
//   hold_acks       nothing is acknowledged
//   fail_next       the oldest record and all behind it fail, nothing of them is written
//   fail_always     so does everything until cleared (a partition that cannot be written)
//   lose_offsets    the next acks come as on_acked_somewhere
//   die             the client is gone; per partition a prefix has landed, a second part lands
//                   later (FakeCluster::land_late), the rest never
// A closed partition's records are still written, as a client library does, but no longer reported.
// Records are kept until they are reported: what a source lent is given back then.
// With a transactional id everything goes into the id's transaction (FakeCluster::initialise).
// Records larger than the topic's max.message.bytes fail with code 10 by themselves, those without
// a key with code 87 where cleanup.policy is compact; what is queued behind them fails, too.
//
// Threads: one.
#pragma once

#include <deque>
#include <map>
#include <random>

#include "mirror/ports.h"
#include "tests/fakes/fake_cluster.h"

namespace longspan {

class FakeSink : public Sink, public Transactions {
 public:
  FakeSink(FakeCluster& cluster, std::uint64_t seed) : cluster_(cluster), random_(seed) {}

  Result<void> open(PartitionIndex partition, const TopicPartition& target) override;
  void close(PartitionIndex partition) override;
  Accepted produce(PartitionIndex partition, Record& record) override;
  void poll(SinkEvents& events) override;
  void purge() override;
  [[nodiscard]] Transactions* transactions() override {
    return transactional_id.empty() ? nullptr : this;
  }

  // Transactions, of a sink with an id. A commit is answered before its markers land.
  void start(TransactionCall call) override;
  std::optional<Answer> poll() override;
  Result<void> begin() override;
  [[nodiscard]] bool is_fenced() const override { return is_fenced_; }
  std::string transactional_id;  // before the first call
  bool hold_answers = false;
  bool lose_commit = false;  // the next commit fails, and whether it took effect the seed decides

  std::size_t records_max = 10'000;  // queued and unacknowledged, of all partitions
  bool full = false;
  bool hold_landing = false;
  bool hold_acks = false;
  std::optional<TopicPartition> hold_landing_of;

  void fail_next(PartitionIndex partition, Error error);
  void fail_always(const TopicPartition& target, std::optional<Error> error);
  void lose_offsets(PartitionIndex partition, std::size_t acks);
  // The client's process or handle dies: what was on the wire lands now, later or never, by seed.
  // Everything unaccounted is reported failed at the next poll, then Next::rebuild_client.
  void die();
  [[nodiscard]] bool dead() const { return dead_; }
  [[nodiscard]] std::size_t in_flight() const;
  // Who writes the target partition; absent: nobody.
  [[nodiscard]] std::optional<PartitionIndex> writer_of(const TopicPartition& target) const;

 private:
  struct Landed {
    Offset offset;
    Record record;
  };
  struct Writer {
    TopicPartition target;
    std::deque<Record> queued;
    std::deque<Landed> landed;
    std::deque<Record> failed;  // to be reported behind `landed`
    std::optional<Error> why;
    std::optional<Error> fail_next;
    std::size_t offsets_lost = 0;
  };

  void land(Writer& writer);
  void acknowledge(SinkEvents& events, PartitionIndex partition);
  void report_failed(SinkEvents& events, PartitionIndex partition);
  // Absent: fenced.
  std::optional<Offset> append(const TopicPartition& target, const Record& record);
  [[nodiscard]] std::optional<Error> refusal(const TopicPartition& target,
                                             const Record& record) const;
  void fail_queue(Writer& writer, Error error);
  [[nodiscard]] std::optional<Error> obstacle(const Writer& writer) const;
  [[nodiscard]] std::size_t some_of(std::size_t count);

  FakeCluster& cluster_;
  std::mt19937_64 random_;
  void lose(Writer& writer);

  std::map<PartitionIndex, Writer> writers_;
  std::deque<Writer> closed_;  // with something still queued
  std::map<TopicPartition, Error> fail_always_;
  std::optional<TransactionCall> call_;
  std::int64_t epoch_ = 0;  // 0: not initialised
  bool is_begun_ = false;
  bool is_fenced_ = false;
  bool dead_ = false;
  bool told_dead_ = false;
};

}  // namespace longspan
