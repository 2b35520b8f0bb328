// cli/config/findings.h - what is wrong, or worth knowing, in one file; all of it, by line.
//
// Errors:  this is where they are gathered: nothing is reported alone.
// Threads: one owner.
// Limits:  kFindingsMax of each kind; then one last line says that there were more.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace longspan {

inline constexpr std::size_t kFindingsMax = 200;

struct Finding {
  int line = 0;  // 1..; 0: about the file as a whole
  std::string text;
  friend bool operator==(const Finding&, const Finding&) = default;
};

class Findings {
 public:
  explicit Findings(std::string file) : file_(std::move(file)) {}
  void error(int line, std::string text) { add(errors_, {line, std::move(text)}); }
  void warn(int line, std::string text) { add(warnings_, {line, std::move(text)}); }
  [[nodiscard]] bool failed() const { return !errors_.empty(); }

  // "FILE:LINE: text", sorted by line; the same finding stands there once.
  [[nodiscard]] std::vector<std::string> errors() const { return lines(errors_); }
  [[nodiscard]] std::vector<std::string> warnings() const { return lines(warnings_); }

 private:
  static void add(std::vector<Finding>& list, Finding finding);
  [[nodiscard]] std::vector<std::string> lines(std::vector<Finding> list) const;

  std::string file_;
  std::vector<Finding> errors_;
  std::vector<Finding> warnings_;
};

}  // namespace longspan
