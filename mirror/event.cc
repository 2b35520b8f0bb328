#include "mirror/event.h"

namespace longspan {
namespace {

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < kEventTable.size(); ++i) {
    if (static_cast<std::size_t>(kEventTable[i].kind) != i + 1) return false;
  }
  return true;
}
static_assert(is_in_order(), "kEventTable is looked up by number");

}  // namespace

std::string_view name(EventKind kind) {
  const auto number = static_cast<std::size_t>(kind);
  return number >= 1 && number <= kEventTable.size() ? kEventTable[number - 1].name : "unknown";
}

bool is_kept_longer(EventKind kind) {
  const auto number = static_cast<std::size_t>(kind);
  return number >= 1 && number <= kEventTable.size() && kEventTable[number - 1].is_kept_longer;
}

}  // namespace longspan
