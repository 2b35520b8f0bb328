// lagcalc/topic_partition.h - the name of one partition.
//
// Threads: a value.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace longspan {

struct TopicPartition {
  std::string topic;
  std::int32_t partition = 0;  // 0..
  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;

  // "orders:3", as people type it on the command line.
  [[nodiscard]] std::string text() const { return topic + ":" + std::to_string(partition); }
};

}  // namespace longspan

template <>
struct std::hash<longspan::TopicPartition> {
  std::size_t operator()(const longspan::TopicPartition& tp) const noexcept {
    return std::hash<std::string>{}(tp.topic) * 31 + static_cast<std::size_t>(tp.partition);
  }
};
