// mirror/schemas/step_round.h - the steps of one round, several at once, each after those it waits
// for.
//
// Errors:  what `work` throws ends the round, and comes out of run(). Steps that wait for each
//          other in a circle are never begun.
// Limits:  `threads`.
// Threads: run() starts its own and has joined them when it returns.
// Owns:    nothing; steps and work outlive it.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

#include "mirror/schemas/plan.h"
#include "mirror/schemas/step_order.h"
#include "mirror/schemas/workers.h"

namespace longspan {

template <class Work>
class StepRound {
 public:
  // work(step) answers whether to go on at all.
  StepRound(const std::vector<SchemaStep>& steps, const Work& work)
      : steps_(steps), work_(work), waits_(steps.size()), waiters_(steps) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
      waits_[i] = steps[i].after.size();
      if (waits_[i] == 0) ready_.push_back(i);
    }
  }

  void run(int threads) {
    const auto wanted = std::min<std::size_t>(static_cast<std::size_t>(threads), steps_.size());
    serve_at_once(wanted, [this] { serve(); });
  }

 private:
  void serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return !ready_.empty() || busy_ == 0 || is_over_; });
      if (is_over_ || ready_.empty()) break;
      const auto index = ready_.back();
      ready_.pop_back();
      ++busy_;
      lock.unlock();
      const bool goes_on = work_on(steps_[index]);
      lock.lock();
      --busy_;
      is_over_ = is_over_ || !goes_on;
      for (const auto waiter : waiters_.of(index)) {
        if (--waits_[waiter] == 0) ready_.push_back(waiter);
      }
      changed_.notify_all();
    }
  }

  bool work_on(const SchemaStep& step) {
    try {
      return work_(step);
    } catch (...) {
      // Nobody waits for a step that never ends.
      const std::lock_guard lock(mutex_);
      is_over_ = true;
      changed_.notify_all();
      throw;
    }
  }

  const std::vector<SchemaStep>& steps_;
  const Work& work_;
  std::mutex mutex_;  // over all that follows
  std::condition_variable changed_;
  std::vector<std::size_t> waits_;  // how many steps before it are not done
  const StepWaiters waiters_;
  std::vector<std::size_t> ready_;
  std::size_t busy_ = 0;
  bool is_over_ = false;
};

}  // namespace longspan
