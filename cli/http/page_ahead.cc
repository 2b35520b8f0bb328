#include "cli/http/page_ahead.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace longspan {

PageAhead::PageAhead(std::function<std::string()> make, PageAheadLimits limits)
    : make_(std::move(make)), limits_(limits) {}

PageAhead::~PageAhead() { stop(); }

void PageAhead::stop() {
  std::jthread ended;
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    page_.reset();
    ended = std::move(thread_);
  }
  ended.request_stop();  // and joined
}

PageAhead::Made PageAhead::make() const {
  const auto begin = Steady::now();
  auto page = std::make_shared<const std::string>(make_());
  return {std::move(page), Steady::now() - begin};
}

PageAhead::Page PageAhead::get() {
  {
    const std::lock_guard lock(mutex_);
    asked_at_ = Steady::now();
    if (page_) return page_;
  }
  const Made made = make();
  if (made.cost < limits_.dear) return made.page;
  const std::lock_guard lock(mutex_);
  if (is_stopped_) return made.page;
  keep(made);
  if (!thread_.joinable()) {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  changed_.notify_all();
  return made.page;
}

void PageAhead::keep(const Made& made) {
  page_ = made.page;
  next_ = Steady::now() + std::max<Steady::duration>(limits_.each, made.cost * limits_.share);
}

void PageAhead::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (!page_) {
      changed_.wait(lock, stop, [this] { return page_ != nullptr; });
      continue;
    }
    const auto next = next_;  // the wait reads it without the lock
    static_cast<void>(changed_.wait_until(lock, stop, next, [] { return false; }));
    if (stop.stop_requested() || !page_) continue;
    if (Steady::now() - asked_at_ > limits_.idle) {
      page_.reset();
      continue;
    }
    lock.unlock();
    std::optional<Made> made;
    try {
      made = make();
    } catch (const std::exception&) {
      made.reset();  // whoever asks next is told
    }
    lock.lock();
    if (!is_stopped_ && made && made->cost >= limits_.dear / 2) {
      keep(*made);
    } else {
      page_.reset();
    }
  }
}

}  // namespace longspan
