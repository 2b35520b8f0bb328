#include "mirror/kafka/native_record.h"

#include <cstring>

#include "mirror/kafka/header_edits.h"

namespace longspan::kafka {
namespace {

// The library's accessors take a mutable message because they decode headers on first use.
rd_kafka_headers_t* headers_of(const void* native) {
  rd_kafka_headers_t* headers = nullptr;
  const auto* message = static_cast<const rd_kafka_message_t*>(native);
  return rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR ? headers
                                                                                   : nullptr;
}

void read_headers(const void* native, Headers& out) {
  const rd_kafka_headers_t* headers = headers_of(native);
  if (headers == nullptr) return;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    auto& header = out.emplace_back(Header{name, std::nullopt});
    if (value != nullptr) header.value.emplace(static_cast<const char*>(value), size);
  }
}

void view_headers(const void* native, std::vector<HeaderView>& out) {
  const rd_kafka_headers_t* headers = headers_of(native);
  if (headers == nullptr) return;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    auto& header = out.emplace_back(HeaderView{name, std::nullopt});
    if (value != nullptr) header.value.emplace(static_cast<const char*>(value), size);
  }
}

}  // namespace

const NativeOps kMessageOps = {
    [](void* native) noexcept {
      rd_kafka_message_destroy(static_cast<rd_kafka_message_t*>(native));
    },
    read_headers,
    [](const void* native) noexcept { return headers_of(native) != nullptr; },
    view_headers,
    [](void* native, std::span<const HeaderEdit> edits) {
      edit_headers(static_cast<rd_kafka_message_t*>(native), edits);
    },
};

// The library copies names and values, each into an allocation of its own.
std::int64_t header_bytes(const rd_kafka_message_t* message) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return 0;
  std::int64_t bytes = 0;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    bytes += static_cast<std::int64_t>(std::strlen(name) + size) + kHeaderOverhead;
  }
  return bytes;
}

}  // namespace longspan::kafka
