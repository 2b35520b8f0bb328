// cli/http/index_page.h - the page at /: the endpoints, and the lag table refreshed by itself.
//
// One self-contained document; it reads /api/v1/lag (cli/views/lag_json.h).
//
// Threads: a constant.
#pragma once

#include <string_view>

namespace longspan {

extern const std::string_view kIndexPage;

}  // namespace longspan
