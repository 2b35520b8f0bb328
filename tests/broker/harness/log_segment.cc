#include "tests/broker/harness/log_segment.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/broker/harness/kafka_handle.h"

namespace longspan::harness {
namespace {

constexpr size_t kLengthAt = 8;
constexpr size_t kFormatAt = 16;
constexpr size_t kChecksumAt = 17;
constexpr size_t kAttributesAt = 21;
constexpr size_t kLastDeltaAt = 23;
constexpr size_t kRecordsAt = 61;

int64_t number(const std::string& bytes, size_t at, int size) {
  uint64_t value = 0;
  for (int i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return static_cast<int64_t>(value);
}

}  // namespace

uint32_t crc32c(const std::string& bytes, size_t from) {
  uint32_t crc = ~0U;
  for (size_t i = from; i < bytes.size(); ++i) {
    crc ^= static_cast<unsigned char>(bytes[i]);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1U ? 0x82F63B78U : 0U);
  }
  return ~crc;
}

std::filesystem::path source_segment(const std::string& topic, int32_t partition) {
  const char* const env = std::getenv("LONGSPAN_CLUSTERS_ENV");
  if (env == nullptr) throw HarnessError("LONGSPAN_CLUSTERS_ENV is not set");
  return std::filesystem::path(env).parent_path() / "source" / "node-1" / "data" /
         (topic + "-" + std::to_string(partition)) / "00000000000000000000.log";
}

LogSegment::LogSegment(const std::filesystem::path& file) : file_(file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw HarnessError("no segment " + file.string());
  content_.assign(std::istreambuf_iterator<char>(in), {});
  for (size_t at = 0; at < content_.size();) {
    if (at + kRecordsAt > content_.size()) throw HarnessError("a batch is cut off");
    StoredBatch batch;
    batch.at = static_cast<int64_t>(at);
    batch.size = number(content_, at + kLengthAt, 4) + 12;
    batch.first = number(content_, at, 8);
    batch.next = batch.first + number(content_, at + kLastDeltaAt, 4) + 1;
    batches_.push_back(batch);
    at += static_cast<size_t>(batch.size);
  }
}

void LogSegment::write(size_t batch, std::string bytes, bool with_checksum) {
  if (with_checksum) {
    const uint32_t crc = crc32c(bytes, kAttributesAt);
    for (size_t i = 0; i < 4; ++i) {
      bytes[kChecksumAt + i] = static_cast<char>(crc >> (24 - 8 * i) & 0xFFU);
    }
  }
  std::fstream out(file_, std::ios::binary | std::ios::in | std::ios::out);
  out.seekp(batches_.at(batch).at);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.flush();
  if (!out) throw HarnessError("cannot write " + file_.string());
}

void LogSegment::break_checksum(size_t batch) {
  const auto& at = batches_.at(batch);
  auto bytes = content_.substr(static_cast<size_t>(at.at), static_cast<size_t>(at.size));
  bytes.back() = static_cast<char>(~bytes.back());
  write(batch, bytes, false);
}

void LogSegment::replace_records_by_rubbish(size_t batch) {
  const auto& at = batches_.at(batch);
  auto bytes = content_.substr(static_cast<size_t>(at.at), static_cast<size_t>(at.size));
  for (size_t i = kRecordsAt; i < bytes.size(); ++i) bytes[i] = static_cast<char>(0xF1 + i % 7);
  write(batch, bytes, true);
}

void LogSegment::set_codec(size_t batch, int codec) {
  const auto& at = batches_.at(batch);
  auto bytes = content_.substr(static_cast<size_t>(at.at), static_cast<size_t>(at.size));
  bytes[kAttributesAt + 1] = static_cast<char>((bytes[kAttributesAt + 1] & ~7) | codec);
  write(batch, bytes, true);
}

void LogSegment::set_format(size_t batch, int8_t format) {
  const auto& at = batches_.at(batch);
  auto bytes = content_.substr(static_cast<size_t>(at.at), static_cast<size_t>(at.size));
  bytes[kFormatAt] = static_cast<char>(format);
  write(batch, bytes, false);
}

void LogSegment::restore() {
  for (size_t i = 0; i < batches_.size(); ++i) {
    const auto& at = batches_[i];
    write(i, content_.substr(static_cast<size_t>(at.at), static_cast<size_t>(at.size)), false);
  }
}

}  // namespace longspan::harness
