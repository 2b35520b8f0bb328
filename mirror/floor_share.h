// mirror/floor_share.h - what the topics of normal priority may read while others go first.
//
// Every byte of high priority earns the others their part, so that of all bytes read they have the
// floor's percentage, whatever the sizes of records and batches; what is read too much at once is
// made up for before more is read.
//
// Units:   bytes.
// Errors:  none.
// Threads: a value of one thread.
// Limits:  what is earned and not used: kSavedMax.
#pragma once

#include <algorithm>
#include <cstdint>

namespace longspan {

class FloorShare {
 public:
  static constexpr std::int64_t kSavedMax = 4LL << 20;

  void set_percent(std::int64_t percent) { percent_ = percent; }
  // High priority has work again: the others begin with nothing saved and nothing owed.
  void begin() { level_ = 0; }
  void earn(std::int64_t bytes_of_high) {
    const double earned = static_cast<double>(bytes_of_high) * static_cast<double>(percent_) /
                          static_cast<double>(100 - percent_);
    level_ = std::min(level_ + earned, static_cast<double>(kSavedMax));
  }
  void spend(std::int64_t bytes_of_normal) { level_ -= static_cast<double>(bytes_of_normal); }
  // Above zero: so much may be read.
  [[nodiscard]] std::int64_t level() const { return static_cast<std::int64_t>(level_); }

 private:
  std::int64_t percent_ = 10;  // 0..90
  double level_ = 0;
};

}  // namespace longspan
