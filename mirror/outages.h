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
#include <vector>

#include "mirror/event.h"

namespace longspan {

class Outages {
 public:
  static constexpr std::chrono::seconds kToldAfter{3};
  using Steady = std::chrono::steady_clock::time_point;

  // `what`: "the source cluster east". Trouble absent: it answers. Adds what is to be told.
  void note(const std::string& what, const std::optional<std::string>& trouble, Steady now,
            std::vector<Event>& events) {
    if (!trouble) {
      if (is_told_) events.push_back(event(EventKind::cluster_reachable, back_text(what, now)));
      since_.reset();
      is_told_ = false;
      return;
    }
    if (!since_) since_ = now;
    if (is_told_ || now - *since_ < kToldAfter) return;
    is_told_ = true;
    events.push_back(event(EventKind::cluster_unreachable, what + " does not answer: " + *trouble));
  }

 private:
  static Event event(EventKind kind, std::string text) {
    Event out;
    out.kind = kind;
    out.text = std::move(text);
    return out;
  }
  [[nodiscard]] std::string back_text(const std::string& what, Steady now) const {
    const auto lasted = std::chrono::duration_cast<std::chrono::seconds>(now - *since_);
    return what + " answers again, after " + std::to_string(lasted.count()) + " s";
  }

  std::optional<Steady> since_;
  bool is_told_ = false;
};

}  // namespace longspan
