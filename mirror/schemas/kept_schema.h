// mirror/schemas/kept_schema.h - a schema as it is held by the ten thousand: packed, shared, and
// never changed.
//
//   KeptSchema kept(schema, the_version_before);
//   registry.import_schema({subject, version, id, kept.unpacked()});
//
// The versions of a subject resemble each other: each is packed with the one before as its
// dictionary, so that a subject of three versions of 2 KB costs some 700 bytes. An equal schema is
// mostly seen by its packed bytes alone.
//
// Errors:  std::bad_alloc.
// Limits:  kChainMax schemas hold each other; the next begins anew. Each thread keeps hold of the
//          one that it read last.
// Threads: values; unpacked() from any.
// Source:  zlib, raw deflate.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "mirror/schemas/schema.h"

namespace longspan {

class KeptSchema {
 public:
  static constexpr int kChainMax = 8;

  KeptSchema() = default;            // of a Schema{}
  KeptSchema(const Schema& schema);  // NOLINT(google-explicit-constructor)
  // Smaller where it resembles `before`, which is kept as long as this one.
  KeptSchema(const Schema& schema, const KeptSchema& before);

  [[nodiscard]] Schema unpacked() const;
  [[nodiscard]] const std::vector<SchemaReference>& references() const;
  [[nodiscard]] KeptSchema with_references(std::vector<SchemaReference> references) const;

  // As of two schemas.
  friend bool operator==(const KeptSchema& a, const KeptSchema& b);

 private:
  struct Packed;
  struct Recent;
  using References = std::vector<SchemaReference>;

  static bool is_same(const Packed* a, const Packed* b);

  std::shared_ptr<const Packed> packed_;          // all but the references
  std::shared_ptr<const References> references_;  // empty: none
};

struct KeptVersion {
  Subject subject;
  std::int32_t version = 0;
  std::int32_t id = 0;
  KeptSchema schema;

  [[nodiscard]] RegisteredSchema unpacked() const {
    return {subject, version, id, schema.unpacked()};
  }
};

}  // namespace longspan
