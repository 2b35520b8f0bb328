// mirror/schemas/gate.h - which schema ids the target's registry knows: what the data path asks
// before a record goes on.
//
//   Shards --ask()--> SchemaGate --registries--> table() --> Shards
//
// The data path never waits for a registry: an id that is not in the table is asked for by the
// gate's thread, and the record's partition waits meanwhile (mirror/shard_gate.h). An id is `known`
// for good: ids are never given to another schema. Ids are looked up in one context on each side.
// Whoever mirrors schemas hears at once of an id that is awaited.
//
// Errors:  a registry that does not answer leaves its ids `unknown` and is trouble(),
// silent_since()
//          the first time; it is asked again each kAskAgain. After kFailuresMax of a turn's
//          requests the rest of them wait for the next turn, which begins with them.
// Limits:  kAskedAtOnce requests side by side; kOpenMax ids asked for, further ones are not taken;
//          a table of more than kIdsMax ids begins anew.
// Threads: run() or turn() on one thread, which may wait for a registry; the others from anywhere,
//          and wait for nobody.
// Owns:    both registries.
// Source:  ARCHITECTURE.md, "Schemas".
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

#include "mirror/ports.h"
#include "mirror/schemas/hurry.h"
#include "mirror/schemas/registry.h"

namespace longspan {

// Both are called on run()'s thread.
struct GateNews {
  std::function<void()> changed;                              // the table has
  std::function<void(const SchemaHurry&)> awaited = nullptr;  // since this turn
};

enum class IdState : std::uint8_t {
  unknown,  // not asked yet, or a registry did not answer
  known,    // the target's registry has it
  awaited,  // the source's has it, the target's not yet
  foreign,  // neither has it: bytes that only look like an id
};

class SchemaGate {
 public:
  using Table = std::unordered_map<std::int32_t, IdState>;  // what is not in it is unknown

  static constexpr std::chrono::milliseconds kAskAgain{200};
  static constexpr std::chrono::seconds kForeignFor{60};  // then it is asked for once more
  static constexpr int kAskedAtOnce = 8;
  static constexpr int kFailuresMax = 8;
  static constexpr std::size_t kOpenMax = 10'000;
  static constexpr std::size_t kIdsMax = 1'000'000;

  // `*_context`: where ids are looked up.
  SchemaGate(std::unique_ptr<Registry> source, std::string source_context,
             std::unique_ptr<Registry> target, std::string target_context, const Clock& clock,
             GateNews news);

  void run(const std::stop_token& stop);
  // One turn of run(); for tests. False: nothing is left to ask for.
  bool turn(const std::stop_token& stop);

  void ask(std::int32_t id);
  // What is awaited may be there by now.
  void look_again();
  [[nodiscard]] std::shared_ptr<const Table> table() const;
  // Another number than before: the table changed.
  [[nodiscard]] std::uint64_t generation() const { return generation_.load(); }
  [[nodiscard]] std::optional<std::string> trouble() const;
  // Since when a registry has left something unanswered in each turn.
  [[nodiscard]] std::optional<Clock::Steady> silent_since() const;

 private:
  struct Answers {
    std::vector<std::int32_t> found;
    std::vector<std::int32_t> absent;  // who did not answer is in neither
  };

  [[nodiscard]] std::vector<std::int32_t> wanted();
  [[nodiscard]] Answers look_up(const std::vector<std::int32_t>& ids, Registry& registry,
                                const Subject& seen_in, const std::stop_token& stop,
                                std::optional<std::string>& trouble);
  // Those that stood otherwise before.
  std::vector<std::int32_t> settle(const std::vector<std::int32_t>& ids, IdState state);
  void tell_awaited(const std::vector<std::int32_t>& ids);
  void forget_foreign();
  void publish(Table table);

  const std::unique_ptr<Registry> source_;
  const std::unique_ptr<Registry> target_;
  const Subject seen_at_source_;
  const Subject seen_at_target_;
  const Clock& clock_;
  const GateNews news_;

  // Of run()'s thread.
  std::map<std::int32_t, Clock::Steady> foreign_since_;
  std::int32_t asked_up_to_ = 0;  // where the next turn begins

  std::atomic<std::uint64_t> generation_{0};
  mutable std::mutex mutex_;  // over what follows
  std::condition_variable_any asked_;
  std::set<std::int32_t> open_;  // asked for and neither known nor foreign
  bool has_new_ = false;         // since the last turn, or there may be news of the others
  std::shared_ptr<const Table> table_ = std::make_shared<const Table>();
  std::optional<std::string> trouble_;
  std::optional<Clock::Steady> silent_since_;
};

}  // namespace longspan
