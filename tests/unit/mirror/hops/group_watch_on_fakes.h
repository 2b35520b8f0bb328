// tests/unit/mirror/hops/group_watch_on_fakes.h - a GroupWatch beside a HopWatch that follows every
// record, and the commits of groups.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mirror/hops/group_watch.h"
#include "tests/fakes/fake_clock.h"

namespace longspan {

inline const TopicPartition kSource{"orders", 3};
inline const TopicPartition kTarget{"east.orders", 3};

class GroupWatchTest : public testing::Test {
 protected:
  GroupWatchTest() { watch_.open(log_, kSource, kTarget); }

  struct Sent {
    Offset source;
    TimestampMs at;
  };
  // A record that was committed in the database so long ago is fetched and produced.
  Sent send(std::int64_t source, std::chrono::milliseconds committed_ago) {
    const auto then = clock_.now().value - committed_ago.count();
    Record record = make_record({"k",
                                 R"({"source":{"ts_ms":)" + std::to_string(then) +
                                     R"(,"txId":7},"op":"c","ts_ms":)" + std::to_string(then) + "}",
                                 {then},
                                 {}});
    record.offset = {source};
    record.timestamp_kind = TimestampKind::create_time;
    hops_.fetched(passage_, kSource, record, clock_.steady());
    hops_.produced(passage_, {source});
    return {{source}, {then}};
  }
  void acknowledge(const Sent& sent, std::int64_t target) {
    std::vector<HopWatch::Sampled> sampled;
    hops_.acked(passage_, kSource, {sent.source, sent.source.next()}, &sampled);
    watch_.copied(log_, {target}, 1, sent.at);
    for (auto& each : sampled) {
      watch_.copied(log_, {each.source, {target}, each.stands_for, each.times});
    }
  }
  void copy(std::int64_t source, std::int64_t target, std::chrono::milliseconds committed_ago) {
    acknowledge(send(source, committed_ago), target);
  }
  // The group's coordinator has our clock.
  [[nodiscard]] ObservedCommit commit(std::int64_t offset, const char* group = "sink") const {
    ObservedCommit out;
    out.group = std::make_shared<const std::string>(group);
    out.partition = kTarget;
    out.commit = GroupCommit{.offset = {offset}, .at = clock_.now()};
    out.coordinator = 1;
    return out;
  }
  void take(ObservedCommit seen, bool is_first = false) {
    GroupCommits batch;
    batch.is_first = is_first;
    batch.groups.push_back({seen.group, GroupState::stable});
    batch.commits.push_back(std::move(seen));
    watch_.take(batch);
  }
  // What a snapshot of the groups finds: no time.
  void find(std::int64_t offset, const char* group = "sink") {
    ObservedCommit seen = commit(offset, group);
    seen.commit->at.reset();
    seen.is_exact = false;
    seen.seen_by = clock_.now_us();
    take(std::move(seen), true);
  }
  [[nodiscard]] GroupSnapshot of(const std::string& group = "sink") {
    clock_.advance(std::chrono::milliseconds(1'100));
    for (const auto& each : *watch_.snapshot()) {
      if (each.group == group) return each;
    }
    ADD_FAILURE() << "nothing is known of " << group;
    return {};
  }
  static double median(const Histogram& of) { return of.quantile(0.5).value_or(-1); }

  FakeClock clock_;
  HopWatch hops_{clock_, StampReader(nullptr, {}), {}};
  HopWatch::Passage passage_;
  GroupWatch watch_{clock_, hops_, {.is_on = true}};
  GroupWatch::Log log_;
};

}  // namespace longspan
