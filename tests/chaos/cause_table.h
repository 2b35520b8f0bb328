// tests/chaos/cause_table.h - what is done to the flow and lasts, and what the flow must then give
// as the first reason why it is late.
//
// Errors:  HarnessError when it could not be done, or undone.
// Threads: one thread.
// Source:  lagcalc/why/cause_table.h, the causes.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/chaos/fault_table.h"
#include "tests/chaos/verdicts.h"

namespace longspan::chaos {

// Of an outage; the product's own thresholds are 5 s and 10 s.
inline constexpr std::chrono::seconds kCauseWithin{30};
inline constexpr const char* kHungTopic = "plain";

// Who can know it, and so is asked.
enum class Witness {
  clusters,       // `longspan lag FILE`: nobody else is there
  every_process,  // each must say so
  one_process,    // who has the partition; the others may know nothing worse than information
};

struct CauseRow {
  std::string_view name;
  std::string_view cause;
  std::string_view scope;  // as Verdict::scope
  Witness witness;
  void (*begin)(Stage& stage);
  void (*end)(Stage& stage);
};

extern const std::vector<CauseRow> kLastingCauses;

// Everything the row's witnesses say now.
std::vector<Said> ask_witnesses(const CauseRow& row, const Stage& stage);
bool is_named_first(const CauseRow& row, const std::vector<Said>& all);

// In an order from the seed: all, or three for a run that short. `only` names the one to do; where
// it names a fault, there is none.
std::vector<const CauseRow*> deal_causes(uint64_t seed, std::chrono::seconds length,
                                         std::string_view only);
bool is_cause(std::string_view name);

}  // namespace longspan::chaos
