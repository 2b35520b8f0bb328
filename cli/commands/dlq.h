// cli/commands/dlq.h - `longspan dlq list|show|replay`: records that the target refused.
#pragma once

#include "cli/command_line.h"

namespace longspan {

extern const CommandRow kDlqListCommand;
extern const CommandRow kDlqShowCommand;
extern const CommandRow kDlqReplayCommand;

int dlq_list_command(const CommandLine& line);
int dlq_show_command(const CommandLine& line);
int dlq_replay_command(const CommandLine& line);

}  // namespace longspan
