// tests/broker/harness/log_segment.h - the batches of one partition as they lie on the broker's
// disk, and ways to damage them.
//
// A broker reads its log through the page cache, so what is written here is what it sends next.
// Only the first segment is looked at: tests write little.
//
// Errors:  HarnessError when the file is not there or is cut in the middle of a batch.
// Threads: one thread; nobody may append to the partition meanwhile.
// Source:  Kafka's record batch, format 2.

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace longspan::harness {

// Where the only broker of the clusters' source keeps this partition.
std::filesystem::path source_segment(const std::string& topic, int32_t partition);

struct StoredBatch {
  int64_t at = 0;  // in the file
  int64_t size = 0;
  int64_t first = 0;  // offsets
  int64_t next = 0;   // behind the last one
};

class LogSegment {
 public:
  explicit LogSegment(const std::filesystem::path& file);

  const std::vector<StoredBatch>& batches() const { return batches_; }

  void break_checksum(size_t batch);
  // With a right checksum: what follows is the reader's own judgement.
  void replace_records_by_rubbish(size_t batch);
  void set_codec(size_t batch, int codec);
  // The format's number has no checksum.
  void set_format(size_t batch, int8_t format);
  // All as it was when this object was made.
  void restore();

 private:
  void write(size_t batch, std::string bytes, bool with_checksum);

  std::filesystem::path file_;
  std::string content_;
  std::vector<StoredBatch> batches_;
};

uint32_t crc32c(const std::string& bytes, size_t from);

}  // namespace longspan::harness
