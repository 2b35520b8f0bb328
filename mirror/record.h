// mirror/record.h - one consumed record, and the right to release the memory it points into.
//
// Units:   timestamp in milliseconds since the epoch.
// Errors:  none. A null key or value is std::nullopt; an empty one is an empty view: Kafka tells
//          them apart and so do we.
// Threads: a Record belongs to one thread at a time.
// Owns:    NativeRecord releases the client library's message when it is destroyed. Views into
//          the record are valid until then.
// Source:  Kafka record batch v2 (KIP-98).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lagcalc/header_view.h"
#include "lagcalc/units.h"
#include "tracing/context/header_edit.h"

namespace longspan {

enum class TimestampKind : std::uint8_t { none, create_time, log_append_time };

// A header as it stands in the record: order and duplicates matter, a value may be null.
struct Header {
  std::string name;
  std::optional<std::string> value;
  friend bool operator==(const Header&, const Header&) = default;
};
using Headers = std::vector<Header>;

// What a client library gives us beside bytes; one static table per library (or fake).
struct NativeOps {
  void (*release)(void* native) noexcept;
  // Appends the record's headers, in order. Decoding happens only when somebody asks.
  void (*read_headers)(const void* native, Headers& headers);
  bool (*has_headers)(const void* native) noexcept;
  // The same headers, where they stand: valid until the record goes or its headers are edited.
  void (*view_headers)(const void* native, std::vector<HeaderView>& headers);
  // In this order; what no edit names stays as it is, where it is.
  void (*edit_headers)(void* native, std::span<const HeaderEdit> edits);
};

class NativeRecord {
 public:
  NativeRecord() = default;
  NativeRecord(void* native, const NativeOps* ops) : native_(native), ops_(ops) {}
  NativeRecord(NativeRecord&& other) noexcept
      : native_(std::exchange(other.native_, nullptr)), ops_(other.ops_) {}
  NativeRecord& operator=(NativeRecord&& other) noexcept {
    if (this != &other) {
      reset();
      native_ = std::exchange(other.native_, nullptr);
      ops_ = other.ops_;
    }
    return *this;
  }
  NativeRecord(const NativeRecord&) = delete;
  NativeRecord& operator=(const NativeRecord&) = delete;
  ~NativeRecord() { reset(); }

  void reset() noexcept {
    if (native_ != nullptr) ops_->release(std::exchange(native_, nullptr));
  }
  // Gives the message away without releasing it (a sink that keeps it until its delivery report).
  [[nodiscard]] void* give_away() noexcept { return std::exchange(native_, nullptr); }
  [[nodiscard]] void* get() const noexcept { return native_; }
  [[nodiscard]] const NativeOps* ops() const noexcept { return ops_; }

 private:
  void* native_ = nullptr;
  const NativeOps* ops_ = nullptr;
};

struct Record {
  Offset offset;
  TimestampMs timestamp;  // meaningless when kind is none
  TimestampKind timestamp_kind = TimestampKind::none;
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  NativeRecord native;
  std::optional<std::int32_t> leader_epoch = {};  // told for the last record of a delivery
  std::unique_ptr<HeaderEdits> edits = {};        // of its copy's headers; null: none
  bool is_edited = false;                         // they were made: headers() is the copy's

  [[nodiscard]] bool has_headers() const {
    return native.get() != nullptr && native.ops()->has_headers(native.get());
  }
  [[nodiscard]] Headers headers() const {
    Headers out;
    if (native.get() != nullptr) native.ops()->read_headers(native.get(), out);
    return out;
  }
  void view_headers(std::vector<HeaderView>& out) const {
    if (native.get() != nullptr) native.ops()->view_headers(native.get(), out);
  }
  // Once: the record goes to the target.
  void make_edits() {
    if (!edits || native.get() == nullptr) return;
    native.ops()->edit_headers(native.get(), *edits);
    edits.reset();
    is_edited = true;
  }
  // Bytes of key and value: what flow control counts (headers are left out, they are not decoded).
  [[nodiscard]] std::size_t payload_bytes() const {
    return (key ? key->size() : 0) + (value ? value->size() : 0);
  }
};

// A record whose bytes we hold ourselves: state, heartbeats, offset syncs, tests.
struct OwnedRecord {
  std::optional<std::string> key;
  std::optional<std::string> value;
  TimestampMs timestamp;
  Headers headers;
};
// A Record that owns a heap copy of `owned`; offset is 0 and means nothing.
[[nodiscard]] Record make_record(OwnedRecord owned);

// The bytes of a record, copied.
[[nodiscard]] OwnedRecord owned(const Record& record);

// 64-bit fingerprint over key, value, headers and timestamp (XXH3): equality of a source record and
// its copy, for the tail match and for verify. Not a defence against an adversary.
[[nodiscard]] std::uint64_t fingerprint(const Record& record);
// The same without the headers of which `is_left_out` says so.
[[nodiscard]] std::uint64_t fingerprint_without(const Record& record,
                                                bool (*is_left_out)(std::string_view name));

}  // namespace longspan
