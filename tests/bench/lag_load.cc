// What lag costs where there is a lot of it: the memory of what a shard keeps of groups, the time
// of a snapshot, and of a scrape. lag_load [--partitions 100000] [--groups 1000] [--each 20]
// [--scrapes 200] Each partition is read by `each` of the groups. CPU time; memory by what the
// process has resident.

#include <httplib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <deque>
#include <fstream>
#include <iostream>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "cli/http/http_server.h"
#include "cli/http/metrics_page.h"
#include "mirror/hops/group_watch.h"
#include "tests/bench/arguments.h"
#include "tests/fakes/fake_clock.h"
#include "tracing/metric_set.h"

namespace longspan::bench {
namespace {

constexpr int kPartitionsATopic = 100;
constexpr std::size_t kBatch = 10'000;

std::int64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t total = 0;
  std::int64_t resident = 0;
  file >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

double seconds_since(std::clock_t since) {
  return static_cast<double>(std::clock() - since) / CLOCKS_PER_SEC;
}

class Load {
 public:
  explicit Load(const Arguments& arguments)
      : partitions_(arguments.number("partitions", 100'000)),
        each_(arguments.number("each", 20)),
        scrapes_(arguments.number("scrapes", 200)) {
    for (std::int64_t i = 0; i < arguments.number("groups", 1'000); ++i) {
      groups_.push_back(std::make_shared<const std::string>("group-" + std::to_string(i)));
    }
  }

  void run() {
    const std::int64_t empty = resident_bytes();
    open();
    const std::int64_t opened = resident_bytes();
    say("bytes_per_partition", (opened - empty) / partitions_);
    commit();
    const std::int64_t committed = resident_bytes();
    say("bytes_per_group_partition", (committed - opened) / (partitions_ * each_));
    say("resident_mib", committed >> 20);
    snapshot();
    scrape();
  }

 private:
  static void say(const std::string& what, std::int64_t value) {
    std::cout << what << ' ' << value << '\n';
  }
  [[nodiscard]] TopicPartition source(std::int64_t i) const {
    return {"shop.table-" + std::to_string(i / kPartitionsATopic),
            static_cast<std::int32_t>(i % kPartitionsATopic)};
  }
  [[nodiscard]] static TopicPartition target(const TopicPartition& source) {
    return {"east." + source.topic, source.partition};
  }

  // Each has been written to for so long that its times are as many as are kept.
  void open() {
    RecordStamps stamps;
    stamps.fetched = stamps.produced = stamps.acked = hops_.now();
    const std::array<ClockOffset, 3> offsets{};
    const RecordTimes times(stamps, offsets);
    logs_.resize(static_cast<std::size_t>(partitions_));
    passages_.resize(logs_.size());
    for (std::int64_t i = 0; i < partitions_; ++i) {
      GroupWatch::Log& log = logs_[static_cast<std::size_t>(i)];
      watch_.open(log, source(i), target(source(i)));
      for (std::int64_t k = 0; k < 1'000; ++k) {
        watch_.copied(log, {k * 10}, 10, {kFakeStart.value + k * 777});
      }
      for (std::int64_t k = 0; k < 2; ++k) watch_.copied(log, {{k}, {9'990 + k}, 1, times});
      watch_.ends(log, {{0}, {10'000}, {10'000}}, clock_.steady());
    }
  }

  void commit() {
    GroupCommits batch;
    for (int turn = 0; turn < 2; ++turn) {  // twice: the one before is kept, too
      for (std::int64_t i = 0; i < partitions_; ++i) {
        for (std::int64_t k = 0; k < each_; ++k) {
          ObservedCommit seen;
          seen.group =
              groups_[static_cast<std::size_t>(i / kPartitionsATopic + k) % groups_.size()];
          seen.partition = target(source(i));
          seen.commit = GroupCommit{.offset = {5'000 + turn}, .at = clock_.now()};
          seen.coordinator = 1;
          batch.commits.push_back(std::move(seen));
        }
        if (batch.commits.size() < kBatch) continue;
        watch_.take(batch);
        batch.commits.clear();
      }
      watch_.take(batch);
      batch.commits.clear();
      clock_.advance(std::chrono::seconds(1));
    }
  }

  void snapshot() {
    const auto since = std::clock();
    double longest = 0;
    std::int64_t calls = 0;
    for (const auto before = watch_.snapshot(); watch_.snapshot() == before; ++calls) {
      const auto call = std::clock();
      snapshot_ = watch_.snapshot();
      longest = std::max(longest, seconds_since(call));
    }
    snapshot_ = watch_.snapshot();
    std::cout << "snapshot_cpu_s " << seconds_since(since) << "\nsnapshot_slice_ms_max "
              << longest * 1e3 << '\n';
    say("groups_and_topics", static_cast<std::int64_t>(snapshot_->size()));
  }

  // As many partitions and groups as have series, and the rest in sums; hops of each topic.
  void scrape() {
    ProcessSnapshot process;
    FlowSnapshot& flow = process.flows.emplace_back();
    flow.flow = "east->west";
    flow.at = clock_.now();
    std::mt19937 random(1);
    TopicHops hops;
    for (HopLatency& hop : hops.hops) {
      for (int i = 0; i < 1'000; ++i) {
        const double took = 0.001 * static_cast<double>(1 + random() % 5'000);
        for (Histogram* side : {&hop.point, &hop.low, &hop.high}) side->record(took, 1);
      }
    }
    for (std::int64_t i = 0; i < partitions_; ++i) {
      PartitionSnapshot& p = flow.partitions.emplace_back();
      p.source = source(i);
      p.target_topic = target(p.source).topic;
      p.source_end = Offset{10'000};
      p.offset_lag = Records{1};
      if (i % kPartitionsATopic != 0) continue;
      TopicSnapshot& topic = flow.topics.emplace_back();
      topic.source = p.source.topic;
      topic.target = p.target_topic;
      topic.hops = hops;
    }
    flow.groups = *snapshot_;
    std::vector<double> took;
    std::size_t bytes = 0;
    for (std::int64_t i = 0; i < scrapes_; ++i) {
      const auto since = std::clock();
      bytes = collect(process, {}).text().size();
      took.push_back(seconds_since(since) * 1e3);
    }
    std::sort(took.begin(), took.end());
    std::cout << "scrape_ms_p50 " << took[took.size() / 2] << "\nscrape_ms_p99 "
              << took[took.size() * 99 / 100] << '\n';
    say("scrape_kib", static_cast<std::int64_t>(bytes >> 10));
    scrape_by_http(process);
  }

  // The first request makes the page; the others get what was made ahead.
  void scrape_by_http(const ProcessSnapshot& process) const {
    HttpViews views;
    views.snapshot = [&process] { return process; };
    const auto server = HttpServer::start("127.0.0.1:0", views);
    if (!server) throw std::runtime_error(server.error().text());
    std::vector<double> took;
    std::int64_t bytes = 0;
    for (std::int64_t i = 0; i <= scrapes_; ++i) {
      httplib::Client client((*server)->url());
      const auto since = std::chrono::steady_clock::now();
      const auto answer = client.Get("/metrics");
      const std::chrono::duration<double, std::milli> ms = std::chrono::steady_clock::now() - since;
      if (!answer || answer->status != 200) throw std::runtime_error("no answer to /metrics");
      bytes = std::ssize(answer->body);
      if (i == 0) {
        std::cout << "http_first_ms " << ms.count() << '\n';
      } else {
        took.push_back(ms.count());
      }
    }
    std::sort(took.begin(), took.end());
    std::cout << "http_ms_p50 " << took[took.size() / 2] << "\nhttp_ms_p99 "
              << took[took.size() * 99 / 100] << '\n';
    say("http_kib", bytes >> 10);
  }

  const std::int64_t partitions_;
  const std::int64_t each_;
  const std::int64_t scrapes_;
  std::vector<std::shared_ptr<const std::string>> groups_;
  FakeClock clock_;
  HopWatch hops_{clock_, StampReader(nullptr, {}), {}};
  GroupWatch watch_{clock_, hops_, {.is_on = true}};
  std::deque<GroupWatch::Log> logs_;
  std::deque<HopWatch::Passage> passages_;  // of each, too
  std::shared_ptr<const std::vector<GroupSnapshot>> snapshot_;
};

int run(const Arguments& arguments) {
  Load load(arguments);
  load.run();
  return 0;
}

}  // namespace
}  // namespace longspan::bench

int main(int argc, char** argv) {
  return longspan::bench::bench_main(argc, argv, "lag_load", longspan::bench::run);
}
