#include "mirror/state/flow_state.h"

#include <algorithm>
#include <optional>

namespace longspan {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t kRecordsPerPoll = 1000;
constexpr milliseconds kWait{100};
constexpr std::chrono::seconds kLeaderPatience{10};

// Folds what is delivered; remembers the first failure.
class StateFold final : public SourceEvents {
 public:
  StateFold(FlowState& state, std::vector<Offset> ends) : state_(state), ends_(std::move(ends)) {}

  void on_records(PartitionIndex slot, std::span<Record> records) override {
    for (const auto& record : records) {
      const auto applied = state_.slots[slot].apply(record.key.value_or(""), record.value);
      if (!applied && !failure_) failure_ = applied.error();
      advance(slot, record.offset.next());
    }
  }
  void on_end_of_partition(PartitionIndex slot, Offset next) override { advance(slot, next); }
  void on_partition_failed(PartitionIndex, const Error& error) override {
    if (!failure_) failure_ = error;
  }
  void on_source_trouble(const Error& error) override {
    if (error.next == Next::retry) {
      trouble_ = error;
    } else if (!failure_) {
      failure_ = error;
    }
  }

  [[nodiscard]] bool is_done(PartitionIndex slot) const { return state_.next[slot] >= ends_[slot]; }
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  [[nodiscard]] const std::optional<Error>& trouble() const { return trouble_; }
  [[nodiscard]] Records done() const { return done_; }

 private:
  void advance(PartitionIndex slot, Offset next) {
    if (next <= state_.next[slot]) return;
    done_ += next - state_.next[slot];
    state_.next[slot] = next;
  }

  FlowState& state_;
  std::vector<Offset> ends_;
  std::optional<Error> failure_;
  std::optional<Error> trouble_;
  Records done_;
};

Error never_ran(const std::string& topic) {
  constexpr int kUnknownTopic = 3;
  return {Next::stop_process, kUnknownTopic,
          "the flow has never run on this target: it has no topic " + topic +
              "; start the flow with `longspan run FILE`, or check the names of the clusters",
          ""};
}

Result<TopicInfo> find_topic(Admin& admin, const std::string& topic) {
  auto topics = admin.topics();
  if (!topics) return topics.error();
  for (auto& info : *topics) {
    if (info.name != topic) continue;
    if (info.error) return *info.error;
    return std::move(info);
  }
  return never_ran(topic);
}

// Start and end of each partition of the state topic.
Result<std::vector<PartitionEnds>> ends_of(Admin& admin, const TopicInfo& topic) {
  std::vector<TopicPartition> partitions;
  for (std::int32_t p = 0; p < topic.partitions; ++p) partitions.push_back({topic.name, p});
  const auto ends = admin.ends(partitions);
  if (!ends) return ends.error();
  std::vector<PartitionEnds> out;
  for (const auto& partition : partitions) {
    const auto found = ends->find(partition);
    if (found == ends->end()) {
      return fail(Next::retry, "the target does not tell the end of " + partition.text());
    }
    if (!found->second) return found->second.error();
    out.push_back(*found->second);
  }
  return out;
}

// A partition that is just being created, or whose broker is being restarted, has a leader again
// within seconds.
Result<std::vector<PartitionEnds>> patient_ends_of(const StateReader& reader,
                                                   const TopicInfo& topic) {
  const auto until = reader.clock.steady() + kLeaderPatience;
  while (true) {
    auto ends = ends_of(reader.admin, topic);
    const bool is_passing = !ends && ends.error().next == Next::retry;
    if (!is_passing || reader.clock.steady() > until) return ends;
    reader.wakeup.wait(kWait);
  }
}

// Stops every partition it started, however the read ends.
class Reading {
 public:
  explicit Reading(Source& source) : source_(source) {}
  ~Reading() {
    for (const auto slot : started_) source_.stop(slot);
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  Result<void> start(const FlowState& state, PartitionIndex slot) {
    const TopicPartition partition{state.topic, static_cast<std::int32_t>(slot)};
    auto started = source_.start(slot, partition, state.next[slot], {});
    if (started) started_.push_back(slot);
    return started;
  }
  void stop_done(const StateFold& fold) {
    std::erase_if(started_, [&](PartitionIndex slot) {
      if (!fold.is_done(slot)) return false;
      source_.stop(slot);
      return true;
    });
  }
  [[nodiscard]] bool is_over() const { return started_.empty(); }

 private:
  Source& source_;
  std::vector<PartitionIndex> started_;
};

Error silent(const StateFold& fold, const std::string& topic) {
  if (fold.trouble()) return *fold.trouble();
  return {Next::retry, 0,
          "nothing came from the state topic for " + std::to_string(kStateSilence.count()) + " s",
          "topic=" + topic};
}

Result<void> read_to(const StateReader& reader, FlowState& state, std::vector<Offset> ends,
                     const ReadProgress& progress) {
  Records total;
  for (std::size_t slot = 0; slot < ends.size(); ++slot) total += ends[slot] - state.next[slot];
  StateFold fold(state, std::move(ends));
  Reading reading(reader.source);
  for (PartitionIndex slot = 0; slot < state.slots.size(); ++slot) {
    if (fold.is_done(slot)) continue;
    if (auto started = reading.start(state, slot); !started) return started.error();
  }
  auto heard_at = reader.clock.steady();
  auto done = fold.done();
  while (!reading.is_over()) {
    const auto count = reader.source.poll(fold, kRecordsPerPoll);
    if (fold.failure()) return *fold.failure();
    reading.stop_done(fold);
    if (fold.done() != done) {
      done = fold.done();
      heard_at = reader.clock.steady();
      if (progress) progress(std::min(done, total), total);
    }
    if (reader.clock.steady() - heard_at > kStateSilence) return silent(fold, state.topic);
    if (count == 0 && !reading.is_over()) reader.wakeup.wait(kWait);
  }
  return {};
}

}  // namespace

Result<FlowState> read_flow_state(const StateReader& reader, const std::string& topic,
                                  const ReadProgress& progress) {
  const auto info = find_topic(reader.admin, topic);
  if (!info) return info.error();
  const auto ends = patient_ends_of(reader, *info);
  if (!ends) return ends.error();
  FlowState state{topic, info->id, std::vector<SlotState>(ends->size()), {}};
  std::vector<Offset> stable_ends;
  for (const auto& end : *ends) {
    state.next.push_back(end.start);
    stable_ends.push_back(end.stable_end);
  }
  if (auto read = read_to(reader, state, stable_ends, progress); !read) return read.error();
  return state;
}

Result<void> read_new_flow_state(const StateReader& reader, FlowState& state) {
  const auto info = find_topic(reader.admin, state.topic);
  if (!info) return info.error();
  const auto ends = patient_ends_of(reader, *info);
  if (!ends) return ends.error();
  bool is_same = info->id == state.topic_id && ends->size() == state.slots.size();
  std::vector<Offset> stable_ends;
  for (std::size_t slot = 0; is_same && slot < ends->size(); ++slot) {
    const auto& end = (*ends)[slot];
    is_same = state.next[slot] >= end.start && state.next[slot] <= end.end;
    stable_ends.push_back(end.stable_end);
  }
  if (is_same) return read_to(reader, state, stable_ends, {});
  auto anew = read_flow_state(reader, state.topic);
  if (!anew) return anew.error();
  state = std::move(*anew);
  return {};
}

}  // namespace longspan
