// mirror/step_over.h - where does the source become readable again behind a batch that is not?
//
// The client cannot read a batch and does not say where it ends. So reading is tried at offsets
// behind its beginning: in steps that double while the answer names the same batch, then halving
// between the last offset inside it and the first one outside. What it finds is exact: no record
// that can be read is in the range. If another unreadable batch follows at once, it goes on there.
// Where the range ends is read twice: an answer may be a late one, of a reading elsewhere.
//
// An answer that does not name its batch (the broker refused to read, or nothing came at all) tells
// less: steps are then kOffsetsMax at most, so that a run of that many readable records is never
// jumped over.
//
// Units:   source offsets; ranges half-open.
// Errors:  none; is_proven() says whether there was any answer at all.
// Threads: a value of its owner's thread.
// Limits:  about 2 * log2(records of the batch) readings a batch; no new batch is begun after
//          kReadingsMax of them: what follows is found when reading fails there.
// Source:  ARCHITECTURE.md, "Losses and remedies".
#pragma once

#include <cstdint>
#include <optional>

#include "lagcalc/units.h"

namespace longspan {

class StepOver {
 public:
  static constexpr std::int64_t kOffsetsMax = 256;
  static constexpr int kReadingsMax = 1000;

  // Reading at `from` failed; `end` is where the readable log ends.
  StepOver(Offset from, Offset end) : from_(from), end_(end) {}

  // Where to read next, until is_done().
  [[nodiscard]] Offset probe() const { return probe_; }
  // What that showed: a record, or the end of the log, at `first` >= probe().
  void on_readable(Offset first);
  // It failed, too; `batch` is where the failing batch begins, if that was told.
  void on_unreadable(std::optional<Offset> batch);
  // Nothing came.
  void on_silence();

  [[nodiscard]] bool is_done() const { return to_.has_value(); }
  // The range is [from, to): empty when the first reading succeeded.
  [[nodiscard]] Offset from() const { return from_; }
  [[nodiscard]] Offset to() const { return to_.value_or(from_); }
  // False: nothing was heard at any offset, so it is not the batch.
  [[nodiscard]] bool is_proven() const { return is_proven_; }
  // Some of it only because nothing came: it may just be slow.
  [[nodiscard]] bool is_guess() const { return was_silent_; }
  [[nodiscard]] int readings() const { return readings_; }

 private:
  void fails_inside(std::optional<Offset> batch);
  [[nodiscard]] bool is_another(std::optional<Offset> batch) const;
  void choose();
  void begin_batch();

  // The first offset known to be behind the present batch, and what is there: a readable record at
  // `readable` (or the log's end), else another batch.
  struct Outside {
    Offset at;
    std::optional<Offset> readable;
    std::optional<Offset> batch;
    int times = 1;  // that it was read so, one after the other
  };

  Offset from_;
  Offset end_;
  Offset probe_ = from_;
  std::optional<Offset> batch_;   // where the present one begins, if that was told
  std::optional<Offset> inside_;  // the last offset known to be in it
  std::optional<Outside> outside_;
  std::int64_t step_ = 1;
  std::optional<Offset> to_;
  int readings_ = 0;
  bool asks_end_ = false;  // only to hear whether anything comes at all
  bool is_proven_ = false;
  bool was_silent_ = false;
};

}  // namespace longspan
