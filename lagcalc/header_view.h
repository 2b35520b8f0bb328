// lagcalc/header_view.h - a header of a record, where it stands.
//
// Threads: a value; valid as long as the record's memory.
#pragma once

#include <optional>
#include <string_view>

namespace longspan {

struct HeaderView {
  std::string_view name;
  std::optional<std::string_view> value;  // absent: null, which is not the same as empty
  friend bool operator==(const HeaderView&, const HeaderView&) = default;
};

}  // namespace longspan
