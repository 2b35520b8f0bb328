// tests/golden/golden.h - a text that must equal a file of the tree.
//
//   EXPECT_GOLDEN("dashboards/METRICS.md", metrics_markdown());
//
// UPDATE_GOLDEN=1 in the environment rewrites the file instead; the diff is then to be reviewed.
// Paths begin at the root of the tree, where CTest starts the tests.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace longspan {

// The first line in which the two differ, for the message.
inline std::string first_difference(const std::string& want, const std::string& have) {
  std::istringstream wanted(want);
  std::istringstream had(have);
  for (int line = 1; wanted || had; ++line) {
    std::string a;
    std::string b;
    std::getline(wanted, a);
    std::getline(had, b);
    if (a != b) return "line " + std::to_string(line) + "\n  file: " + a + "\n  now:  " + b;
  }
  return "the end of the text";
}

inline testing::AssertionResult equals_golden(const std::string& path, const std::string& text) {
  if (const char* update = std::getenv("UPDATE_GOLDEN"); update && std::string(update) == "1") {
    std::ofstream(path, std::ios::binary) << text;
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return testing::AssertionFailure() << path << " cannot be read; UPDATE_GOLDEN=1";
  std::ostringstream content;
  content << file.rdbuf();
  if (content.str() == text) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << path << " differs at " << first_difference(content.str(), text)
         << "\n  UPDATE_GOLDEN=1 rewrites it";
}

}  // namespace longspan

#define EXPECT_GOLDEN(path, text) EXPECT_TRUE(::longspan::equals_golden(path, text))
