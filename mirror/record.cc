#include "mirror/record.h"

// The state on our stack: its size is part of the library we are built with.
#define XXH_STATIC_LINKING_ONLY  // NOLINT(readability-identifier-naming): theirs
#include <xxhash.h>

#include <memory>

namespace longspan {

namespace {

const OwnedRecord& owned_of(const void* native) { return *static_cast<const OwnedRecord*>(native); }

constexpr NativeOps kOwnedOps{
    [](void* native) noexcept { delete static_cast<OwnedRecord*>(native); },
    [](const void* native, Headers& headers) {
      const auto& from = owned_of(native).headers;
      headers.insert(headers.end(), from.begin(), from.end());
    },
    [](const void* native) noexcept { return !owned_of(native).headers.empty(); },
    [](const void* native, std::vector<HeaderView>& headers) {
      for (const Header& header : owned_of(native).headers) {
        headers.push_back({header.name, header.value});
      }
    },
    [](void* native, std::span<const HeaderEdit> edits) {
      Headers& headers = static_cast<OwnedRecord*>(native)->headers;
      for (const HeaderEdit& edit : edits) {
        std::erase_if(headers, [&](const Header& header) { return header.name == edit.name; });
        if (edit.value) headers.push_back({std::string(edit.name), edit.value});
      }
    },
};

std::optional<std::string_view> view(const std::optional<std::string>& bytes) {
  if (!bytes) return std::nullopt;
  return std::string_view(*bytes);
}

// Every field is preceded by its presence and length, so that no two records share an encoding.
class Fingerprint {
 public:
  Fingerprint() { XXH3_64bits_reset(&state_); }

  void add(std::uint64_t number) { XXH3_64bits_update(&state_, &number, sizeof number); }
  void add(const std::optional<std::string_view>& bytes) {
    if (!bytes) return add(kNull);
    add(bytes->size());
    XXH3_64bits_update(&state_, bytes->data(), bytes->size());
  }
  [[nodiscard]] std::uint64_t value() const { return XXH3_64bits_digest(&state_); }

 private:
  static constexpr std::uint64_t kNull = ~std::uint64_t{0};
  XXH3_state_t state_;
};

}  // namespace

Record make_record(OwnedRecord owned) {
  auto kept = std::make_unique<OwnedRecord>(std::move(owned));
  Record record;
  record.timestamp = kept->timestamp;
  record.timestamp_kind = TimestampKind::create_time;
  record.key = view(kept->key);
  record.value = view(kept->value);
  record.native = NativeRecord(kept.release(), &kOwnedOps);
  return record;
}

OwnedRecord owned(const Record& record) {
  const auto copy = [](const std::optional<std::string_view>& bytes) {
    return bytes ? std::optional<std::string>(*bytes) : std::nullopt;
  };
  return {copy(record.key), copy(record.value), record.timestamp, record.headers()};
}

std::uint64_t fingerprint(const Record& record) {
  return fingerprint_without(record, [](std::string_view) { return false; });
}

// The kind of the timestamp is left out: a copy of a LogAppendTime record has CreateTime.
std::uint64_t fingerprint_without(const Record& record,
                                  bool (*is_left_out)(std::string_view name)) {
  Fingerprint out;
  out.add(static_cast<std::uint64_t>(record.timestamp.value));
  out.add(record.key);
  out.add(record.value);
  if (!record.has_headers()) {
    out.add(std::uint64_t{0});
    return out.value();
  }
  std::vector<HeaderView> headers;
  record.view_headers(headers);
  std::erase_if(headers, [&](const HeaderView& header) { return is_left_out(header.name); });
  out.add(headers.size());
  for (const auto& header : headers) {
    out.add(header.name);
    out.add(header.value);
  }
  return out.value();
}

}  // namespace longspan
