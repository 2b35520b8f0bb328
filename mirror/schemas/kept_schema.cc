#include "mirror/schemas/kept_schema.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstddef>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "lagcalc/assert.h"

namespace longspan {
namespace {

constexpr int kLevel = 1;
constexpr int kWindowBitsMin = 10;
constexpr int kWindowBitsMax = 15;
constexpr int kMemoryLevel = 5;

Bytef* bytes_of(std::string& text) { return reinterpret_cast<Bytef*>(text.data()); }
// zlib takes what it only reads by a pointer that is not const.
Bytef* read_bytes(std::string_view text) {
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
}

void expect(bool is_fine, int code) {
  if (code == Z_MEM_ERROR) throw std::bad_alloc();
  LONGSPAN_ASSERT(is_fine);
}

// What is behind the window is of no use.
std::string_view dictionary_of(std::string_view before) {
  constexpr std::size_t kWindow = 1U << static_cast<unsigned>(kWindowBitsMax);
  return before.size() <= kWindow ? before : before.substr(before.size() - kWindow);
}

// Before the first of a chain: what schemas are made of.
constexpr std::string_view kWords =
    R"("$schema":"http://json-schema.org/draft-07/schema#","title":"","type":"object",)"
    R"("properties":{"type":"number","additionalProperties":false,"required":["description":)"
    "syntax = \"proto3\";\npackage com.\nimport \"google/protobuf/timestamp.proto\";\n"
    "message {\n  repeated string optional int32 = 1;\n  bool int64 = 2;\n}\n"
    R"("symbols":[""],"size":16,"aliases":["type":"fixed","type":"enum",)"
    R"("logicalType":"date""logicalType":"uuid""logicalType":"timestamp-micros")"
    R"({"type":"bytes","logicalType":"decimal","precision":18,"scale":4},)"
    R"({"type":"map","values":"string"},"default":{}{"type":"array","items":"string"},)"
    R"("default":[]"double""float""boolean""int""long","default":0"default":"","default":false)"
    R"({"name":"","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"},)"
    R"({"name":"","type":["null","string"],"default":null,"doc":"},{"name":"id","type":"string"},)"
    R"(4:AVRO0:0:{"type":"record","name":"","namespace":"com.example.","doc":"","fields":[{)";

std::string packed_bytes(std::string_view content, std::string_view before) {
  const auto dictionary = dictionary_of(before);
  // A small window is quickly made.
  const auto window_bits =
      std::clamp(static_cast<int>(std::bit_width(content.size() + dictionary.size() + 512)),
                 kWindowBitsMin, kWindowBitsMax);
  z_stream stream{};
  const int begun =
      deflateInit2(&stream, kLevel, Z_DEFLATED, -window_bits, kMemoryLevel, Z_DEFAULT_STRATEGY);
  expect(begun == Z_OK, begun);
  if (!dictionary.empty()) {
    deflateSetDictionary(&stream, read_bytes(dictionary), static_cast<uInt>(dictionary.size()));
  }
  std::string out(deflateBound(&stream, content.size()), '\0');
  stream.next_in = read_bytes(content);
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = bytes_of(out);
  stream.avail_out = static_cast<uInt>(out.size());
  const int ended = deflate(&stream, Z_FINISH);
  const auto size = stream.total_out;
  deflateEnd(&stream);
  expect(ended == Z_STREAM_END, ended);
  return {out.data(), size};  // of no more memory than it takes
}

std::string unpacked_bytes(std::string_view packed, std::size_t size, std::string_view before) {
  const auto dictionary = dictionary_of(before);
  z_stream stream{};
  const int begun = inflateInit2(&stream, -kWindowBitsMax);
  expect(begun == Z_OK, begun);
  if (!dictionary.empty()) {
    const int set =
        inflateSetDictionary(&stream, read_bytes(dictionary), static_cast<uInt>(dictionary.size()));
    if (set != Z_OK) inflateEnd(&stream);
    expect(set == Z_OK, set);
  }
  std::string out(size, '\0');
  stream.next_in = read_bytes(packed);
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = bytes_of(out);
  stream.avail_out = static_cast<uInt>(out.size());
  const int ended = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  expect(ended == Z_STREAM_END, ended);
  return out;
}

// "4:AVRO0:0:" and the text.
std::string content_of(const Schema& schema) {
  std::string out;
  out.reserve(schema.text.size() + schema.metadata.size() + schema.rule_set.size() + 32);
  for (const auto* part : {&schema.type, &schema.metadata, &schema.rule_set}) {
    out += std::to_string(part->size()) + ":";
    out += *part;
  }
  return out + schema.text;
}

std::string taken_part(std::string_view& content) {
  const auto colon = content.find(':');
  std::size_t size = 0;
  std::from_chars(content.data(), content.data() + colon, size);
  std::string part(content.substr(colon + 1, size));
  content.remove_prefix(colon + 1 + size);
  return part;
}

}  // namespace

struct KeptSchema::Packed {
  std::unique_ptr<char[]> bytes;
  std::uint32_t bytes_size = 0;
  std::uint32_t size = 0;                // unpacked
  std::shared_ptr<const Packed> before;  // its dictionary
  int chain = 1;

  [[nodiscard]] std::string_view view() const { return {bytes.get(), bytes_size}; }
};

// What a thread packs or unpacks next is mostly the version behind the last one.
struct KeptSchema::Recent {
  std::shared_ptr<const Packed> packed;
  std::string content;

  static Recent& of_this_thread() {
    thread_local Recent recent;
    return recent;
  }
  // No deeper than kChainMax.
  const std::string& read(const std::shared_ptr<const Packed>& wanted) {
    if (packed == wanted) return content;
    std::string unpacked =
        unpacked_bytes(wanted->view(), wanted->size,
                       wanted->before ? std::string_view(read(wanted->before)) : kWords);
    packed = wanted;
    content = std::move(unpacked);
    return content;
  }
};

KeptSchema::KeptSchema(const Schema& schema) : KeptSchema(schema, KeptSchema()) {}

KeptSchema::KeptSchema(const Schema& schema, const KeptSchema& before) {
  auto packed = std::make_shared<Packed>();
  if (before.packed_ && before.packed_->chain < kChainMax) {
    packed->before = before.packed_;
    packed->chain = before.packed_->chain + 1;
  }
  Recent& recent = Recent::of_this_thread();
  std::string content = content_of(schema);
  const std::string bytes = packed_bytes(
      content, packed->before ? std::string_view(recent.read(packed->before)) : kWords);
  packed->size = static_cast<std::uint32_t>(content.size());
  packed->bytes_size = static_cast<std::uint32_t>(bytes.size());
  packed->bytes = std::make_unique<char[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), packed->bytes.get());
  packed_ = std::move(packed);
  recent.packed = packed_;
  recent.content = std::move(content);
  if (!schema.references.empty()) {
    references_ = std::make_shared<const References>(schema.references);
  }
}

Schema KeptSchema::unpacked() const {
  Schema out;
  out.references = references();
  if (!packed_) return out;
  std::string_view rest = Recent::of_this_thread().read(packed_);
  out.type = taken_part(rest);
  out.metadata = taken_part(rest);
  out.rule_set = taken_part(rest);
  out.text = rest;
  return out;
}

const std::vector<SchemaReference>& KeptSchema::references() const {
  static const References none;
  return references_ ? *references_ : none;
}

KeptSchema KeptSchema::with_references(std::vector<SchemaReference> references) const {
  KeptSchema out = *this;
  out.references_ =
      references.empty() ? nullptr : std::make_shared<const References>(std::move(references));
  return out;
}

// The same bytes behind the same dictionary are the same content; others may be, too.
bool KeptSchema::is_same(const Packed* a, const Packed* b) {
  for (; a != b; a = a->before.get(), b = b->before.get()) {
    if (a == nullptr || b == nullptr || a->size != b->size || a->view() != b->view()) return false;
  }
  return true;
}

bool operator==(const KeptSchema& a, const KeptSchema& b) {
  if (a.references() != b.references()) return false;
  return KeptSchema::is_same(a.packed_.get(), b.packed_.get()) || a.unpacked() == b.unpacked();
}

}  // namespace longspan
