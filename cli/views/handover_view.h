// cli/views/handover_view.h - what a hand-over of a flow's schemas will do, or did: for people and
// as JSON.
//
// Errors:  none.
// Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/views/text_table.h"
#include "mirror/schemas/handover.h"
#include "mirror/schemas/sync.h"

namespace longspan {

struct HandoverReport {
  std::string flow;
  std::optional<SchemaHandover> handed_over;  // absent: not yet
  std::optional<SchemaPlan> plan;             // of the last sync
  std::string no_sync;                        // why there is none
  std::vector<Subject> in_import;             // before they are set back
  std::vector<Subject> left_alone;            // in IMPORT, too, and not known to be mirrored
  bool is_source_known = true;                // else it could not say what is its own
  // Once it is carried out.
  std::optional<SyncOutcome> synced;
  std::optional<SetBack> set_back;
};

// "handed over by alice@host since 2026-11-22 01:00:00Z: test"
[[nodiscard]] std::string handed_over_text(const SchemaHandover& handover);
[[nodiscard]] std::string handover_text(const HandoverReport& report, const TableStyle& style);
[[nodiscard]] std::string handover_json(const HandoverReport& report);

}  // namespace longspan
