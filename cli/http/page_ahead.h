// cli/http/page_ahead.h - a page that takes long to make is made before somebody asks for it.
//
// One that took less than `dear` is made when it is asked for, and is of that moment. A dearer one
// is made again and again by a thread of its own, in one part of `share` of the time: who asks gets
// the newest at once. When nobody has asked for `idle`, it stops; the next one waits.
//
// Errors:  what `make` throws goes to who asks.
// Threads: get() from any; `make` is called by any of them, and by the thread of its own.
// Owns:    its thread, which stop() or the destructor ends; that waits for a `make` that runs.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace longspan {

struct PageAheadLimits {
  std::chrono::milliseconds dear{20};
  std::chrono::milliseconds each{1'000};  // at most so often
  int share = 50;
  std::chrono::milliseconds idle{300'000};
};

class PageAhead {
 public:
  using Page = std::shared_ptr<const std::string>;

  explicit PageAhead(std::function<std::string()> make, PageAheadLimits limits = {});
  ~PageAhead();
  PageAhead(const PageAhead&) = delete;
  PageAhead& operator=(const PageAhead&) = delete;

  [[nodiscard]] Page get();
  // Nothing is made ahead any more.
  void stop();

 private:
  using Steady = std::chrono::steady_clock;
  struct Made {
    Page page;
    Steady::duration cost{};
  };
  [[nodiscard]] Made make() const;
  void run(const std::stop_token& stop);
  void keep(const Made& made);  // with the lock

  const std::function<std::string()> make_;
  const PageAheadLimits limits_;
  std::mutex mutex_;  // over what follows
  std::condition_variable_any changed_;
  Page page_;  // nullptr: made when it is asked for
  Steady::time_point asked_at_;
  Steady::time_point next_;
  bool is_stopped_ = false;
  std::jthread thread_;  // started when it is needed first
};

}  // namespace longspan
