#include "mirror/verify/verification.h"

#include <algorithm>
#include <set>

#include "lagcalc/text.h"
#include "mirror/step_over.h"
#include "mirror/verify/partition_check.h"

namespace longspan {

namespace {

using Progress = std::function<void(const VerifyProgress&)>;

constexpr PartitionIndex kOnly = 0;  // the one partition each source reads at a time
constexpr std::chrono::milliseconds kWait{50};
constexpr std::size_t kPollBytes = std::size_t{2} << 20;
constexpr std::size_t kPollRecords = 512;
constexpr int kRestartsMax = 10;

// Retention overtook the position: Kafka's code, and the one librdkafka puts in its place.
bool is_out_of_range(const Error& error) {
  constexpr int kOffsetOutOfRange = 1;
  constexpr int kAutoOffsetReset = -140;
  return error.kafka_code == kOffsetOutOfRange || error.kafka_code == kAutoOffsetReset;
}

Result<PartitionEnds> end_of(const std::map<TopicPartition, Result<PartitionEnds>>& ends,
                             const TopicPartition& partition) {
  const auto found = ends.find(partition);
  if (found != ends.end()) return found->second;
  return fail(Next::retry, "the cluster does not tell the end", "partition=" + partition.text());
}

Result<PartitionEnds> end_of(Admin& admin, const TopicPartition& partition) {
  const auto ends = admin.ends({partition});
  if (!ends) return ends.error();
  return end_of(*ends, partition);
}

// One log being read into one side of a check.
class Reading final : public SourceEvents {
 public:
  Reading(Source& source, Admin& admin, TopicPartition partition, PartitionCheck::Stream& stream)
      : source_(source), admin_(admin), partition_(std::move(partition)), stream_(stream) {}
  ~Reading() override {
    if (open_) source_.stop(kOnly);
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  // The log is known to be readable below `until`: an end before it is the log's last word.
  Result<void> start(Offset from, Offset until) {
    until_ = until;
    next_ = from;
    auto started = source_.start(kOnly, partition_, from, {});
    open_ = started.has_value();
    return started;
  }
  std::size_t poll() {
    const auto count =
        source_.poll(*this, std::clamp<std::size_t>(kPollBytes / largest_, 1, batch_));
    batch_ = std::min(kPollRecords, batch_ * 2);
    return count + std::exchange(events_, 0);
  }
  // What went wrong for good; starts again where retention overtook the reader.
  std::optional<Error> failure() {
    if (over_) return read_on_behind();
    if (!failure_) return std::nullopt;
    const auto error = *std::exchange(failure_, std::nullopt);
    if (!is_out_of_range(error) || ++restarts_ > kRestartsMax) return error;
    return restart();
  }
  [[nodiscard]] const std::optional<Error>& trouble() const { return trouble_; }

  // What could not be read, of this log.
  [[nodiscard]] std::vector<UnreadableRange> take_unreadable() { return std::move(unreadable_); }

  void on_records(PartitionIndex, std::span<Record> records) override {
    if (over_) return answered(records.front().offset);
    for (const auto& record : records) largest_ = std::max(largest_, record.payload_bytes());
    next_ = records.back().offset.next();
    stream_.give(records);
  }
  void on_end_of_partition(PartitionIndex, Offset next) override {
    ++events_;
    if (over_) return answered(std::max(next, over_->probe()));
    next_ = next;
    stream_.reached(next);
    if (next < until_) stream_.close();
  }
  void on_batch_unreadable(PartitionIndex partition, std::optional<Offset> batch,
                           const Error& error) override {
    // Behind the range nothing must be read: what would be learned there is not worth the search.
    if (next_ >= until_) return on_partition_failed(partition, error);
    ++events_;
    open_ = false;
    trouble_ = error;
    if (!over_) over_.emplace(next_, until_);
    over_->on_unreadable(batch);
  }
  void on_partition_failed(PartitionIndex, const Error& error) override {
    ++events_;
    over_.reset();
    open_ = false;
    failure_ = error;
  }
  void on_source_trouble(const Error& error) override {
    if (error.next == Next::retry) {
      trouble_ = error;
    } else {
      failure_ = error;
    }
  }

 private:
  std::optional<Error> restart() {
    const auto ends = end_of(admin_, partition_);
    if (!ends) return ends.error();
    const auto start = ends->start;
    if (start <= next_ && ends->end <= next_) {  // it was truncated: nothing more will come
      stream_.close();
      return std::nullopt;
    }
    // Not out of range after all: behind a batch that cannot be read the library may have asked for
    // a place that is none.
    if (start > next_) stream_.lost_below(start);
    if (auto started = this->start(std::max(start, next_), until_); !started) {
      return started.error();
    }
    return std::nullopt;
  }

  void answered(Offset first) {
    source_.stop(kOnly);
    open_ = false;
    over_->on_readable(first);
  }
  // One more reading of the search, or the end of it.
  std::optional<Error> read_on_behind() {
    if (open_) return std::nullopt;  // no answer yet
    if (!over_->is_done()) {
      auto started = source_.start(kOnly, partition_, over_->probe(), {});
      open_ = started.has_value();
      return started ? std::nullopt : std::optional(started.error());
    }
    const auto from = over_->from();
    const auto to = std::min(over_->to(), until_);
    over_.reset();
    if (from < to) {
      stream_.unreadable(from, to);
      unreadable_.push_back({from, to, trouble_->text()});
    }
    trouble_.reset();
    const auto started = this->start(std::max(next_, to), until_);
    return started ? std::nullopt : std::optional(started.error());
  }

  Source& source_;
  Admin& admin_;
  TopicPartition partition_;
  PartitionCheck::Stream& stream_;
  bool open_ = false;
  Offset next_;
  Offset until_;
  std::size_t largest_ = 1;
  std::size_t batch_ = 8;  // small until the size of records is known
  std::size_t events_ = 0;
  int restarts_ = 0;
  std::optional<Error> failure_;
  std::optional<Error> trouble_;
  std::optional<StepOver> over_;  // while the end of an unreadable batch is looked for
  std::vector<UnreadableRange> unreadable_;
};

// Copies of what cannot be read any more were not compared.
std::optional<Error> not_compared(const PartitionVerdict& verdict, const OffsetMap& map) {
  for (const auto& range : verdict.unreadable) {
    for (const auto& segment : map.segments()) {
      if (segment.source_start >= range.to || segment.source_end() <= range.from) continue;
      return Error{Next::park_partition, 0,
                   "source records " + range_text(range.from, range.to) +
                       " cannot be read, so their copies are not compared: " + range.why,
                   ""};
    }
  }
  return std::nullopt;
}

Error silent(const Reading& source, const Reading& target, const TopicPartition& partition) {
  if (source.trouble()) return *source.trouble();
  if (target.trouble()) return *target.trouble();
  return {Next::retry, 0, "nothing came for " + std::to_string(kVerifySilence.count()) + " s",
          "partition=" + partition.text()};
}

// What is still open after the ranges may be decided by what follows them.
std::optional<Error> look_on(const VerifySides& sides, const CheckSubject& subject,
                             PartitionCheck& check) {
  const auto source = end_of(sides.source_admin, subject.source);
  if (!source) return source.error();
  const auto target = end_of(sides.target_admin, subject.target);
  if (!target) return target.error();
  check.look_on(source->stable_end, target->stable_end);
  check.advance();
  return std::nullopt;
}

// Topics with cleanup.policy=compact, alone or with delete. A topic whose configs may not be read
// counts as not compacted: then a hole is shown rather than excused.
std::set<std::string> compacted_of(Admin& admin, const std::set<std::string>& topics) {
  std::set<std::string> out;
  const auto configs = admin.describe_configs({topics.begin(), topics.end()});
  if (!configs) return out;
  for (const auto& [topic, config] : *configs) {
    if (!config) continue;
    const auto policy = config->find("cleanup.policy");
    if (policy == config->end()) continue;
    if (policy->second.value.find("compact") != std::string::npos) out.insert(topic);
  }
  return out;
}

}  // namespace

Result<void> Verification::plan(std::vector<CheckSubject> subjects, const AskedRange& asked) {
  std::vector<TopicPartition> sources;
  std::vector<TopicPartition> targets;
  std::set<std::string> source_topics;
  std::set<std::string> target_topics;
  for (const auto& subject : subjects) {
    sources.push_back(subject.source);
    targets.push_back(subject.target);
    source_topics.insert(subject.source.topic);
    target_topics.insert(subject.target.topic);
  }
  const auto source_ends = sides_.source_admin.ends(sources);
  if (!source_ends) return source_ends.error();
  const auto target_ends = sides_.target_admin.ends(targets);
  if (!target_ends) return target_ends.error();
  const auto source_compacted = compacted_of(sides_.source_admin, source_topics);
  const auto target_compacted = compacted_of(sides_.target_admin, target_topics);
  for (auto& subject : subjects) {
    subject.source_compacted = source_compacted.contains(subject.source.topic);
    subject.target_compacted = target_compacted.contains(subject.target.topic);
    Planned planned{std::move(subject), {}, std::nullopt};
    if (planned.subject.is_suspected) {
      planned.trouble =
          Error{Next::park_partition, 0,
                "processes died while they read it, and this one might, too; longspan "
                "lag FILE tells what can be done",
                ""};
      planned_.push_back(std::move(planned));
      continue;
    }
    const auto source = end_of(*source_ends, planned.subject.source);
    const auto target = end_of(*target_ends, planned.subject.target);
    if (source && target) {
      planned.plan = plan_check(planned.subject, *source, *target, asked);
    } else {
      planned.trouble = source ? target.error() : source.error();
    }
    planned_.push_back(std::move(planned));
  }
  return {};
}

Records Verification::size() const {
  Records total;
  for (const auto& planned : planned_) total += planned.plan.size();
  return total;
}

Verdict Verification::run(const Progress& progress) {
  Verdict verdict;
  const auto total = size();
  Records before;
  for (const auto& planned : planned_) {
    verdict.partitions.push_back(check(planned, [&](Records done) {
      if (progress) progress({before + done, total, planned.subject.source});
    }));
    before += planned.plan.size();
    if (progress) progress({before, total, planned.subject.source});
  }
  return verdict;
}

PartitionVerdict Verification::check(const Planned& planned,
                                     const std::function<void(Records)>& progress) {
  const auto& [subject, plan, trouble] = planned;
  PartitionVerdict out{subject.source,
                       subject.target,
                       plan.source_from,
                       plan.source_to,
                       {},
                       std::nullopt,
                       trouble,
                       {},
                       {},
                       {},
                       {},
                       {}};
  out.tally.expired = plan.expired;
  out.narrowed = plan.narrowed;
  if (const auto segments = subject.map.segments(); !segments.empty()) {
    out.mirrored_from = segments.front().source_start;
    out.mirrored_to = subject.map.next_source();
  }
  if (trouble || plan.is_empty()) return out;
  PartitionCheck check(subject, plan);
  Reading source(sides_.source, sides_.source_admin, subject.source, check.source());
  Reading target(sides_.target, sides_.target_admin, subject.target, check.target());
  if (auto ok = source.start(plan.source_read_from, plan.source_to); !ok) out.trouble = ok.error();
  if (auto ok = target.start(plan.target_from, plan.target_to); !ok) out.trouble = ok.error();

  auto heard_at = sides_.clock.steady();
  bool looks_on = false;
  while (!out.trouble && !check.is_done()) {
    std::size_t heard = check.wants_source() ? source.poll() : 0;
    heard += check.wants_target() ? target.poll() : 0;
    check.advance();
    if (auto error = source.failure()) out.trouble = error;
    if (auto error = target.failure()) out.trouble = error;
    if (out.trouble) break;
    if (check.is_compared() && !check.is_done() && !std::exchange(looks_on, true)) {
      out.trouble = look_on(sides_, subject, check);
      continue;
    }
    const auto now = sides_.clock.steady();
    if (heard > 0) {
      heard_at = now;
      progress(check.progress());
    } else if (now - heard_at > kVerifySilence) {
      out.trouble = silent(source, target, subject.source);
    } else if (!check.is_done()) {
      sides_.wakeup.wait(kWait);
    }
  }
  out.tally = check.tally();
  out.first_difference = check.first_difference();
  out.told = check.told();
  out.unreadable = source.take_unreadable();
  if (!out.trouble) out.trouble = not_compared(out, subject.map);
  return out;
}

}  // namespace longspan
