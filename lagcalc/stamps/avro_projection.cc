#include "lagcalc/stamps/avro_projection.h"

#include <bit>
#include <cstring>

namespace longspan {
namespace {

using Bytes = const std::uint8_t*;

constexpr std::ptrdiff_t kVarintBytesMax = 10;
constexpr bool kHasWords = std::endian::native == std::endian::little;
constexpr std::uint64_t kTopBits = 0x8080'8080'8080'8080;

std::uint64_t word_at(Bytes at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// The lower seven bits of each byte, side by side.
std::uint64_t sevens(std::uint64_t word) {
  word &= ~kTopBits;
  word = (word & 0x007f'007f'007f'007f) | (word & 0x7f00'7f00'7f00'7f00) >> 1;
  word = (word & 0x0000'3fff'0000'3fff) | (word & 0x3fff'0000'3fff'0000) >> 2;
  return (word & 0x0fff'ffff) | (word & 0x0fff'ffff'0000'0000) >> 4;
}

// A body is walked by functions that take the place of a value and give the place behind it, or
// nothing when they cannot: so the place stays in a register.
class Walk {
 public:
  Walk(const AvroProgram& program, std::string_view body, ChangeFields& fields)
      : program_(program),
        end_(reinterpret_cast<Bytes>(body.data()) + body.size()),
        steps_left_(AvroProjection::kStepsMin + 4 * std::uint64_t{body.size()}),
        fields_(fields) {}

  [[nodiscard]] NoCommit fault() const { return fault_; }

  Bytes value(const AvroNode* node, Bytes at, int depth) {
    while (node->kind == AvroKind::alternatives) {
      std::int64_t branch = 0;
      at = number(at, branch);
      if (at == nullptr || branch < 0 || branch >= std::int64_t{node->count}) return nullptr;
      node = &program_.nodes[node->first + static_cast<std::size_t>(branch)];
    }
    switch (node->kind) {
      case AvroKind::fixed:
        return skip(at, node->count);
      case AvroKind::number:
        return skip_number(at);
      case AvroKind::sized:
        return skip_sized(at);
      case AvroKind::wanted_number:
        return take_number(at, node->field);
      case AvroKind::wanted_sized:
        return take_sized(at, node->field);
      case AvroKind::record:
        return record(*node, at, depth);
      case AvroKind::wanted_boolean:
        if (at == end_) return nullptr;
        fields_.put(node->field, *at != 0);
        return at + 1;
      case AvroKind::wanted_enum:
        return take_symbol(*node, at);
      default:
        return blocks(*node, at, depth);
    }
  }

 private:
  // Most fields are read here, without a call.
  Bytes record(const AvroNode& node, Bytes at, int depth) {
    if (depth == AvroProjection::kDepthMax || !step(node.count)) return over_limit();
    if (node.shape != ChangeShape::other) fields_.shape = node.shape;
    const AvroNode* const nodes = program_.nodes.data();
    const AvroNode* const fields_end = nodes + node.first + node.count;
    for (const AvroNode* field = nodes + node.first; field != fields_end; ++field) {
      const AvroNode* found = field;
      if (found->kind == AvroKind::alternatives && at != end_) {
        const bool is_one_byte = (*at & 0x81) == 0;
        if (is_one_byte && *at / 2U < found->count) found = nodes + found->first + *at++ / 2U;
      }
      if (found->kind == AvroKind::fixed) {
        at = skip(at, found->count);
      } else if (found->kind == AvroKind::sized) {
        at = skip_sized(at);
      } else if (found->kind == AvroKind::number) {
        at = skip_number(at);
      } else if (found->kind == AvroKind::wanted_number) {
        at = take_number(at, found->field);
      } else {
        at = value(found, at, depth + 1);
      }
      if (at == nullptr) return nullptr;
    }
    return at;
  }

  Bytes blocks(const AvroNode& node, Bytes at, int depth) {
    if (depth == AvroProjection::kDepthMax) return over_limit();
    const AvroNode& item = program_.nodes[node.first];
    while (true) {
      std::int64_t count = 0;
      at = number(at, count);
      if (at == nullptr || count == 0) return at;
      if (!step(1)) return over_limit();
      if (count < 0) {  // the size of the block follows
        at = skip_sized(at);
        if (at == nullptr) return nullptr;
        continue;
      }
      for (; count > 0; --count) {
        if (!step(1)) return over_limit();
        if (node.kind == AvroKind::map) at = skip_sized(at);
        if (at != nullptr) at = value(&item, at, depth + 1);
        if (at == nullptr) return nullptr;
      }
    }
  }

  Bytes take_sized(Bytes at, ChangeField field) {
    std::int64_t size = 0;
    at = number(at, size);
    if (at == nullptr || size < 0 || size > end_ - at) return nullptr;
    const auto length = static_cast<std::size_t>(size);
    fields_.put(field, std::string_view(reinterpret_cast<const char*>(at), length));
    return at + size;
  }

  Bytes skip_sized(Bytes at) const {
    std::int64_t size = 0;
    at = number(at, size);
    return at == nullptr || size < 0 || size > end_ - at ? nullptr : at + size;
  }

  Bytes take_symbol(const AvroNode& node, Bytes at) {
    std::int64_t index = 0;
    at = number(at, index);
    if (at == nullptr || index < 0 || index >= std::int64_t{node.count}) return nullptr;
    const std::size_t symbol = node.first + static_cast<std::size_t>(index);
    fields_.put(node.field, std::string_view(program_.symbols[symbol]));
    return at;
  }

  Bytes take_number(Bytes at, ChangeField field) {
    std::int64_t value = 0;
    at = number(at, value);
    if (at != nullptr) fields_.put(field, value);
    return at;
  }

  // Zigzag, seven bits a byte, lowest first; overlong spellings are read as others do.
  Bytes number(Bytes at, std::int64_t& out) const {
    std::uint64_t bits = 0;
    if (at != end_ && *at < 0x80) {
      bits = *at++;
    } else {
      at = long_number(at, bits);
    }
    out = static_cast<std::int64_t>(bits >> 1 ^ (0 - (bits & 1)));
    return at;
  }

  Bytes skip_number(Bytes at) const {
    if (at != end_ && *at < 0x80) return at + 1;
    std::uint64_t ignored = 0;
    return long_number(at, ignored);
  }

  // Eight bytes at once: the number ends at the first whose top bit is not set. Out of line, so
  // that the one-byte case is inlined: a tenth of the time.
  [[gnu::noinline]] Bytes long_number(Bytes at, std::uint64_t& bits) const {
    if (!kHasWords || end_ - at < kVarintBytesMax) return last_number(at, bits);
    const std::uint64_t word = word_at(at);
    const std::uint64_t ends = ~word & kTopBits;
    if (ends != 0) {
      bits = sevens(word & (ends ^ (ends - 1)));
      return at + std::countr_zero(ends) / 8 + 1;
    }
    const std::uint64_t ninth = at[8];
    const std::uint64_t tenth = ninth < 0x80 ? 0 : at[9];
    if (tenth > 1) return nullptr;
    bits = sevens(word) | (ninth & 0x7f) << 56 | tenth << 63;
    return at + (ninth < 0x80 ? 9 : 10);
  }

  // The same byte by byte, near the end of a body.
  Bytes last_number(Bytes at, std::uint64_t& bits) const {
    for (unsigned shift = 0; shift < 64 && at != end_; shift += 7) {
      const std::uint8_t byte = *at++;
      if (shift == 63 && byte > 1) return nullptr;
      bits |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return at;
    }
    return nullptr;
  }

  Bytes skip(Bytes at, std::int64_t size) const { return size > end_ - at ? nullptr : at + size; }

  bool step(std::uint64_t count) {
    if (count > steps_left_) return false;
    steps_left_ -= count;
    return true;
  }

  Bytes over_limit() {
    fault_ = NoCommit::over_limit;
    return nullptr;
  }

  const AvroProgram& program_;
  Bytes const end_;
  std::uint64_t steps_left_;
  ChangeFields& fields_;
  NoCommit fault_ = NoCommit::unreadable;
};

}  // namespace

ChangeFields AvroProjection::read(std::string_view body) const {
  ChangeFields fields;
  if (!reads_anything_) return fields;
  if (body.data() == nullptr) body = "";  // no bytes are at a place, too
  Walk walk(program_, body, fields);
  const auto* const begin = reinterpret_cast<Bytes>(body.data());
  if (walk.value(&program_.root, begin, 0) != nullptr) return fields;
  return faulty(walk.fault());
}

}  // namespace longspan
