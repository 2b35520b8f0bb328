// tests/broker/harness/kcat.h - kcat as a second opinion: another program, another librdkafka.
//
// Errors:  HarnessError when kcat fails; have_kcat() tells whether it is installed.
// Threads: one thread.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/broker/harness/record.h"

namespace longspan::harness {

bool have_kcat(const std::filesystem::path& folder);

struct KcatRead {
  std::string bootstrap;
  std::string topic;
  std::filesystem::path folder;  // for its output files
};

// One line per readable record, sorted: "partition timestamp key-length value-length"; kcat prints
// -1 as the length of null.
std::vector<std::string> kcat_lines(const KcatRead& read);
// The lines kcat must print for these records.
std::vector<std::string> kcat_lines_expected(const std::vector<Record>& records);

}  // namespace longspan::harness
