// tracing/context/header_edit.h - a change of a record's headers, as Kafka's own clients make it.
//
// Threads: values. A name is a constant, or outlives the edit.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace longspan {

// Remove every header of that name, then add one at the end, if there is a value.
struct HeaderEdit {
  std::string_view name;
  std::optional<std::string> value;
  friend bool operator==(const HeaderEdit&, const HeaderEdit&) = default;
};
using HeaderEdits = std::vector<HeaderEdit>;

}  // namespace longspan
