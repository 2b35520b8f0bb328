// tests/fakes/seed.h - the seeds of a randomised test: LONGSPAN_SEED alone, or `count` of them; how
// many a simulation takes: LONGSPAN_SEEDS, or `usually`.
//
// Threads: free functions.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace longspan {

inline std::vector<std::uint64_t> test_seeds(std::uint64_t count) {
  if (const char* one = std::getenv("LONGSPAN_SEED")) return {std::stoull(one)};
  std::vector<std::uint64_t> seeds;
  for (std::uint64_t seed = 1; seed <= count; ++seed) seeds.push_back(seed);
  return seeds;
}

inline std::uint64_t seed_count(std::uint64_t usually) {
  const char* const wanted = std::getenv("LONGSPAN_SEEDS");
  return wanted == nullptr ? usually : std::stoull(wanted);
}

}  // namespace longspan
