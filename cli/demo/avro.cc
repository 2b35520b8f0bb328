#include "cli/demo/avro.h"

#include <algorithm>

namespace longspan::demo {
namespace {

constexpr std::size_t kFrameBytes = 5;
constexpr int kVarintBytesMax = 10;

}  // namespace

AvroWriter::AvroWriter(std::int32_t schema_id) {
  bytes_.push_back('\0');
  const auto id = static_cast<std::uint32_t>(schema_id);
  for (int shift = 24; shift >= 0; shift -= 8) bytes_.push_back(static_cast<char>(id >> shift));
}

void AvroWriter::add_long(std::int64_t value) {
  auto rest = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
  for (; rest >= 0x80; rest >>= 7) bytes_.push_back(static_cast<char>(rest | 0x80));
  bytes_.push_back(static_cast<char>(rest));
}

void AvroWriter::add_text(std::string_view text) {
  add_long(static_cast<std::int64_t>(text.size()));
  bytes_.append(text);
}

AvroReader::AvroReader(std::string_view framed) : rest_(framed) {
  ok_ = framed.size() >= kFrameBytes && framed[0] == '\0';
  if (!ok_) return;
  std::uint32_t id = 0;
  for (std::size_t i = 1; i < kFrameBytes; ++i) {
    id = (id << 8) | static_cast<std::uint8_t>(framed[i]);
  }
  schema_id_ = static_cast<std::int32_t>(id);
  rest_.remove_prefix(kFrameBytes);
}

std::int64_t AvroReader::read_long() {
  std::uint64_t value = 0;
  for (int i = 0; ok_ && i < kVarintBytesMax && !rest_.empty(); ++i) {
    const auto byte = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
    }
  }
  ok_ = false;
  return 0;
}

std::string_view AvroReader::read_text() {
  const std::int64_t size = read_long();
  ok_ = ok_ && size >= 0 && static_cast<std::uint64_t>(size) <= rest_.size();
  if (!ok_) return {};
  const auto text = rest_.substr(0, static_cast<std::size_t>(size));
  rest_.remove_prefix(text.size());
  return text;
}

bool AvroReader::read_flag() {
  ok_ = ok_ && !rest_.empty();
  if (!ok_) return false;
  const bool flag = rest_.front() != '\0';
  rest_.remove_prefix(1);
  return flag;
}

std::string decimal_bytes(std::int64_t unscaled) {
  std::string bytes;
  // Arithmetic shift: what is left is 0 or -1 when every remaining bit equals the sign.
  for (std::int64_t rest = unscaled;; rest >>= 8) {
    bytes.push_back(static_cast<char>(rest));
    const bool sign_bit = (rest & 0x80) != 0;
    if ((rest >> 8 == 0 && !sign_bit) || (rest >> 8 == -1 && sign_bit)) break;
  }
  std::reverse(bytes.begin(), bytes.end());
  return bytes;
}

}  // namespace longspan::demo
