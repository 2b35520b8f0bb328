// tests/chaos/verdicts.h - why the flow is late, by whoever can be asked: the clusters, as
// `longspan lag FILE` does, or each process over HTTP.
//
// Errors:  whoever does not answer has said nothing, and `trouble` says why.
// Threads: values and free functions.
// Source:  "why" of `longspan lag --json`, best first; lagcalc/why/cause_table.h.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/chaos/mirrors.h"

namespace longspan::chaos {

struct Verdict {
  std::string cause;
  std::string severity;
  std::string scope;  // "plain:0"; empty: of the flow, a cluster or a process
  std::string what;
  std::string because_of;  // empty: nothing explains it
};

struct Said {
  std::string who;
  std::string trouble = {};  // empty: it answered
  size_t partitions = 0;
  std::vector<Verdict> why = {};

  bool is_first(const std::string& cause, const std::string& scope) const;
  // It answered, and what it says first is for information at most.
  bool is_calm() const;
};

Said ask_clusters(const std::filesystem::path& properties);
Said ask_process(const Mirrors& mirrors, size_t index);
std::vector<Said> ask_processes(const Mirrors& mirrors);

// Everything that was said, a line each.
std::string text_of(const std::vector<Said>& all);

}  // namespace longspan::chaos
