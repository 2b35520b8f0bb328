// mirror/state/command_writer.h - commands and remedies written into the state topic, from any
// host.
//
// A command for the flow or a topic goes to every slot, what is for a partition to its slot. The
// owners read their state topic all the time and obey; without an owner the command waits there.
//
// Errors:  a slot that did not take the command, after kCommandWait; the others may have it, and
//          writing it again changes nothing.
// Threads: one caller.
// Owns:    nothing.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "lagcalc/result.h"
#include "mirror/ports.h"
#include "mirror/state/records.h"

namespace longspan {

inline constexpr std::chrono::seconds kCommandWait{30};

// Clients of the target cluster.
struct CommandWriter {
  Sink& sink;
  Wakeup& wakeup;
  const Clock& clock;
};

[[nodiscard]] std::vector<std::int32_t> slots_of(const CommandKey& key, std::int32_t slots);

// `slots`: how many the flow has.
[[nodiscard]] Result<void> write_command(const CommandWriter& writer, const std::string& topic,
                                         const std::pair<CommandKey, Command>& command,
                                         std::int32_t slots);
// Of SchemasKey: to the slot of the duty `schemas`.
[[nodiscard]] Result<void> write_schemas_command(const CommandWriter& writer,
                                                 const std::string& topic, const Command& command,
                                                 std::int32_t slots);
[[nodiscard]] Result<void> write_remedy(const CommandWriter& writer, const std::string& topic,
                                        const std::pair<RemedyKey, Remedy>& remedy,
                                        std::int32_t slots);

}  // namespace longspan
