// cli/version.h - this program's version, as CMake's project() states it.
#pragma once

#include <string_view>

namespace longspan {

[[nodiscard]] constexpr std::string_view version() { return LONGSPAN_VERSION; }

}  // namespace longspan
