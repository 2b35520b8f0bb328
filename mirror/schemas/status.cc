#include "mirror/schemas/status.h"

namespace longspan {

std::string trouble_of(const SchemaStatus& status) {
  if (status.trouble) return *status.trouble;
  if (status.differences.empty()) return {};
  const auto& first = status.differences.front();
  const std::string of = first.version == 0 ? "" : " version " + std::to_string(first.version);
  const auto others = status.differences_total - 1;
  return first.subject.text() + of + ": " + first.reason +
         (others == 0 ? ""
                      : " (and " + std::to_string(others) + " more: longspan schemas diff FILE)");
}

}  // namespace longspan
