#include "lagcalc/stamps/change_fields.h"

namespace longspan {
namespace {

constexpr std::string_view kDeletedField = "__deleted";  // has no option for its prefix

ChangeField connector_slot(std::string_view field) {
  if (field == "ts_ms") return ChangeField::connector_ms;
  if (field == "ts_us") return ChangeField::connector_us;
  if (field == "ts_ns") return ChangeField::connector_ns;
  return ChangeField::none;
}

void add(WrittenTimes& to, const WrittenTimes& more) {
  if (to.empty()) to.is_damaged = more.is_damaged;
  if (!to.ms) to.ms = more.ms;
  if (!to.us) to.us = more.us;
  if (!to.ns) to.ns = more.ns;
}

}  // namespace

ChangeField envelope_field(std::string_view field) {
  return field == "op" ? ChangeField::op : connector_slot(field);
}

ChangeField source_field(std::string_view field) {
  if (field == "ts_ms") return ChangeField::commit_ms;
  if (field == "ts_us") return ChangeField::commit_us;
  if (field == "ts_ns") return ChangeField::commit_ns;
  if (field == "snapshot") return ChangeField::snapshot;
  if (field == "txId") return ChangeField::transaction;
  return ChangeField::none;
}

ChangeField flat_field(std::string_view field, const StampNames& names) {
  constexpr std::string_view kSource = "source_";
  if (field == kDeletedField) return ChangeField::deleted;
  if (!field.starts_with(names.prefix)) return ChangeField::none;
  field.remove_prefix(names.prefix.size());
  if (field.starts_with(kSource)) return source_field(field.substr(kSource.size()));
  if (field == "op") return ChangeField::op;
  if (field == "snapshot") return ChangeField::snapshot;
  if (field == "txId") return ChangeField::transaction;
  return connector_slot(field);
}

void ChangeFields::put(ChangeField field, std::string_view text) {
  switch (field) {
    case ChangeField::op:
      op = change_op(text);
      break;
    case ChangeField::snapshot:
      snapshot = text == "false"         ? SnapshotMark::none
                 : text == "incremental" ? SnapshotMark::incremental
                                         : SnapshotMark::snapshot;
      break;
    case ChangeField::transaction:
      has_transaction = true;
      break;
    case ChangeField::deleted:
      if (text == "true" && !op) op = ChangeOp::remove;
      break;
    case ChangeField::row_context:
      row_context = text.substr(0, kRowContextFieldBytesMax + 1);
      break;
    default:
      put_damaged(field);
  }
}

void ChangeFields::put(ChangeField field, bool value) {
  if (field == ChangeField::snapshot || field == ChangeField::deleted) {
    put(field, value ? std::string_view("true") : std::string_view("false"));
  } else {
    put_damaged(field);
  }
}

void ChangeFields::put_damaged(ChangeField field) {
  if (field < ChangeField::op) times_of(field).is_damaged = true;
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
