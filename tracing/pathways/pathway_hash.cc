#include "tracing/pathways/pathway_hash.h"

namespace longspan {
namespace {

class Fnv1 {
 public:
  void add(std::uint8_t byte) {
    value_ *= 0x100000001b3;
    value_ ^= byte;
  }
  void add(std::string_view bytes) {
    for (const char byte : bytes) add(static_cast<std::uint8_t>(byte));
  }
  void add(std::uint64_t number) {
    for (int i = 0; i < 8; ++i) add(static_cast<std::uint8_t>(number >> (8 * i)));
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

}  // namespace

std::uint64_t pathway_node(const PathwayService& service, std::span<const std::string> tags) {
  Fnv1 out;
  out.add(std::string_view(service.service));
  out.add(service.env.empty() ? std::string_view("none") : std::string_view(service.env));
  for (const std::string& tag : tags) out.add(std::string_view(tag));
  return out.value();
}

std::uint64_t pathway_hash(std::uint64_t node, std::uint64_t parent) {
  Fnv1 out;
  out.add(node);
  out.add(parent);
  return out.value();
}

}  // namespace longspan
