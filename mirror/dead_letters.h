// mirror/dead_letters.h - the dead-letter topic of a flow: read it, and write its records again.
//
// Units:   a letter is named by its offset in the dead-letter topic, which has one partition.
// Errors:  read: no such topic (code 3), no answer, a record that is no letter. replay: why it is
//          still refused.
// Threads: the caller's; every client is the caller's.
// Limits:  read: kStateSilence without a record; one letter in memory at a time.
#pragma once

#include <functional>
#include <string>

#include "mirror/dead_letter.h"
#include "mirror/state/command_writer.h"
#include "mirror/state/flow_state.h"

namespace longspan {

// False: there is no need to read on.
using LetterVisit = std::function<bool(Offset number, const DeadLetter& letter)>;

// Oldest first, up to the end as it is now.
[[nodiscard]] Result<void> read_dead_letters(const StateReader& reader, const std::string& topic,
                                             const LetterVisit& visit);

// Writes the letter's record to the end of its target partition, as it was at the source; answers
// where it stands. The writer's sink must not be gapless, for it outlives a refusal.
[[nodiscard]] Result<Offset> replay(const CommandWriter& writer, DeadLetter letter);

}  // namespace longspan
