// cli/reload.h - SIGHUP: the file is read again, and what may change at run time changes.
//
// Errors:  into the log, one line: a file with an error changes nothing.
// Threads: one owner.
// Owns:    what runs, as last read; the process outlives it.
#pragma once

#include "cli/config/load.h"
#include "mirror/process.h"

namespace longspan {

class Reload {
 public:
  Reload(LoadRequest request, LoadedConfig running, Process& process)
      : request_(std::move(request)), running_(std::move(running)), process_(process) {}
  void read_again();
  [[nodiscard]] const LoadedConfig& running() const { return running_; }  // what is in force

 private:
  LoadRequest request_;
  LoadedConfig running_;
  Process& process_;
};

}  // namespace longspan
