// cli/views/schemas_view.h - how two schema registries differ, what will be done about it, and what
// became of that: for people and as JSON.
//
// Errors:  none.
// Threads: pure functions.
#pragma once

#include <optional>
#include <string>

#include "cli/views/text_table.h"
#include "mirror/schemas/plan.h"
#include "mirror/schemas/status.h"
#include "mirror/schemas/sync.h"

namespace longspan {

// A table of the differences; one line where there is none.
[[nodiscard]] std::string differences_text(const std::string& flow, const SchemaPlan& plan,
                                           const TableStyle& style);
// The same, and what `sync --yes` would do.
[[nodiscard]] std::string plan_text(const std::string& flow, const SchemaPlan& plan,
                                    const TableStyle& style);
// What was done, what failed, what was incompatible, and the differences that no sync can end.
[[nodiscard]] std::string sync_text(const std::string& flow, const SchemaPlan& plan,
                                    const SyncOutcome& outcome, const TableStyle& style);

// With who the schemas were handed over by, if they were.
[[nodiscard]] std::string differences_json(const std::string& flow, const SchemaPlan& plan,
                                           const std::optional<SchemaHandover>& handed_over = {});
[[nodiscard]] std::string sync_json(const std::string& flow, const SchemaPlan& plan,
                                    const SyncOutcome& outcome);

}  // namespace longspan
