// tests/bench/arguments.h - `--name value` pairs of the bench programs, what follows `--`, and
// their main.
//
// Errors:  a missing or malformed argument ends the program with code 2 and a line that names it.
// Threads: plain data.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace longspan::bench {

class Arguments {
 public:
  Arguments(int argc, char** argv);

  std::string text(const std::string& name) const;
  std::string text(const std::string& name, const std::string& otherwise) const;
  int64_t number(const std::string& name) const;
  int64_t number(const std::string& name, int64_t otherwise) const;
  const std::vector<std::string>& rest() const { return rest_; }

 private:
  std::map<std::string, std::string> values_;
  std::vector<std::string> rest_;
};

// The exit code of the program: run's, or 1 and a line with its name where run throws.
int bench_main(int argc, char** argv, const std::string& name, int (*run)(const Arguments&));

}  // namespace longspan::bench
