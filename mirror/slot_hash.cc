#include "mirror/slot_hash.h"

#include <xxhash.h>

#include <string>

#include "lagcalc/assert.h"

namespace longspan {
namespace {

std::int32_t highest_slot(std::string_view name, std::int32_t slots) {
  LONGSPAN_ASSERT(slots > 0);
  std::int32_t best = 0;
  std::uint64_t best_weight = 0;
  for (std::int32_t slot = 0; slot < slots; ++slot) {
    const auto weight =
        XXH3_64bits_withSeed(name.data(), name.size(), static_cast<XXH64_hash_t>(slot));
    if (weight >= best_weight) {
      best = slot;
      best_weight = weight;
    }
  }
  return best;
}

}  // namespace

std::int32_t slot_of(const TopicPartition& source, std::int32_t slots) {
  // The separator is no legal character of a topic name, so no two partitions share a text.
  return highest_slot(source.topic + '/' + std::to_string(source.partition), slots);
}

std::int32_t slot_of_duty(std::string_view duty, std::int32_t slots) {
  return highest_slot("duty/" + std::string(duty), slots);
}

}  // namespace longspan
