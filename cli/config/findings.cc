#include "cli/config/findings.h"

#include <algorithm>

namespace longspan {

void Findings::add(std::vector<Finding>& list, Finding finding) {
  if (list.size() > kFindingsMax) return;
  if (list.size() == kFindingsMax) finding = {1 << 30, "more like these, not shown"};
  if (std::find(list.begin(), list.end(), finding) == list.end())
    list.push_back(std::move(finding));
}

std::vector<std::string> Findings::lines(std::vector<Finding> list) const {
  std::stable_sort(list.begin(), list.end(),
                   [](const Finding& a, const Finding& b) { return a.line < b.line; });
  std::vector<std::string> lines;
  for (const Finding& f : list) {
    const bool has_line = f.line > 0 && f.line < (1 << 30);
    lines.push_back(file_ + (has_line ? ":" + std::to_string(f.line) : "") + ": " + f.text);
  }
  return lines;
}

}  // namespace longspan
