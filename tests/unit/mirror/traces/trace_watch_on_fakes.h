// tests/unit/mirror/traces/trace_watch_on_fakes.h - a TraceWatch beside what feeds it, and the
// spans that it makes.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mirror/hops/group_watch.h"
#include "mirror/traces/trace_watch.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/span_list.h"

namespace longspan {

inline const std::string kTrace = "0af7651916cd43dd8448eb211c80319c";
inline const std::string kParent = "b7ad6b7169203331";
inline const std::string kSampled = "00-" + kTrace + "-" + kParent + "-01";
inline const std::string kUnsampled = "00-" + kTrace + "-" + kParent + "-00";

class TraceWatchTest : public testing::Test {
 protected:
  static TraceSettings settings(TraceMode mode) {
    TraceSettings out;
    if (mode == TraceMode::reparent) out.reparent = *NamePatterns::make({"orders"}, "key");
    if (mode == TraceMode::link) out.link = *NamePatterns::make({"orders"}, "key");
    return out;
  }
  // One shard that owns the partition from now on.
  void begin(TraceSettings with, double records_per_second = 1000, std::size_t slowest_max = 0) {
    TraceConfig config{"east->west", std::move(with), records_per_second, slowest_max, "e", "w"};
    traces = std::make_unique<TraceWatch>(clock, hops, &spans, std::move(config));
    traces->open(passage, source, target);
    groups.set_traces(*traces);
    groups.open(log, source, target);
  }
  void begin(TraceMode mode) { begin(settings(mode)); }

  // A change that was committed a second ago, with these headers.
  [[nodiscard]] Record change(std::int64_t offset, Headers headers,
                              std::chrono::milliseconds ago = std::chrono::seconds(1)) const {
    const auto then = std::to_string(clock.now().value - ago.count());
    Record out = make_record(
        {"k",
         R"({"source":{"ts_ms":)" + then + R"(,"txId":7},"op":"c","ts_ms":)" + then + "}",
         {clock.now().value - 100},
         std::move(headers)});
    out.offset = {offset};
    out.timestamp_kind = TimestampKind::log_append_time;
    return out;
  }
  // As a shard does it. The headers of its copy.
  Headers fetch(Record record) {
    const auto at = clock.steady();
    const bool is_wanted = TraceWatch::is_on(passage) && traces->fetched(passage, record, at);
    if (hops.fetched(hop_passage, source, record, at, is_wanted) && TraceWatch::is_on(passage)) {
      traces->follow(passage, record, at);
    }
    record.make_edits();
    hops.produced(hop_passage, record.offset);
    return record.headers();
  }
  // They are on the target 100 offsets further on.
  void ack(std::int64_t from, std::int64_t to) {
    std::vector<HopWatch::Sampled> sampled;
    const OffsetRange range{{from}, {to}};
    hops.acked(hop_passage, source, range, &sampled);
    traces->acked(passage, range, {from + 100}, sampled);
    groups.copied(log, {from + 100}, to - from, clock.now());
    for (auto& each : sampled) {
      groups.copied(
          log,
          {each.source, {each.source.value + 100}, each.stands_for, each.times, 0, each.trace});
    }
  }
  void commit(std::int64_t offset, const std::string& group) {
    GroupCommits batch;
    const auto name = std::make_shared<const std::string>(group);
    batch.groups.push_back({name, GroupState::stable});
    ObservedCommit seen;
    seen.group = name;
    seen.partition = target;
    seen.commit = GroupCommit{.offset = {offset}, .at = clock.now()};
    seen.coordinator = 1;
    batch.commits.push_back(seen);
    groups.take(batch);
  }
  [[nodiscard]] static std::string text(const Span& span, const std::string& key) {
    const AttributeValue* const found = span.attributes.find(key);
    if (found == nullptr) return "absent";
    if (const auto* number = std::get_if<std::int64_t>(found)) return std::to_string(*number);
    if (const auto* truth = std::get_if<bool>(found)) return *truth ? "true" : "false";
    return std::get<std::string>(*found);
  }

  const TopicPartition source{"orders", 3};
  const TopicPartition target{"east.orders", 3};
  FakeClock clock;
  HopWatch hops{clock, StampReader(nullptr, {}), {}};
  HopWatch::Passage hop_passage;
  GroupWatch groups{clock, hops, {.is_on = true}};
  GroupWatch::Log log;
  SpanList spans;
  TraceWatch::Passage passage;
  std::unique_ptr<TraceWatch> traces;
};

}  // namespace longspan
