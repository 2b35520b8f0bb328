// mirror/outages.h - when a cluster stopped answering, and when it answered again, as events.
//
// Short trouble is none: a leader that moves, a broker that is restarted. What lasts longer than
// kToldAfter is told once, and its end with its length.
//
// Errors:  none.
// Threads: a value.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mirror/event.h"

namespace longspan {

class Outages {
 public:
  static constexpr std::chrono::seconds kToldAfter{3};
  static constexpr std::chrono::seconds kKeptFor{60};
  static constexpr std::size_t kUntoldMax = 10;
  using Steady = std::chrono::steady_clock::time_point;

  // `what`: "the source cluster east". Trouble absent: it answers.
  void note(const std::string& what, const std::optional<std::string>& trouble, Steady now) {
    if (!trouble) {
      if (is_told_) keep(EventKind::cluster_reachable, back_text(what, now), now);
      since_.reset();
      is_told_ = false;
      if (now - kept_at_ > kKeptFor) untold_.clear();
      return;
    }
    if (!since_) since_ = now;
    if (is_told_ || now - *since_ < kToldAfter) return;
    is_told_ = true;
    keep(EventKind::cluster_unreachable, what + " does not answer: " + *trouble, now);
  }

  // What is to be told. Who cannot write events while the cluster is away asks afterwards; who does
  // not within kKeptFor leaves it to others, for every process notes the same.
  [[nodiscard]] std::vector<Event> take() { return std::exchange(untold_, {}); }

 private:
  void keep(EventKind kind, std::string text, Steady now) {
    Event event;
    event.kind = kind;
    event.text = std::move(text);
    if (untold_.size() < kUntoldMax) untold_.push_back(std::move(event));
    kept_at_ = now;
  }
  [[nodiscard]] std::string back_text(const std::string& what, Steady now) const {
    const auto lasted = std::chrono::duration_cast<std::chrono::seconds>(now - *since_);
    return what + " answers again, after " + std::to_string(lasted.count()) + " s";
  }

  std::optional<Steady> since_;
  bool is_told_ = false;
  std::vector<Event> untold_;
  Steady kept_at_{};
};

}  // namespace longspan
