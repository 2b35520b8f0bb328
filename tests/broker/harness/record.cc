#include "tests/broker/harness/record.h"

#include <algorithm>
#include <cctype>

namespace longspan::harness {
namespace {

constexpr size_t kShownBytesMax = 40;

std::string shown(const Bytes& bytes) {
  if (!bytes) return "null";
  std::string text = "\"";
  for (const char c : bytes->substr(0, kShownBytesMax)) {
    text += std::isprint(static_cast<unsigned char>(c)) ? c : '.';
  }
  if (bytes->size() > kShownBytesMax) text += "... " + std::to_string(bytes->size()) + " bytes";
  return text + "\"";
}

std::string shown(const Headers& headers) {
  std::string text = "[";
  for (const auto& [name, value] : headers) text += name + "=" + shown(value) + " ";
  return text + "]";
}

std::string differs(const char* what, const std::string& source, const std::string& target) {
  return std::string(what) + " differs: source " + source + ", target " + target;
}

}  // namespace

std::string difference(const Record& source, const Record& target) {
  std::string what;
  if (source.partition != target.partition) {
    what = differs("partition", std::to_string(source.partition), std::to_string(target.partition));
  } else if (source.key != target.key) {
    what = differs("key", shown(source.key), shown(target.key));
  } else if (source.value != target.value) {
    what = differs("value", shown(source.value), shown(target.value));
  } else if (source.headers != target.headers) {
    what = differs("headers", shown(source.headers), shown(target.headers));
  } else if (source.timestamp_ms != target.timestamp_ms) {
    what = differs("timestamp", std::to_string(source.timestamp_ms),
                   std::to_string(target.timestamp_ms));
  }
  if (what.empty()) return what;
  return what + " (source offset " + std::to_string(source.offset) + ", target offset " +
         std::to_string(target.offset) + ")";
}

std::string difference(const std::vector<Record>& source, const std::vector<Record>& target) {
  const size_t common = std::min(source.size(), target.size());
  for (size_t i = 0; i < common; ++i) {
    const std::string what = difference(source[i], target[i]);
    if (!what.empty()) return "record " + std::to_string(i) + ": " + what;
  }
  if (source.size() == target.size()) return {};
  const bool missing = source.size() > target.size();
  return std::to_string(source.size()) + " source records, " + std::to_string(target.size()) +
         (missing ? " on the target; first missing: " : " on the target; first extra: ") +
         describe(missing ? source[common] : target[common]);
}

std::string describe(const Record& record) {
  return "partition " + std::to_string(record.partition) + " offset " +
         std::to_string(record.offset) + " key " + shown(record.key) + " value " +
         shown(record.value) + " headers " + shown(record.headers) + " timestamp " +
         std::to_string(record.timestamp_ms);
}

std::ostream& operator<<(std::ostream& out, const Record& record) {
  return out << describe(record);
}

}  // namespace longspan::harness
