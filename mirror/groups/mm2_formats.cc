#include "mirror/groups/mm2_formats.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

namespace longspan {

namespace {

constexpr std::int16_t kVersion = 0;
constexpr std::size_t kStringBytesMax = std::numeric_limits<std::int16_t>::max();

class Writer {
 public:
  template <class Int>
  Writer& integer(Int value) {
    const auto bits = static_cast<std::uint64_t>(value);
    for (int shift = static_cast<int>(sizeof(Int)) * 8 - 8; shift >= 0; shift -= 8) {
      bytes_.push_back(static_cast<char>((bits >> shift) & 0xff));
    }
    return *this;
  }
  Writer& text(std::string_view value) {
    if (value.size() > kStringBytesMax) {
      too_long_ = true;
      return *this;
    }
    integer(static_cast<std::int16_t>(value.size()));
    bytes_.append(value);
    return *this;
  }
  [[nodiscard]] bool too_long() const { return too_long_; }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
  bool too_long_ = false;
};

// The first failure sticks; later reads answer zero values and leave it as it is.
class Reader {
 public:
  Reader(std::string_view bytes, std::string what) : rest_(bytes), what_(std::move(what)) {}

  template <class Int>
  Int integer() {
    if (rest_.size() < sizeof(Int)) {
      note("is cut short");
      return 0;
    }
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < sizeof(Int); ++i) {
      bits = bits << 8 | static_cast<unsigned char>(rest_[i]);
    }
    rest_.remove_prefix(sizeof(Int));
    return static_cast<Int>(bits);
  }
  template <class Int>
  Int not_negative() {
    const Int value = integer<Int>();
    if (value < 0) note("holds a negative number");
    return value;
  }
  std::string text() {
    const auto size = integer<std::int16_t>();
    if (size < 0) note("holds a string of negative length");
    if (size < 0 || rest_.size() < static_cast<std::size_t>(size)) {
      note("is cut short");
      return {};
    }
    std::string value(rest_.substr(0, static_cast<std::size_t>(size)));
    rest_.remove_prefix(static_cast<std::size_t>(size));
    return value;
  }
  void version() {
    const auto found = integer<std::int16_t>();
    if (found != kVersion) note("has version " + std::to_string(found) + ", 0 is known");
  }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  void note(const std::string& problem) {
    if (problem_.empty()) problem_ = what_ + " " + problem;
    rest_ = {};
  }

  std::string_view rest_;
  std::string what_;
  std::string problem_;
};

Result<Mm2Record> record_of(Writer key, Writer value) {
  if (key.too_long() || value.too_long()) {
    return fail(Next::park_partition, "a string is longer than the 32767 bytes the format holds");
  }
  return Mm2Record{key.take(), value.take()};
}

template <class T>
Result<T> checked(T value, const Reader& key_reader, const Reader& value_reader) {
  for (const Reader* reader : {&key_reader, &value_reader}) {
    if (!reader->problem().empty()) return fail(Next::park_partition, reader->problem());
  }
  return value;
}

}  // namespace

Result<Mm2Record> encode(const OffsetSync& sync) {
  return record_of(Writer().text(sync.source.topic).integer(sync.source.partition),
                   Writer().integer(sync.source_offset.value).integer(sync.target_offset.value));
}

Result<Mm2Record> encode(const Checkpoint& checkpoint) {
  return record_of(Writer()
                       .text(checkpoint.group)
                       .text(checkpoint.target.topic)
                       .integer(checkpoint.target.partition),
                   Writer()
                       .integer(kVersion)
                       .integer(checkpoint.source_offset.value)
                       .integer(checkpoint.target_offset.value)
                       .text(checkpoint.metadata));
}

Result<Mm2Record> encode(const Heartbeat& heartbeat) {
  return record_of(Writer().text(heartbeat.source_alias).text(heartbeat.target_alias),
                   Writer().integer(kVersion).integer(heartbeat.at.value));
}

Result<OffsetSync> decode_offset_sync(std::string_view key, std::string_view value) {
  Reader key_reader(key, "the key of an offset sync");
  Reader value_reader(value, "the value of an offset sync");
  OffsetSync sync;
  sync.source.topic = key_reader.text();
  sync.source.partition = key_reader.not_negative<std::int32_t>();
  sync.source_offset = {value_reader.not_negative<std::int64_t>()};
  sync.target_offset = {value_reader.not_negative<std::int64_t>()};
  return checked(std::move(sync), key_reader, value_reader);
}

Result<Checkpoint> decode_checkpoint(std::string_view key, std::string_view value) {
  Reader key_reader(key, "the key of a checkpoint");
  Reader value_reader(value, "the value of a checkpoint");
  Checkpoint checkpoint;
  checkpoint.group = key_reader.text();
  checkpoint.target.topic = key_reader.text();
  checkpoint.target.partition = key_reader.not_negative<std::int32_t>();
  value_reader.version();
  checkpoint.source_offset = {value_reader.not_negative<std::int64_t>()};
  checkpoint.target_offset = {value_reader.not_negative<std::int64_t>()};
  checkpoint.metadata = value_reader.text();
  return checked(std::move(checkpoint), key_reader, value_reader);
}

Result<Heartbeat> decode_heartbeat(std::string_view key, std::string_view value) {
  Reader key_reader(key, "the key of a heartbeat");
  Reader value_reader(value, "the value of a heartbeat");
  Heartbeat heartbeat;
  heartbeat.source_alias = key_reader.text();
  heartbeat.target_alias = key_reader.text();
  value_reader.version();
  heartbeat.at = {value_reader.not_negative<std::int64_t>()};
  return checked(std::move(heartbeat), key_reader, value_reader);
}

}  // namespace longspan
