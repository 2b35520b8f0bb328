// mirror/verify/partition_check.h - compares the records of one partition with their copies.
//
// Both logs are given to it record by record, in order; the map says which target record is the
// copy of which source record. What has no partner is judged: missing, second copy, foreign, or
// rightly compacted away. Pure: reading is the caller's.
//
// Units:   offsets; records.
// Errors:  none; the tally says what was found.
// Threads: one owner.
// Limits:  buffers kBufferRecords and kBufferBytes a side plus one delivery; PendingKeys and Copies
//          their own.
// Invariant: records are judged in the order of the target's offsets, so that a later record of a
//          key is seen after the missing one that it justifies.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "mirror/record.h"
#include "mirror/verify/check_plan.h"
#include "mirror/verify/copies.h"
#include "mirror/verify/pending_keys.h"
#include "mirror/verify/verdict.h"

namespace longspan {

inline constexpr std::int64_t kPendingKeyBytesMax = 64LL << 20;  // each side

class PartitionCheck {
 public:
  static constexpr std::size_t kBufferRecords = 4096;
  static constexpr std::size_t kBufferBytes = std::size_t{8} << 20;

  // `subject` must outlive the check.
  PartitionCheck(const CheckSubject& subject, const CheckPlan& plan,
                 std::int64_t pending_key_bytes_max = kPendingKeyBytesMax);

  // One log as it is delivered.
  class Stream {
   public:
    void give(std::span<Record> records);
    void reached(Offset next);                // everything below was delivered
    void lost_below(Offset start);            // retention removed it while it was read
    void unreadable(Offset from, Offset to);  // goes on at `to`
    void close() { closed_ = true; }          // nothing more will come

   private:
    friend class PartitionCheck;
    std::deque<Record> records_;
    std::size_t bytes_ = 0;
    Offset next_;
    Offset lost_below_;
    std::vector<std::pair<Offset, Offset>> unreadable_;
    bool closed_ = false;
  };
  [[nodiscard]] Stream& source() { return source_; }
  [[nodiscard]] Stream& target() { return target_; }

  // Judges what can be judged.
  void advance();
  [[nodiscard]] bool wants_source() const;
  [[nodiscard]] bool wants_target() const;

  // The ranges are compared. What is still open (a later record of a key, the original of a second
  // copy) may be decided by records up to the present ends.
  [[nodiscard]] bool is_compared() const { return compared_; }
  void look_on(Offset source_end, Offset target_end);
  [[nodiscard]] bool is_done() const;

  [[nodiscard]] Records progress() const;  // of the source range
  [[nodiscard]] Tally tally() const;
  [[nodiscard]] std::optional<Difference> first_difference() const;
  // Of the subject's, those that account for a record of the range, or may.
  [[nodiscard]] std::vector<ToldRange> told() const;

 private:
  // Walks the segments forward with its stream.
  struct Cursor {
    std::size_t segment = 0;
  };

  bool step();
  bool step_tail();
  [[nodiscard]] const Record* head(const Stream& stream, Offset to) const;
  [[nodiscard]] bool is_over(const Stream& stream, Offset to) const;
  [[nodiscard]] std::optional<Offset> copy_of(Offset source);
  [[nodiscard]] std::optional<Offset> original_of(Offset target);
  bool warm_up();
  bool judge_source_alone(const Record& source);
  bool judge_target_alone(const Record& target);
  bool judge_pair(const Record& source, const Record& target);
  void compare();
  [[nodiscard]] bool is_rewritten(const Record& source, const Record& target) const;
  void missing_on_target();
  void missing_on_source();
  void never_mapped();
  // Null: none accounts for it, or not for one more.
  [[nodiscard]] ToldRange* told_of(Offset source);
  [[nodiscard]] bool is_unreadable(Offset source) const;
  void extra();
  [[nodiscard]] std::uint64_t copy_print(const Record& record) const;
  [[nodiscard]] static Copies::KeyHash compaction_key(const Record& record, bool is_compacted);
  void note(std::optional<Offset> source, std::optional<Offset> target, std::string what);
  void pop_source();
  void pop_target();

  const CheckSubject& subject_;
  CheckPlan plan_;
  Stream source_;
  Stream target_;
  Cursor source_cursor_;
  Cursor target_cursor_;
  PendingKeys gone_on_target_;  // source records whose copy the target lacks
  PendingKeys gone_on_source_;  // copies whose original the source lacks
  Copies copies_;
  Tally tally_;
  std::vector<ToldRange> told_;  // the newest last
  std::optional<Difference> first_;
  bool compared_ = false;
  std::optional<Offset> tail_source_end_;
  std::optional<Offset> tail_target_end_;
};

}  // namespace longspan
