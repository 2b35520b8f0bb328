#include "tests/chaos/audit.h"

#include <map>
#include <unordered_map>

namespace longspan::chaos {
namespace {

using harness::Record;

constexpr size_t kShownRanges = 20;

// The source's records by what they are known by. Where its brokers die, our own writer's retries
// may put a batch there twice: then the mirror has two to copy.
class Known {
 public:
  explicit Known(const std::vector<Record>& source) : source_(source) {
    for (size_t i = 0; i < source.size(); ++i) index_[source[i].timestamp_ms].push_back(i);
  }

  // Its place in the source, of several the first that is wanted; nothing when it is no copy.
  template <class IsWanted>
  std::optional<size_t> place_of(const Record& copy, IsWanted is_wanted) const {
    const auto found = index_.find(copy.timestamp_ms);
    if (found == index_.end()) return std::nullopt;
    std::optional<size_t> first;
    for (const size_t place : found->second) {
      if (!harness::difference(source_[place], copy).empty()) continue;
      if (is_wanted(place)) return place;
      if (!first) first = place;
    }
    return first;
  }

  // Why it is none.
  std::string difference_of(const Record& copy) const {
    const auto found = index_.find(copy.timestamp_ms);
    return found == index_.end() ? "the source has no such record: " + describe(copy)
                                 : harness::difference(source_[found->second.front()], copy);
  }

  // Records that the source holds once more.
  size_t doubled() const { return source_.size() - index_.size(); }

 private:
  const std::vector<Record>& source_;
  std::unordered_map<int64_t, std::vector<size_t>> index_;
};

// What is left over of both sides, in offsets.
struct Leftovers {
  std::set<int64_t> lost;         // source: on the target nowhere
  std::set<int64_t> only_named;   // source: its only copies are in the range of an event
  std::set<int64_t> out_of_turn;  // source: copied after a later one
  std::set<int64_t> unnamed;      // target: second copies that no event names
  std::vector<std::string> foreign;
};

void tell(std::vector<std::string>& faults, const std::string& what,
          const std::set<int64_t>& offsets) {
  if (offsets.empty()) return;
  faults.push_back(what + ", " + std::to_string(offsets.size()) + ": " + ranges_of(offsets));
}

void tell_all(Audit& audit, const Leftovers& left) {
  tell(audit.faults, "LOST, source offsets", left.lost);
  for (const auto& one : left.foreign) audit.faults.push_back("NO COPY: " + one);
  tell(audit.faults, "OUT OF ORDER, source offsets", left.out_of_turn);
  tell(audit.faults, "the only copy is in the range of an event, source offsets", left.only_named);
  tell(audit.faults, "SECOND COPY WITHOUT AN EVENT, target offsets", left.unnamed);
}

enum class Seen { nowhere, in_named_range, first_copy };

void judge_missing(const std::vector<Record>& source, const std::vector<Seen>& seen,
                   Leftovers& left) {
  for (size_t i = 0; i < source.size(); ++i) {
    if (seen[i] == Seen::nowhere) left.lost.insert(source[i].offset);
    if (seen[i] == Seen::in_named_range) left.only_named.insert(source[i].offset);
  }
}

std::map<std::string, Record> newest_of_each_key(const std::vector<Record>& records) {
  std::map<std::string, Record> newest;
  for (const Record& record : records) newest.insert_or_assign(record.key.value_or(""), record);
  return newest;
}

// A second copy that arrived behind a newer record of its key has taken that one's place.
std::string overtaken(const Record& wanted, const Record* found, const std::set<int64_t>& named) {
  std::string text = "the newest of its key is not on the target: " + describe(wanted);
  if (found == nullptr) return text + "; nothing of that key is";
  return text + "; there is " + describe(*found) +
         (named.contains(found->offset) ? ", which an event names" : ", which no event names");
}

}  // namespace

std::string ranges_of(const std::set<int64_t>& offsets) {
  std::string text;
  size_t shown = 0;
  for (auto at = offsets.begin(); at != offsets.end();) {
    const int64_t from = *at;
    int64_t to = from;
    for (; at != offsets.end() && *at == to; ++at) ++to;
    if (++shown > kShownRanges) return text + "...";
    text += "[" + std::to_string(from) + ", " + std::to_string(to) + ") ";
  }
  return text;
}

Audit audit_copies(const std::vector<Record>& source, const std::vector<Record>& target,
                   const std::set<int64_t>& named) {
  const Known known(source);
  Audit audit;
  Leftovers left;
  std::vector<Seen> seen(source.size(), Seen::nowhere);
  size_t next = 0;  // behind the last first copy
  for (const Record& copy : target) {
    const auto place = known.place_of(copy, [&](size_t i) { return seen[i] != Seen::first_copy; });
    if (!place) {
      left.foreign.push_back(known.difference_of(copy));
    } else if (named.contains(copy.offset)) {
      ++audit.twice;
      if (seen[*place] == Seen::nowhere) seen[*place] = Seen::in_named_range;
    } else if (seen[*place] == Seen::first_copy) {
      left.unnamed.insert(copy.offset);
    } else {
      if (*place < next) left.out_of_turn.insert(source[*place].offset);
      seen[*place] = Seen::first_copy;
      next = std::max(next, *place + 1);
      ++audit.equal;
    }
  }
  audit.doubled = known.doubled();
  judge_missing(source, seen, left);
  tell_all(audit, left);
  return audit;
}

Audit audit_compacted(const std::vector<Record>& source, const std::vector<Record>& target,
                      const std::set<int64_t>& named) {
  const Known known(source);
  Audit audit;
  Leftovers left;
  size_t next = 0;
  for (const Record& copy : target) {
    const auto place = known.place_of(copy, [&](size_t i) { return i >= next; });
    if (!place) continue;  // the source has compacted it away
    if (named.contains(copy.offset)) {
      ++audit.twice;
      continue;
    }
    if (*place < next) left.unnamed.insert(copy.offset);
    next = std::max(next, *place + 1);
    ++audit.equal;
  }
  const auto wanted = newest_of_each_key(source);
  const auto found = newest_of_each_key(target);
  for (const auto& [key, record] : wanted) {
    const auto copy = found.find(key);
    const Record* other = copy == found.end() ? nullptr : &copy->second;
    if (other != nullptr && harness::difference(record, *other).empty()) continue;
    left.foreign.push_back(overtaken(record, other, named));
  }
  tell_all(audit, left);
  return audit;
}

}  // namespace longspan::chaos
