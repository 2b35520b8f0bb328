#include "cli/fleet/cluster_looks.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "cli/commands/lag_process.h"
#include "cli/views/file_text.h"

namespace longspan {

ClusterLooks::ClusterLooks(std::vector<FlowOfFile> flows) {
  for (FlowOfFile& flow : flows) places_.push_back({std::move(flow), nullptr});
}

SeenFlow ClusterLooks::look_at(std::size_t at) {
  Place& place = places_.at(at);
  SeenFlow out{place.of.file, place.of.config.name(), {}, {}};
  if (place.view == nullptr) {
    auto opened = FlowView::open(place.of.config);
    if (!opened) {
      out.trouble = opened.error();
      return out;
    }
    place.view = std::move(*opened);
  } else if (auto read = place.view->refresh(); !read) {
    out.trouble = read.error();
    return out;
  }
  FlowSnapshot seen = place.view->snapshot();
  const std::string& file = place.of.file;
  for (auto& partition : seen.partitions) {
    partition.reason = with_file(std::move(partition.reason), file);
  }
  for (auto& topic : seen.topics) topic.reason = with_file(std::move(topic.reason), file);
  if (auto& trouble = seen.schema_trouble) trouble = with_file(std::move(*trouble), file);
  std::vector<FlowSnapshot> one;
  one.push_back(std::move(seen));
  add_knowledge_of_process(place.of.listen, one);
  out.snapshot = std::move(one.front());
  return out;
}

std::vector<SeenFlow> ClusterLooks::look(const Progress& progress) {
  std::vector<SeenFlow> out(places_.size());
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::condition_variable finished;
  std::size_t done = 0;  // protected by mutex
  const auto work = [&] {
    for (std::size_t at = next.fetch_add(1); at < places_.size(); at = next.fetch_add(1)) {
      out[at] = look_at(at);
      const std::lock_guard lock(mutex);
      ++done;
      finished.notify_one();
    }
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < std::min(kThreadsMax, places_.size()); ++i) {
    threads.emplace_back(work);
  }
  std::unique_lock lock(mutex);
  while (true) {
    const std::size_t shown = done;
    if (progress) progress(shown, places_.size());
    if (shown == places_.size()) break;
    finished.wait(lock, [&] { return done > shown; });
  }
  lock.unlock();
  return out;
}

}  // namespace longspan
