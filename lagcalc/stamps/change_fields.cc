#include "lagcalc/stamps/change_fields.h"

namespace longspan {
namespace {

constexpr std::string_view kDeletedField = "__deleted";  // has no option for its prefix

Slot connector_slot(std::string_view field) {
  if (field == "ts_ms") return Slot::connector_ms;
  if (field == "ts_us") return Slot::connector_us;
  if (field == "ts_ns") return Slot::connector_ns;
  return Slot::none;
}

void add(WrittenTimes& to, const WrittenTimes& more) {
  if (to.empty()) to.is_damaged = more.is_damaged;
  if (!to.ms) to.ms = more.ms;
  if (!to.us) to.us = more.us;
  if (!to.ns) to.ns = more.ns;
}

}  // namespace

Slot envelope_slot(std::string_view field) {
  return field == "op" ? Slot::op : connector_slot(field);
}

Slot source_slot(std::string_view field) {
  if (field == "ts_ms") return Slot::commit_ms;
  if (field == "ts_us") return Slot::commit_us;
  if (field == "ts_ns") return Slot::commit_ns;
  if (field == "snapshot") return Slot::snapshot;
  if (field == "txId") return Slot::transaction;
  return Slot::none;
}

Slot flat_slot(std::string_view field, const StampNames& names) {
  constexpr std::string_view kSource = "source_";
  if (field == kDeletedField) return Slot::deleted;
  if (!field.starts_with(names.prefix)) return Slot::none;
  field.remove_prefix(names.prefix.size());
  if (field.starts_with(kSource)) return source_slot(field.substr(kSource.size()));
  if (field == "op") return Slot::op;
  if (field == "snapshot") return Slot::snapshot;
  if (field == "txId") return Slot::transaction;
  return connector_slot(field);
}

void ChangeFields::put(Slot slot, std::string_view text) {
  switch (slot) {
    case Slot::op:
      op = change_op(text);
      break;
    case Slot::snapshot:
      snapshot = text == "false"         ? SnapshotMark::none
                 : text == "incremental" ? SnapshotMark::incremental
                                         : SnapshotMark::snapshot;
      break;
    case Slot::transaction:
      has_transaction = true;
      break;
    case Slot::deleted:
      if (text == "true" && !op) op = ChangeOp::remove;
      break;
    default:
      put_damaged(slot);
  }
}

void ChangeFields::put(Slot slot, bool value) {
  if (slot == Slot::snapshot || slot == Slot::deleted) {
    put(slot, value ? std::string_view("true") : std::string_view("false"));
  } else {
    put_damaged(slot);
  }
}

void ChangeFields::put_damaged(Slot slot) {
  if (slot < Slot::op) times_of(slot).is_damaged = true;
}

ChangeFields faulty(NoCommit fault) {
  ChangeFields out;
  out.fault = fault;
  return out;
}

ChangeFields joined(const ChangeFields& value, const ChangeFields& headers) {
  if (headers.shape == ChangeShape::other) return value;
  if (value.fault) return headers.has_commit() ? headers : value;
  if (value.shape == ChangeShape::other) return headers;
  ChangeFields out = value;
  add(out.commit, headers.commit);
  add(out.connector, headers.connector);
  if (!out.op) out.op = headers.op;
  if (out.snapshot == SnapshotMark::none) out.snapshot = headers.snapshot;
  out.has_transaction = out.has_transaction || headers.has_transaction;
  return out;
}

}  // namespace longspan
