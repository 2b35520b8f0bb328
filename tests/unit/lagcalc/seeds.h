// tests/unit/lagcalc/seeds.h - the seeds of a randomised test: fixed ones, or LONGSPAN_SEED.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <vector>

namespace longspan {

inline std::vector<std::uint64_t> seeds(std::uint64_t count) {
  if (const char* given = std::getenv("LONGSPAN_SEED"); given != nullptr) {
    return {std::strtoull(given, nullptr, 10)};
  }
  std::vector<std::uint64_t> out;
  for (std::uint64_t seed = 1; seed <= count; ++seed) out.push_back(seed);
  return out;
}

}  // namespace longspan
