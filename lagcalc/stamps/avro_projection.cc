#include "lagcalc/stamps/avro_projection.h"

namespace longspan {
namespace {

class Walk {
 public:
  Walk(const AvroProgram& program, std::string_view body, ChangeFields& fields)
      : program_(program),
        at_(reinterpret_cast<const std::uint8_t*>(body.data())),
        end_(at_ + body.size()),
        steps_left_(AvroProjection::kStepsMin + 4 * std::uint64_t{body.size()}),
        fields_(fields) {}

  // False when it cannot be read on; fault() says why.
  bool value(const AvroNode& node, int depth) {
    switch (node.kind) {
      case AvroKind::fixed:
        return skip(node.count);
      case AvroKind::boolean:
        if (at_ == end_) return false;
        fields_.put(node.slot, *at_++ != 0);
        return true;
      case AvroKind::number:
        return node.slot == Slot::none ? skip_number() : take_number(node.slot);
      case AvroKind::sized:
        return sized(node.slot);
      case AvroKind::choice:
        return choice(node);
      case AvroKind::record:
        return record(node, depth);
      case AvroKind::alternatives:
        return alternatives(node, depth);
      case AvroKind::array:
      case AvroKind::map:
        return blocks(node, depth);
    }
    return false;
  }

  [[nodiscard]] NoCommit fault() const { return fault_; }

 private:
  bool record(const AvroNode& node, int depth) {
    if (depth == AvroProjection::kDepthMax || !step(node.count)) return over_limit();
    if (node.shape != ChangeShape::other) fields_.shape = node.shape;
    const AvroNode* field = program_.nodes.data() + node.first;
    for (const AvroNode* const end = field + node.count; field != end; ++field) {
      if (!value(*field, depth + 1)) return false;
    }
    return true;
  }

  bool alternatives(const AvroNode& node, int depth) {
    std::int64_t branch = 0;
    if (!number(branch)) return false;
    if (branch < 0 || branch >= std::int64_t{node.count}) return false;
    if (depth == AvroProjection::kDepthMax) return over_limit();
    return value(program_.nodes[node.first + static_cast<std::size_t>(branch)], depth + 1);
  }

  bool blocks(const AvroNode& node, int depth) {
    if (depth == AvroProjection::kDepthMax) return over_limit();
    const AvroNode& item = program_.nodes[node.first];
    while (true) {
      std::int64_t count = 0;
      if (!number(count)) return false;
      if (count == 0) return true;
      if (!step(1)) return over_limit();
      if (count < 0) {  // the size of the block follows
        std::int64_t size = 0;
        if (!number(size) || size < 0 || !skip(static_cast<std::uint64_t>(size))) return false;
        continue;
      }
      for (; count > 0; --count) {
        if (!step(1)) return over_limit();
        if (node.kind == AvroKind::map && !sized(Slot::none)) return false;
        if (!value(item, depth + 1)) return false;
      }
    }
  }

  bool sized(Slot slot) {
    std::int64_t size = 0;
    if (!number(size) || size < 0) return false;
    const auto* const text = at_;
    if (!skip(static_cast<std::uint64_t>(size))) return false;
    if (slot != Slot::none) {
      fields_.put(slot, std::string_view(reinterpret_cast<const char*>(text),
                                         static_cast<std::size_t>(size)));
    }
    return true;
  }

  bool choice(const AvroNode& node) {
    std::int64_t index = 0;
    if (!number(index) || index < 0 || index >= std::int64_t{node.count}) return false;
    fields_.put(node.slot,
                std::string_view(program_.symbols[node.first + static_cast<std::size_t>(index)]));
    return true;
  }

  bool take_number(Slot slot) {
    std::int64_t value = 0;
    if (!number(value)) return false;
    fields_.put(slot, value);
    return true;
  }

  // Zigzag, seven bits a byte, lowest first; overlong spellings are read as others do.
  bool number(std::int64_t& out) {
    std::uint64_t bits = 0;
    for (unsigned shift = 0; shift < 64 && at_ != end_; shift += 7) {
      const std::uint8_t byte = *at_++;
      if (shift == 63 && byte > 1) return false;
      bits |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) {
        out = static_cast<std::int64_t>(bits >> 1 ^ (0 - (bits & 1)));
        return true;
      }
    }
    return false;
  }

  bool skip_number() {
    for (int bytes = 1; at_ != end_; ++bytes) {
      const std::uint8_t byte = *at_++;
      if (bytes == 10 && byte > 1) return false;
      if (byte < 0x80) return true;
    }
    return false;
  }

  bool skip(std::uint64_t size) {
    if (size > static_cast<std::uint64_t>(end_ - at_)) return false;
    at_ += size;
    return true;
  }

  bool step(std::uint64_t count) {
    if (count > steps_left_) return false;
    steps_left_ -= count;
    return true;
  }

  bool over_limit() {
    fault_ = NoCommit::over_limit;
    return false;
  }

  const AvroProgram& program_;
  const std::uint8_t* at_;
  const std::uint8_t* end_;
  std::uint64_t steps_left_;
  ChangeFields& fields_;
  NoCommit fault_ = NoCommit::unreadable;
};

}  // namespace

ChangeFields AvroProjection::read(std::string_view body) const {
  ChangeFields fields;
  if (!reads_anything_) return fields;
  Walk walk(program_, body, fields);
  if (walk.value(program_.root, 0)) return fields;
  return faulty(walk.fault());
}

}  // namespace longspan
