// cli/commands/lag_process.h - what the process that runs a flow here knows of it beside positions.
//
// The clusters tell positions; hops, groups, connectors and our own limits only a process knows. It
// is asked where http.listen of the flows' file says. What answers there may be one of several that
// share a flow, and then knows of its own slots: only why it is late is taken from that one.
//
// Errors:  none. Nobody listens there, or another program does: nothing is added.
// Threads: a free function; waits, at most kAskingMax.
// Source:  /api/v1/lag (cli/views/lag_json.h).
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "mirror/snapshot.h"

namespace longspan {

inline constexpr std::chrono::milliseconds kAskingMax{700};

// `listen`: HOST:PORT. Flows of the same name that run in that process have its causes, too; those
// that no other process runs its groups, connectors and latencies. Where no process has a slot and
// the one there has none either, it is told so instead of that nobody runs.
void add_knowledge_of_process(const std::string& listen, std::vector<FlowSnapshot>& flows);
// Where to ask who listens there; empty: its port is not known, or there is none.
[[nodiscard]] std::string url_of_listener(const std::string& listen);

}  // namespace longspan
