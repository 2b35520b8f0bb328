// cli/views/ids_view.h - the schema ids of mirrored records, and what the registries say of them:
// for people and as JSON.
//
// Errors:  none.
// Threads: pure functions.
#pragma once

#include <string>

#include "cli/views/text_table.h"
#include "mirror/schemas/id_check.h"

namespace longspan {

[[nodiscard]] std::string ids_text(const std::string& flow, const IdCheck& check,
                                   const TableStyle& style);
[[nodiscard]] std::string ids_json(const std::string& flow, const IdCheck& check);

}  // namespace longspan
