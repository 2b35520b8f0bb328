#include "mirror/kafka/header_edits.h"

#include <string>
#include <tuple>

namespace longspan::kafka {

void edit_headers(rd_kafka_message_t* message, std::span<const HeaderEdit> edits) {
  rd_kafka_headers_t* headers = nullptr;
  std::ignore = rd_kafka_message_detach_headers(message, &headers);
  if (headers == nullptr) headers = rd_kafka_headers_new(edits.size());
  for (const HeaderEdit& edit : edits) {
    const std::string name(edit.name);
    std::ignore = rd_kafka_header_remove(headers, name.c_str());
    if (!edit.value) continue;
    rd_kafka_header_add(headers, name.c_str(), static_cast<ssize_t>(name.size()),
                        edit.value->data(), static_cast<ssize_t>(edit.value->size()));
  }
  rd_kafka_message_set_headers(message, headers);
}

}  // namespace longspan::kafka
