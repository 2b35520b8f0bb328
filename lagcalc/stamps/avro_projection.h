// lagcalc/stamps/avro_projection.h - the times of a change out of an Avro body: compiled once from
// the writer's schema, then run over bodies.
//
// Fields are found by name, wherever the schema has them: an envelope (a record with `source`, a
// record with times), a flattened value, or a heartbeat. A record schema that is neither is walked
// for nothing; reads_anything() tells.
//
// Errors:  a schema that cannot be compiled is an Error (refuse_record). A body that contradicts
// its
//          schema is fields with a fault. Reading ends behind the last wanted field: bytes behind
//          that are not looked at.
// Threads: const after compile(); read() may run on many threads.
// Limits:  kSchemaBytesMax a text, kNodesMax types, kDepthMax types within each other, in the
// schema
//          and in a body; fields and items walked: kStepsMin and 4 a byte. Reading takes no memory.
// Source:  Apache Avro 1.11 specification; Confluent's AvroData for what Connect makes of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "lagcalc/result.h"
#include "lagcalc/stamps/avro_program.h"
#include "lagcalc/stamps/change_fields.h"

namespace longspan {

class AvroProjection {
 public:
  static constexpr std::size_t kSchemaBytesMax = 4 << 20;
  static constexpr std::size_t kNodesMax = 1 << 16;
  static constexpr int kDepthMax = 64;
  static constexpr std::uint64_t kStepsMin = 1 << 16;

  // `schema` and `references` are the registry's texts; those may define what the schema names.
  [[nodiscard]] static Result<AvroProjection> compile(
      std::string_view schema, std::span<const std::string_view> references = {},
      const StampNames& names = {});

  // `body` is what stands behind the framing (schema_framing.h).
  [[nodiscard]] ChangeFields read(std::string_view body) const;
  [[nodiscard]] bool reads_anything() const { return reads_anything_; }
  [[nodiscard]] bool reads_row_context() const { return reads_row_context_; }

 private:
  AvroProjection(AvroProgram program, bool reads_anything)
      : program_(std::move(program)), reads_anything_(reads_anything) {}

  AvroProgram program_;
  bool reads_anything_;
  bool reads_row_context_ = false;
};

}  // namespace longspan
