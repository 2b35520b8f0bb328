#include "tests/bench/arguments.h"

#include <charconv>
#include <cstdlib>
#include <exception>
#include <iostream>

namespace longspan::bench {
namespace {

[[noreturn]] void usage(const std::string& what) {
  std::cerr << what << "\n";
  std::exit(2);
}

}  // namespace

Arguments::Arguments(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  for (size_t i = 0; i < words.size(); i += 2) {
    if (words[i] == "--") {
      rest_.assign(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
      return;
    }
    if (!words[i].starts_with("--") || i + 1 == words.size())
      usage("not --name value: " + words[i]);
    values_[words[i].substr(2)] = words[i + 1];
  }
}

std::string Arguments::text(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) usage("missing: --" + name);
  return found->second;
}

std::string Arguments::text(const std::string& name, const std::string& otherwise) const {
  const auto found = values_.find(name);
  return found == values_.end() ? otherwise : found->second;
}

int64_t Arguments::number(const std::string& name) const {
  const std::string value = text(name);
  int64_t result = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), result);
  if (error != std::errc() || end != value.data() + value.size()) {
    usage("--" + name + ": not a number: " + value);
  }
  return result;
}

int64_t Arguments::number(const std::string& name, int64_t otherwise) const {
  return values_.contains(name) ? number(name) : otherwise;
}

int bench_main(int argc, char** argv, const std::string& name, int (*run)(const Arguments&)) {
  try {
    return run(Arguments(argc, argv));
  } catch (const std::exception& error) {
    std::cerr << name << ": " << error.what() << "\n";
    return 1;
  }
}

}  // namespace longspan::bench
