#include "lagcalc/clocks/clock_tracker.h"

#include <algorithm>

#include "lagcalc/assert.h"

namespace longspan {

ClockTracker::ClockTracker(ClockId clock, TrackerSettings settings)
    : clock_(clock), settings_(settings) {
  LONGSPAN_ASSERT(settings.window_us > 0 && settings.drift_ppm_max >= 0);
}

std::optional<ClockStep> ClockTracker::add(const ClockSample& sample) {
  const std::optional<OffsetBounds> bounds = bounds_of(sample);
  if (!bounds) {
    ++counts_.impossible;
    return std::nullopt;
  }
  ++counts_.samples;
  // It was written at some time of the exchange, and drifted until the answer.
  const std::int64_t drift =
      drift_us((sample.answered - sample.sent).value, settings_.drift_ppm_max);
  return weigh({widened(*bounds, drift), sample.answered});
}

std::optional<ClockStep> ClockTracker::add_order(const OffsetBounds& bounds, Instant at) {
  std::optional<ClockStep> step;
  if (bounds.low) step = weigh({{bounds.low, std::nullopt}, at});
  if (bounds.high) {
    const std::optional<ClockStep> other = weigh({{std::nullopt, bounds.high}, at});
    if (!step) step = other;
  }
  return step;
}

std::optional<ClockStep> ClockTracker::weigh(const Evidence& evidence) {
  const bool fits_history = this->fits_history(evidence);
  if (!doubt_) {
    if (fits_history) {
      keep(evidence);
      last_fit_ = std::max(last_fit_, evidence.at);
    } else {
      doubt(evidence);
    }
    return std::nullopt;
  }
  const bool is_sample = evidence.bounds.is_closed();
  const bool fits_doubt = this->fits_doubt(evidence);
  if (fits_history && !fits_doubt && is_sample) {
    doubt_.reset();
    ++counts_.outliers;
    keep(evidence);
    last_fit_ = std::max(last_fit_, evidence.at);
    return std::nullopt;
  }
  const bool is_decisive = is_sample || !has_samples(evidence.at);
  if (fits_doubt && !fits_history && is_decisive) return start_anew(evidence);
  // Nothing that fits one of them alone for two windows: what was seen last is true by itself.
  const bool is_overdue = evidence.at - doubt_->since > DurationUs{2 * settings_.window_us};
  if (is_overdue && is_decisive) return start_anew(evidence);
  if (!fits_history) doubt(evidence);
  return std::nullopt;
}

void ClockTracker::doubt(const Evidence& evidence) {
  if (!doubt_) doubt_ = Doubt{evidence.bounds, evidence, evidence.at, false};
  doubt_->reach = hull(doubt_->reach, evidence.bounds);
  if (evidence.bounds.is_closed() || !doubt_->has_sample) doubt_->latest = evidence;
  doubt_->has_sample = doubt_->has_sample || evidence.bounds.is_closed();
}

// The history no longer holds. Bounds before and after that do not meet prove a step.
std::optional<ClockStep> ClockTracker::start_anew(const Evidence& evidence) {
  const OffsetBounds before = tracked(evidence.at);
  const Evidence first = doubt_->latest;
  const Instant seen = doubt_->since;
  const Instant last_fit = last_fit_;
  earlier_ = EarlierOffset{tracked(last_fit), last_fit, since_};
  ++epoch_;
  doubt_.reset();
  windows_ = {};
  used_ = 0;
  since_ = seen;
  keep(first);
  if (fits_history(evidence)) {
    keep(evidence);
  } else {
    windows_ = {};
    used_ = 0;
    keep(evidence);
    since_ = evidence.at;
  }
  last_fit_ = evidence.at;
  const OffsetBounds now = tracked(evidence.at);
  const bool is_proven = (now.low && before.high && now.low->us > before.high->us) ||
                         (now.high && before.low && now.high->us < before.low->us);
  if (!is_proven) {
    ++counts_.shifts;
    return std::nullopt;
  }
  ++counts_.steps;
  ClockStep step{clock_, {}, seen};
  if (now.low && before.high) step.size.low = DurationUs{now.low->us - before.high->us};
  if (now.high && before.low) step.size.high = DurationUs{now.high->us - before.low->us};
  if (step.size.low && step.size.high) {
    step.size.point = DurationUs{(step.size.low->value + step.size.high->value) / 2};
  }
  return step;
}

OffsetBounds ClockTracker::aged(const Evidence& evidence, Instant now) const {
  return widened(evidence.bounds, drift_us((now - evidence.at).value, settings_.drift_ppm_max));
}

OffsetBounds ClockTracker::measured(Instant now) const {
  OffsetBounds out;
  for (std::size_t i = 0; i < used_; ++i) {
    const std::optional<Evidence>& best = windows_[i].best;
    if (best && now - best->at <= DurationUs{settings_.age_us_max}) {
      out = intersection(out, aged(*best, now));
    }
  }
  return out;
}

OffsetBounds ClockTracker::by_order(Instant now) const {
  OffsetBounds out;
  for (std::size_t i = 0; i < used_; ++i) {
    for (const auto* side : {&windows_[i].low, &windows_[i].high}) {
      if (*side && now - (*side)->at <= DurationUs{settings_.age_us_max}) {
        out = intersection(out, aged(**side, now));
      }
    }
  }
  return out;
}

OffsetBounds ClockTracker::tracked(Instant now) const {
  return intersection(measured(now), by_order(now));
}

bool ClockTracker::has_samples(Instant now) const { return reference(now).has_value(); }

std::optional<ClockTracker::Evidence> ClockTracker::reference(Instant now) const {
  std::optional<Evidence> out;
  std::int64_t narrowest = 0;
  for (std::size_t i = 0; i < used_; ++i) {
    const std::optional<Evidence>& best = windows_[i].best;
    if (!best || now - best->at > DurationUs{settings_.age_us_max}) continue;
    const std::int64_t width = aged(*best, now).width_us();
    if (out && width >= narrowest) continue;
    out = best;
    narrowest = width;
  }
  return out;
}

std::int64_t ClockTracker::least_width() const {
  std::int64_t least = INT64_MAX;
  for (std::size_t i = 0; i < used_; ++i) {
    if (windows_[i].best) least = std::min(least, windows_[i].best->bounds.width_us());
  }
  return least;
}

// Delays that are never less than f forth and r back leave two samples' middles at most
// (width + width) / 2 - (f + r) apart; f + r is at most the least width seen.
bool ClockTracker::is_shifted(const Evidence& a, const Evidence& b) const {
  const std::int64_t widths = a.bounds.width_us() + b.bounds.width_us();
  const std::int64_t least = std::min({least_width(), a.bounds.width_us(), b.bounds.width_us()});
  const std::int64_t margin = settings_.shift_margin_us + least / 16 +
                              drift_us((a.at - b.at).value, settings_.drift_ppm_max);
  const std::int64_t apart =
      (a.bounds.low->us + a.bounds.high->us) - (b.bounds.low->us + b.bounds.high->us);
  return std::max(apart, -apart) > widths - 2 * least + 2 * margin;
}

bool ClockTracker::fits_history(const Evidence& evidence) const {
  if (intersection(tracked(evidence.at), evidence.bounds).is_empty()) return false;
  if (!evidence.bounds.is_closed()) return true;
  const std::optional<Evidence> other = reference(evidence.at);
  return !other || !is_shifted(evidence, *other);
}

bool ClockTracker::fits_doubt(const Evidence& evidence) const {
  const Evidence& doubted = doubt_->latest;
  if (intersection(aged(doubted, evidence.at), evidence.bounds).is_empty()) return false;
  if (!evidence.bounds.is_closed() || !doubted.bounds.is_closed()) return true;
  return !is_shifted(evidence, doubted);
}

ClockTracker::Window& ClockTracker::window_at(Instant at) {
  const std::int64_t number = at.us / settings_.window_us;
  if (used_ == 0 || number > windows_[newest_].number) {
    newest_ = used_ == 0 ? 0 : (newest_ + 1) % kWindows;
    used_ = std::max(used_, newest_ + 1);
    windows_[newest_] = Window{number, {}, {}, {}};
  }
  return windows_[newest_];
}

void ClockTracker::keep(const Evidence& evidence) {
  Window& window = window_at(evidence.at);
  if (evidence.bounds.is_closed()) {
    if (!window.best || evidence.bounds.width_us() <= aged(*window.best, evidence.at).width_us()) {
      window.best = evidence;
    }
  } else if (evidence.bounds.low) {
    if (!window.low || evidence.bounds.low->us >= aged(*window.low, evidence.at).low->us) {
      window.low = evidence;
    }
  } else if (evidence.bounds.high) {
    if (!window.high || evidence.bounds.high->us <= aged(*window.high, evidence.at).high->us) {
      window.high = evidence;
    }
  }
}

ClockOffset ClockTracker::offset(Instant now, std::span<const OffsetBounds> others) const {
  ClockOffset out{{}, now, settings_.drift_ppm_max, epoch_, since_, earlier_};
  if (doubt_) {
    out.epoch.reset();
    // What was in doubt may be true instead of what was measured; nothing is assumed of it.
    out.bounds = hull(tracked(now), widened(doubt_->reach, drift_us((now - doubt_->since).value,
                                                                    settings_.drift_ppm_max)));
    for (const OffsetBounds& other : others) out.bounds = hull(out.bounds, other);
    return out;
  }
  OffsetBounds known = measured(now);
  if (!others.empty()) {
    std::array<OffsetBounds, kSourcesMax> sources;
    std::size_t count = 0;
    if (known.is_closed()) sources[count++] = known;
    for (const OffsetBounds& other : others) {
      if (count < sources.size()) sources[count++] = other;
    }
    known = agreement({sources.data(), count}).bounds;
  }
  out.bounds = resolved(known, by_order(now), settings_.max_error);
  return out;
}

}  // namespace longspan
