// tests/chaos/fault_table.h - everything that is done to the mirror, as one table.
//
// Errors:  HarnessError when a fault could not be done: then the run proves nothing and says so.
// Threads: one thread.

#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/broker/harness/writer.h"
#include "tests/chaos/brokers.h"
#include "tests/chaos/expiring_topic.h"
#include "tests/chaos/link.h"
#include "tests/chaos/mirrors.h"
#include "tests/chaos/recreated_topic.h"
#include "tests/chaos/unclean_topic.h"
#include "tests/chaos/written_topic.h"

namespace longspan::chaos {

// A process silent for so long loses its slots.
inline constexpr std::chrono::milliseconds kSession{3000};
// The only source broker that has the lonely topic.
inline constexpr int kLonelyNode = 3;

using Random = std::mt19937_64;

// What a fault may touch; it leaves everything running and connected. A cause that lasts does so
// with its end.
struct Stage {
  const std::filesystem::path& properties;  // of the processes
  Brokers& brokers;
  Link& source;
  Link& target;
  Mirrors& mirrors;
  ExpiringTopic& expiring;
  RecreatedTopic& recreated;
  UncleanTopic& unclean;
  WrittenTopic& lonely;
  std::unique_ptr<harness::Writer>& hung;  // of a transaction that is left open
};

struct FaultRow {
  std::string_view name;
  int cards;  // how often it is in the deck: its share of all faults
  // Returns what was chosen, in words.
  std::string (*does)(Stage& stage, Random& random);
  std::string_view leaves;  // the event that must name it
};

extern const std::vector<FaultRow> kFaultTable;

// Deals the table's cards in a random order, then again in another one: the same seed, the same
// order. Each fault draws from a source of its own, so its timing cannot change the next one.
class FaultDeck {
 public:
  // `only` names the one fault to deal; empty: all.
  FaultDeck(uint64_t seed, std::string only) : seed_(seed), only_(std::move(only)) {}

  const FaultRow& deal();
  Random random() const;  // of the fault dealt last

 private:
  uint64_t seed_;
  std::string only_;
  uint64_t dealt_ = 0;
  std::vector<const FaultRow*> cards_;
};

}  // namespace longspan::chaos
