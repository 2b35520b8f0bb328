#include "mirror/schemas/schema_listing.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "mirror/schemas/workers.h"

namespace longspan {
namespace {

// What is left of a page once it was taken.
struct Ends {
  SubjectVersion first;
  SubjectVersion last;
  std::size_t size = 0;
};

class Listing {
 public:
  Listing(Registry& registry, const std::stop_token& stop, const TakePage& take)
      : registry_(registry), stop_(stop), take_(take) {}

  bool read(std::size_t pages_max) {
    const auto first = page(0);
    if (!first || first->size > kListedAtOnce) return false;
    if (first->size == 0) return true;
    // Fewer than were asked for: all of them, or as many as this registry tells at once.
    const bool is_bounded = first->size == kListedAtOnce;
    limit_ = first->size;
    if (limit_ == 1) return is_empty_behind_one();
    last_ = first->last;
    for (std::size_t begin = 1; begin < pages_max;) {
      const std::size_t count = is_bounded ? kPagesAtOnce : 1;
      const auto end = read_wave(begin, count);
      if (!end) return false;
      if (*end) return true;
      begin += count;
    }
    return false;
  }

 private:
  // Absent: they do not fit; else whether the last page was among them.
  std::optional<bool> read_wave(std::size_t begin, std::size_t count) {
    std::array<std::optional<Ends>, kPagesAtOnce> pages;
    for_each_at_once(count, kPagesAtOnce, [&](std::size_t i) { pages[i] = page(begin + i); });
    bool is_end = false;
    for (std::size_t i = 0; i < count; ++i) {
      if (!pages[i] || pages[i]->size > limit_) return std::nullopt;
      if (is_end && pages[i]->size > 0) return std::nullopt;
      if (is_end) continue;
      if (pages[i]->size == 0 || pages[i]->first != last_) return std::nullopt;
      last_ = pages[i]->last;
      is_end = pages[i]->size < limit_;
    }
    return is_end;
  }

  bool is_empty_behind_one() {
    const auto next = registry_.listed({1, kListedAtOnce});
    return next && next->empty();
  }

  // Page 0 has the first `limit_`; each other one begins with the last of the page before.
  std::optional<Ends> page(std::size_t number) {
    if (stop_.stop_requested()) return std::nullopt;
    auto listed = registry_.listed({number * (limit_ - 1), limit_});
    if (!listed) return std::nullopt;
    Ends out;
    out.size = listed->size();
    if (listed->empty()) return out;
    const auto place = [](const ListedVersion& each) {
      return SubjectVersion{each.what.subject, each.what.version};
    };
    out.first = place(listed->front());
    out.last = place(listed->back());
    if (number > 0) listed->erase(listed->begin());
    take_(std::move(*listed));
    return out;
  }

  Registry& registry_;
  const std::stop_token& stop_;
  const TakePage& take_;
  std::size_t limit_ = kListedAtOnce;
  SubjectVersion last_;
};

}  // namespace

bool read_listing(Registry& registry, const std::stop_token& stop, std::size_t pages_max,
                  const TakePage& take) {
  return Listing(registry, stop, take).read(pages_max);
}

}  // namespace longspan
