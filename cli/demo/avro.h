// cli/demo/avro.h - Avro's binary encoding, as far as change events need it.
//
// Errors:  AvroReader latches: after the first byte that does not fit, ok() is false and every
//          further read answers zero or nothing.
// Threads: values.
// Limits:  AvroReader never reads behind the bytes it was given; views point into them.
// Source:  Apache Avro 1.11 specification, "Binary Encoding"; Confluent wire format (magic 0 and a
//          big-endian schema id in front of the body).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace longspan::demo {

class AvroWriter {
 public:
  // Begins with Confluent's five bytes.
  explicit AvroWriter(std::int32_t schema_id);

  void add_long(std::int64_t value);  // int and long: zigzag, then base 128
  void add_text(std::string_view text);
  void add_bytes(std::string_view bytes) { add_text(bytes); }
  void add_flag(bool flag) { bytes_.push_back(flag ? '\1' : '\0'); }
  void add_branch(int branch) { add_long(branch); }  // which type of a union follows

  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class AvroReader {
 public:
  explicit AvroReader(std::string_view framed);

  [[nodiscard]] std::int32_t schema_id() const { return schema_id_; }
  std::int64_t read_long();
  std::string_view read_text();
  std::string_view read_bytes() { return read_text(); }
  bool read_flag();
  int read_branch() { return static_cast<int>(read_long()); }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  std::int32_t schema_id_ = 0;
  bool ok_ = true;
};

// An unscaled decimal: big-endian two's complement in as few bytes as possible.
[[nodiscard]] std::string decimal_bytes(std::int64_t unscaled);

}  // namespace longspan::demo
