// mirror/one_by_one.h - a partition whose target refused a record, and which record it was.
//
// A request holds many records, and one of them makes the target refuse all. So from the position
// on records go one at a time, each when the one before has its outcome, until `until`. One that
// is refused alone is left out: skipped, or put into the dead-letter topic, and the position behind
// it is on the target before the next record goes, so that a crash finds no hole it cannot explain.
//
//   waiting --record offered--> asking --acknowledged--> waiting
//   asking --refused--> burying --the letter is on the target--> recording (at once where records
//   are skipped) --the position is on the target--> waiting
//
// In exactly-once delivery a refusal aborts the transaction; what is known of it comes back here,
// and the letter and the position are in the next one: nothing is to be waited for.
//
// Units:   source offsets.
// Threads: a value of the shard's thread.
// Limits:  one record's copy.
// Source:  ARCHITECTURE.md, "Refused records".
#pragma once

#include <cstdint>
#include <optional>

#include "lagcalc/result.h"
#include "lagcalc/units.h"
#include "mirror/record.h"

namespace longspan {

struct OneByOne {
  enum class Step : std::uint8_t { waiting, asking, burying, recording };

  // From here on they go together again: some way behind the last refused one, for they often come
  // in groups.
  Offset until;
  Step step = Step::waiting;
  bool is_open = false;             // the sink for single records knows it
  std::optional<OwnedRecord> copy;  // of the one that is on its way, where letters are written
  std::int64_t recorded_at = 0;     // Outbox::put_total() of the position
  // Exactly once: refused in the transaction before.
  std::optional<Offset> refused;
  std::optional<Error> why;
};

}  // namespace longspan
