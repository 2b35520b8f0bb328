// mirror/schemas/embedded/faults.h - how the embedded registry can be made to misbehave.
//
// Each fault is a row of one table: a word, what its number means, what it does. Several may be on
// at once. They are given at the start ("slow=250", "no_import") and changed while it runs:
//
//   PUT    /longspan/faults   {"slow":250,"no_import":true}   these; the others stay as they are
//   DELETE /longspan/faults                                   none
//   GET    /longspan/faults                                   those that are on
//
// Units:   as the row says; 0 is off.
// Errors:  one sentence: "slow=x is not in 0..60000".
// Threads: not safe; the registry's mutex guards it.
// Source:  what other registries were seen to answer, or answer by their source; README.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "lagcalc/result.h"

namespace longspan::embedded {

enum class Fault : std::uint8_t {
  too_many_requests,
  unavailable,
  slow,
  drop_after_commit,
  no_import,
  other_id,
  follower,
  no_contexts,
  taken_version,
  drop_metadata,
  null_subjects,
  id_in_readwrite,
  fixed_modes,
  no_guids,
  no_lists,
  subjects_max,
  versions_max,
  no_offsets,
};
inline constexpr std::size_t kFaultCount = 18;

struct FaultRow {
  Fault fault;
  std::string_view word;
  std::string_view value_name;  // of its number; empty: it is on or off
  std::int64_t max = 1;
  std::string_view meaning;  // one sentence, no full stop
};
[[nodiscard]] std::span<const FaultRow> fault_rows();

class Faults {
 public:
  // "slow=250", "no_import", "no_import=0".
  Result<void, std::string> set(std::string_view word);
  // A JSON object of words and numbers, true or false; nothing changes if any of it is wrong.
  Result<void, std::string> set_json(const std::string& json);
  void clear() { values_ = {}; }

  [[nodiscard]] bool is_on(Fault fault) const { return value(fault) != 0; }
  [[nodiscard]] std::int64_t value(Fault fault) const;
  [[nodiscard]] std::string json() const;  // those that are on
  // Counts one more for a fault of every Nth; true: this is one of them.
  [[nodiscard]] bool hits(Fault fault);

 private:
  std::array<std::int64_t, kFaultCount> values_{};
  std::array<std::int64_t, kFaultCount> counts_{};
};

}  // namespace longspan::embedded
