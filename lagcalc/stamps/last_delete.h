// lagcalc/stamps/last_delete.h - a tombstone takes the stamps of the delete before it.
//
// Debezium writes a tombstone right behind its delete, with the same key. One of these for each
// partition; note() is told of every record with a value, in the partition's order.
//
// Errors:  a tombstone whose delete was not seen has no commit, and says so.
// Threads: one thread at a time.
// Limits:  one delete is kept, by the 64-bit hash and the size of its key.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "lagcalc/stamps/change_fields.h"
#include "lagcalc/stamps/change_stamps.h"

namespace longspan {

class LastDelete {
 public:
  void note(std::optional<std::string_view> key, const ChangeStamps& stamps);
  // By its own headers where they have a commit time (ExtractNewRecordState copies them from the
  // delete), else by the delete, which is then used up.
  [[nodiscard]] ChangeStamps tombstone(std::optional<std::string_view> key,
                                       const ChangeFields& headers = {});

 private:
  struct Key {
    std::uint64_t hash = 0;
    std::uint64_t size = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Delete {
    Key key;
    ChangeStamps stamps;
  };
  static Key key_of(std::string_view key);

  std::optional<Delete> last_;
};

}  // namespace longspan
