// tests/chaos/audit.h - one partition's copies against its source: nothing lost, in order, byte for
// byte, and every second copy named.
//
// The rule: the target without the offsets that events name is the source, exactly. So an event
// that names too little leaves a second copy over, and one that names too much leaves a hole.
// Units:   offsets of the side each word names.
// Errors:  none; what is wrong is a sentence in `faults`, the most dangerous first.
// Threads: pure functions. A record is known by its timestamp (traffic.h).

#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "tests/broker/harness/record.h"

namespace longspan::chaos {

struct Audit {
  size_t equal = 0;    // first copies
  size_t twice = 0;    // target records in a named range
  size_t doubled = 0;  // source records that it holds once more
  std::vector<std::string> faults;
};

// `named`: target offsets in the ranges of events.
Audit audit_copies(const std::vector<harness::Record>& source,
                   const std::vector<harness::Record>& target, const std::set<int64_t>& named);

// The same for a compacted partition: the newest record of each key, and the order of what is left.
Audit audit_compacted(const std::vector<harness::Record>& source,
                      const std::vector<harness::Record>& target, const std::set<int64_t>& named);

// "[3, 5) [7, 8)"
std::string ranges_of(const std::set<int64_t>& offsets);

}  // namespace longspan::chaos
