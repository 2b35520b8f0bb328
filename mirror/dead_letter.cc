#include "mirror/dead_letter.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace longspan {
namespace {

struct ErrorClass {
  int code;
  std::string_view name;
};
constexpr auto kErrorClasses = std::to_array<ErrorClass>({
    {10, "org.apache.kafka.common.errors.RecordTooLargeException"},
    {18, "org.apache.kafka.common.errors.RecordBatchTooLargeException"},
    {32, "org.apache.kafka.common.errors.InvalidTimestampException"},
    {87, "org.apache.kafka.common.InvalidRecordException"},
});
constexpr std::string_view kOtherError = "org.apache.kafka.common.errors.ApiException";

// In the order in which they stand behind the record's own.
enum Field : std::size_t {
  kTopic,
  kPartition,
  kOffset,
  kConnector,
  kTask,
  kStage,
  kException,
  kMessage,
  kTimestamp,
  kTarget,
  kFields,
};
constexpr std::array<std::string_view, kFields> kNames = {
    "__connect.errors.topic",
    "__connect.errors.partition",
    "__connect.errors.offset",
    "__connect.errors.connector.name",
    "__connect.errors.task.id",
    "__connect.errors.stage",
    "__connect.errors.exception.class.name",
    "__connect.errors.exception.message",
    "__longspan.timestamp",
    "__longspan.target.topic",
};
constexpr std::string_view kProduceStage = "KAFKA_PRODUCE";

Unexpected<Error> no_letter(const std::string& why) {
  return fail(Next::park_partition, "this is no dead letter: " + why);
}

template <class Number>
bool read_number(const std::string& text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() && out >= 0;
}

}  // namespace

std::string error_class(int kafka_code) {
  const auto* found =
      std::find_if(kErrorClasses.begin(), kErrorClasses.end(),
                   [kafka_code](const auto& row) { return row.code == kafka_code; });
  return std::string(found == kErrorClasses.end() ? kOtherError : found->name);
}

OwnedRecord encode(DeadLetter letter) {
  OwnedRecord out = std::move(letter.record);
  std::array<std::string, kFields> values;
  values[kTopic] = letter.source.topic;
  values[kPartition] = std::to_string(letter.source.partition);
  values[kOffset] = std::to_string(letter.offset.value);
  values[kConnector] = letter.flow;
  values[kTask] = "0";
  values[kStage] = kProduceStage;
  values[kException] = letter.error_class;
  values[kMessage] = letter.error_message;
  values[kTimestamp] = std::to_string(out.timestamp.value);
  values[kTarget] = letter.target_topic;
  for (std::size_t i = 0; i < kFields; ++i) {
    out.headers.push_back({std::string(kNames[i]), std::move(values[i])});
  }
  out.timestamp = letter.refused_at;
  return out;
}

Result<DeadLetter> decode_dead_letter(const Record& record) {
  Headers headers = record.headers();
  if (headers.size() < kFields) return no_letter("it lacks the headers");
  const auto first = headers.size() - kFields;
  std::array<std::string, kFields> values;
  for (std::size_t i = 0; i < kFields; ++i) {
    const Header& header = headers[first + i];
    if (header.name != kNames[i] || !header.value) {
      return no_letter("it lacks the header " + std::string(kNames[i]));
    }
    values[i] = *header.value;
  }
  DeadLetter out;
  out.source.topic = values[kTopic];
  std::int64_t timestamp = 0;
  // A timestamp below 0 is one that a target may refuse.
  const auto& shown = values[kTimestamp];
  const auto [end, error] = std::from_chars(shown.data(), shown.data() + shown.size(), timestamp);
  if (error != std::errc{} || end != shown.data() + shown.size() ||
      !read_number(values[kPartition], out.source.partition) ||
      !read_number(values[kOffset], out.offset.value)) {
    return no_letter("a number in its headers is none");
  }
  out.flow = values[kConnector];
  out.target_topic = values[kTarget];
  out.error_class = values[kException];
  out.error_message = values[kMessage];
  out.refused_at = record.timestamp;
  headers.resize(first);
  out.record.timestamp = {timestamp};
  out.record.headers = std::move(headers);
  if (record.key) out.record.key.emplace(*record.key);
  if (record.value) out.record.value.emplace(*record.value);
  return out;
}

}  // namespace longspan
