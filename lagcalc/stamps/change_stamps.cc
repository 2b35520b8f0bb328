#include "lagcalc/stamps/change_stamps.h"

#include "lagcalc/stamps/change_fields.h"

namespace longspan {
namespace {

constexpr std::int64_t kFirstUs = 946'684'800'000'000;     // 2000-01-01
constexpr std::int64_t kBehindUs = 7'258'118'400'000'000;  // 2200-01-01

std::optional<Stamp> stamp(std::int64_t us, std::int32_t resolution_us) {
  if (us < kFirstUs || us >= kBehindUs) return std::nullopt;
  return Stamp{{us}, resolution_us};
}

// The finest time there is; absent when that one is absurd.
std::optional<Stamp> stamp(const WrittenTimes& times) {
  if (times.is_damaged) return std::nullopt;
  if (times.ns) return stamp(*times.ns / 1000, 1);
  if (times.us) return stamp(*times.us, 1);
  if (!times.ms || *times.ms < kFirstUs / 1000 || *times.ms >= kBehindUs / 1000) return {};
  return stamp(*times.ms * 1000, 1000);
}

// What the commit time of a readable change means something else for.
std::optional<NoCommit> exclusion(const ChangeFields& fields) {
  if (fields.op == ChangeOp::message && !fields.has_transaction) {
    return NoCommit::non_transactional_message;
  }
  if (fields.snapshot == SnapshotMark::incremental) return NoCommit::incremental_snapshot;
  if (fields.snapshot == SnapshotMark::snapshot || fields.op == ChangeOp::read) {
    return NoCommit::snapshot;
  }
  if (fields.op == ChangeOp::truncate) return NoCommit::truncate;
  if (fields.commit.empty()) return NoCommit::missing;
  return std::nullopt;
}

ChangeStamps without_commit(NoCommit why) { return {{}, {}, why, {}}; }

}  // namespace

std::string_view name(NoCommit why) {
  switch (why) {
    case NoCommit::snapshot:
      return "snapshot";
    case NoCommit::incremental_snapshot:
      return "incremental_snapshot";
    case NoCommit::non_transactional_message:
      return "non_transactional_message";
    case NoCommit::truncate:
      return "truncate";
    case NoCommit::missing:
      return "missing";
    case NoCommit::no_schema:
      return "no_schema";
    case NoCommit::unreadable:
      return "unreadable";
    case NoCommit::over_limit:
      return "over_limit";
    case NoCommit::heartbeat:
      return "heartbeat";
    case NoCommit::tombstone_without_delete:
      return "tombstone_without_delete";
  }
  return "";
}

std::optional<ChangeOp> change_op(std::string_view letter) {
  if (letter.size() != 1) return std::nullopt;
  switch (letter.front()) {
    case 'c':
      return ChangeOp::create;
    case 'u':
      return ChangeOp::update;
    case 'd':
      return ChangeOp::remove;
    case 'r':
      return ChangeOp::read;
    case 't':
      return ChangeOp::truncate;
    case 'm':
      return ChangeOp::message;
    default:
      return std::nullopt;
  }
}

std::string_view name(ChangeOp op) {
  switch (op) {
    case ChangeOp::create:
      return "create";
    case ChangeOp::update:
      return "update";
    case ChangeOp::remove:
      return "delete";
    case ChangeOp::read:
      return "read";
    case ChangeOp::truncate:
      return "truncate";
    case ChangeOp::message:
      return "message";
  }
  return "";
}

ChangeStamps judge(const ChangeFields& fields) {
  if (fields.fault) return without_commit(*fields.fault);
  if (fields.shape == ChangeShape::other) return without_commit(NoCommit::missing);
  ChangeStamps out{{}, stamp(fields.connector), exclusion(fields), fields.op};
  if (out.why) return out;
  out.commit = stamp(fields.commit);
  if (!out.commit) out.why = NoCommit::unreadable;
  return out;
}

ChangeStamps judge_heartbeat(const ChangeFields& fields) {
  ChangeStamps out = without_commit(fields.fault.value_or(NoCommit::heartbeat));
  if (fields.shape != ChangeShape::other || fields.fault) return out;
  out.connector = stamp(fields.connector);
  return out;
}

}  // namespace longspan
