// cli/commands/trace_groups.h - which groups committed a record on the target, and when.
//
// Joins no group and writes nothing.
//
// Errors:  none: what cannot be found is in the ShownRecord, with its reason.
// Threads: one owner.
// Owns:    nothing; the view outlives it.
// Limits:  groups are asked for their positions for kAskingMax in all, unless some are named.
// Source:  mirror/groups/commit_search.h, mirror/traces/record_way.h.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "cli/commands/flow_view.h"
#include "cli/views/trace_view.h"
#include "mirror/groups/translate.h"

namespace longspan {

class TraceGroups {
 public:
  static constexpr std::chrono::seconds kAskingMax{10};

  // `asked`: only these; empty: those of latency.groups.
  TraceGroups(FlowView& view, std::vector<std::string> asked);

  // The record has a copy, and its way is known.
  void add(ShownRecord& out);

 private:
  [[nodiscard]] Result<std::vector<std::string>> names();
  [[nodiscard]] bool may_ask(const std::string& group) const;
  [[nodiscard]] const Positions* positions_of(const std::string& group, std::string& why);
  void add_commits(ShownRecord& out);

  FlowView& view_;
  const std::vector<std::string> asked_;
  std::map<std::string, Result<Positions>> positions_;
  std::chrono::nanoseconds asking_{0};  // spent on positions_
};

}  // namespace longspan
