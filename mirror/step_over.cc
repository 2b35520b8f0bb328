#include "mirror/step_over.h"

#include <algorithm>
#include <utility>

#include "lagcalc/assert.h"

namespace longspan {

void StepOver::on_readable(Offset first) {
  LONGSPAN_ASSERT(!is_done() && first >= probe_);
  ++readings_;
  is_proven_ = true;
  if (!inside_) {
    to_ = from_;
    return;
  }
  if (!std::exchange(asks_end_, false)) {
    const bool is_again = outside_ && outside_->at == probe_ && outside_->readable == first;
    outside_ = Outside{probe_, first, {}, is_again ? outside_->times + 1 : 1};
  }
  choose();
}

void StepOver::on_unreadable(std::optional<Offset> batch) {
  LONGSPAN_ASSERT(!is_done());
  ++readings_;
  is_proven_ = true;
  if (batch && *batch >= end_) batch.reset();  // damaged, too
  if (std::exchange(asks_end_, false)) return choose();
  fails_inside(batch);
}

void StepOver::on_silence() {
  LONGSPAN_ASSERT(!is_done());
  ++readings_;
  was_silent_ = true;
  if (asks_end_) {
    to_ = from_;
  } else if (!inside_) {
    inside_ = probe_;
    asks_end_ = true;
    probe_ = end_;
  } else {
    fails_inside(std::nullopt);
  }
}

// Reading failed at probe_.
void StepOver::fails_inside(std::optional<Offset> batch) {
  if (!inside_) {
    // Between the position and the batch nothing can be read: markers, records compacted away.
    if (batch) from_ = std::max(from_, *batch);
    batch_ = batch;
    inside_ = from_;
  } else if (!is_another(batch)) {
    inside_ = probe_;
    if (outside_ && outside_->at <= probe_) outside_.reset();
    if (!batch_) batch_ = batch;
  } else {
    outside_ = Outside{std::min(probe_, batch.value_or(probe_)), {}, batch};
  }
  choose();
}

// An answer without a name may be of any batch.
bool StepOver::is_another(std::optional<Offset> batch) const {
  return batch ? *batch > *inside_ : batch_.has_value();
}

void StepOver::choose() {
  if (outside_ && outside_->at == inside_->next()) {
    if (outside_->readable && outside_->times < 2 && readings_ < kReadingsMax) {
      probe_ = outside_->at;
      return;
    }
    if (outside_->readable || readings_ >= kReadingsMax) {
      to_ = outside_->readable.value_or(outside_->at);
      return;
    }
    begin_batch();
  }
  if (inside_->next() >= end_) {
    to_ = inside_->next();
  } else if (outside_) {
    probe_ = *inside_ + Records{(outside_->at - *inside_).count / 2};
  } else if (!batch_ && readings_ >= kReadingsMax) {
    to_ = inside_->next();
  } else {
    probe_ = std::min(*inside_ + Records{step_}, end_);
    step_ *= 2;
    if (!batch_) step_ = std::min(step_, kOffsetsMax);
  }
}

// The one behind is known to be unreadable from its beginning on.
void StepOver::begin_batch() {
  batch_ = outside_->batch;
  inside_ = batch_.value_or(outside_->at);
  outside_.reset();
  step_ = 1;
}

}  // namespace longspan
