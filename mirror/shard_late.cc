// What a Shard does about requests of former owners that are written behind its own.
#include <utility>

#include "mirror/shard.h"

namespace longspan {
namespace {

// Somebody who keeps writing to our target is no late request.
constexpr int kCopiedAgainMax = 3;

}  // namespace

// Called when both logs were measured. With a new producer the requests of the one before, here or
// in another process, may still come.
void Shard::open_late_window(Partition& p) {
  // A fenced owner's requests are refused: none can come.
  if (!is_exactly_once() && p.measured_on != sink_number_) {
    p.measured_on = sink_number_;
    const auto now = LateWindow::with(p.late, p.position(), ports_.clock.now());
    if (p.late != now) p.copied_again = 0;
    p.late = now;
    p.is_dirty = true;
  }
  if (!std::exchange(p.must_copy_again, false)) return;
  const Offset from = p.late->older;
  const Offset to = p.copied_up_to();
  ++p.copied_again;
  record_event(p, EventKind::copied_again, from, to,
               "the topic is compacted, and older values may stand behind newer ones of their "
               "keys: these records are copied once more");
  p.map.set_next_source(to);
  p.next_fetch = from;
  p.is_dirty = true;
}

// Records that are not our next ones stand behind our last ones. On a compacted topic the last
// record of a key is its value: late ones would take back what the source said since.
void Shard::on_late_records(Partition& p) {
  const auto& compacted = topic_settings_.delete_retention;
  if (!compacted.contains(p.identity.source.topic) || p.must_copy_again) return;
  if (!p.late || !p.late->is_open(ports_.clock.now())) return;
  if (p.late->older >= p.copied_up_to() || p.copied_again >= kCopiedAgainMax) return;
  p.must_copy_again = true;
  p.is_dirty = true;
}

void Shard::tell_twice(Partition& p, Offset target, std::int64_t count) {
  p.written_twice_total += count;
  record_range(p, EventKind::written_twice, target, target + Records{count},
               "second copies were written");
}

}  // namespace longspan
