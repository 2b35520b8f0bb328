#include "tests/broker/harness/kcat.h"

#include <algorithm>
#include <sstream>

#include "tests/broker/harness/kafka_handle.h"
#include "tests/broker/harness/process.h"

namespace longspan::harness {
namespace {

int64_t length_of(const Bytes& bytes) {
  return bytes ? static_cast<int64_t>(bytes->size()) : int64_t{-1};
}

}  // namespace

bool have_kcat(const std::filesystem::path& folder) {
  return run_command({.arguments = {"kcat", "-V"}, .folder = folder, .name = "kcat-version"})
             .exit_code == 0;
}

std::vector<std::string> kcat_lines(const KcatRead& read) {
  const Finished finished =
      run_command({.arguments = {"kcat", "-C", "-b", read.bootstrap, "-t", read.topic, "-e", "-q",
                                 "-o", "beginning", "-X", "isolation.level=read_committed", "-X",
                                 "check.crcs=true", "-f", "%p %T %K %S\n"},
                   .folder = read.folder,
                   .name = "kcat"});
  require(finished.exit_code == 0, "kcat failed: " + finished.err);
  std::vector<std::string> lines;
  std::istringstream text(finished.out);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  std::ranges::sort(lines);
  return lines;
}

std::vector<std::string> kcat_lines_expected(const std::vector<Record>& records) {
  std::vector<std::string> lines;
  for (const Record& record : records) {
    lines.push_back(std::to_string(record.partition) + " " + std::to_string(record.timestamp_ms) +
                    " " + std::to_string(length_of(record.key)) + " " +
                    std::to_string(length_of(record.value)));
  }
  std::ranges::sort(lines);
  return lines;
}

}  // namespace longspan::harness
