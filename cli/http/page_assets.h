// cli/http/page_assets.h - the files of the status page, cli/http/page/, as they were at build
// time.
//
// The .cc is made by cmake/embed.cmake. Every file is text; index.html is "/", each other one
// "/page/NAME".
//
// Threads: constants.
#pragma once

#include <span>
#include <string_view>

namespace longspan {

struct PageAsset {
  std::string_view path;
  std::string_view type;  // with its charset
  std::string_view tag;   // of its content, for ETag: another one when a byte changes
  std::string_view text;
};

[[nodiscard]] std::span<const PageAsset> page_assets();

}  // namespace longspan
