// mirror/schemas/gate.h - which schemas the target's registry knows: what the data path asks before
// a record goes on.
//
//   Shards --ask()--> SchemaGate --registries--> table() --> Shards
//
// The data path never waits for a registry: what is not in the table is asked for by the gate's
// thread, and the record's partition waits meanwhile (mirror/shard_gate.h). What is `known` is so
// for good: an id, or a GUID, is never given to another schema. An id is looked up in all contexts
// that are mirrored, and known when one of them has it: a record does not say which it means. What
// only reserves an id is not its schema.
// Whoever mirrors schemas hears at once of what is awaited.
//
// Most registries do not look GUIDs up. Nothing waits for one then (lacks_guids()).
//
// Errors:  a registry that does not answer leaves what it was asked for `unknown` and is trouble(),
//          silent_since() the first time; it is asked again each kAskAgain. After kFailuresMax of a
//          turn's requests the rest of them wait for the next turn, which begins with them.
// Limits:  kAskedAtOnce requests side by side; kOpenMax asked for, further ones are not taken; a
//          table of more than kIdsMax begins anew; kContextsMax contexts, the default one first.
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

#include "lagcalc/schema_framing.h"
#include "mirror/ports.h"
#include "mirror/schemas/hurry.h"
#include "mirror/schemas/registry.h"
#include "mirror/topics/name_patterns.h"

namespace longspan {

// What a record names its schema by: an id, or a GUID.
using SchemaWhich = decltype(SchemaMark::which);

struct SchemaWhichHash {
  std::size_t operator()(const SchemaWhich& which) const noexcept;
};
[[nodiscard]] std::string text(const SchemaWhich& which);  // "id 7", "GUID a9e1f9e6-..."

// Where ids are looked up; GUIDs mean the same everywhere.
struct GateContexts {
  NamePatterns mirrored = {};  // of the source; where it does not list them, the default one
  std::string target = {};     // where all of them are on the target; empty: each under its name
};

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
  // What is not in it is unknown.
  using Table = std::unordered_map<SchemaWhich, IdState, SchemaWhichHash>;

  static constexpr std::chrono::milliseconds kAskAgain{200};
  static constexpr std::chrono::seconds kForeignFor{60};  // then it is asked for once more
  static constexpr std::chrono::seconds kContextsFor{10};
  static constexpr int kAskedAtOnce = 8;
  static constexpr int kFailuresMax = 8;
  static constexpr std::size_t kOpenMax = 10'000;
  static constexpr std::size_t kIdsMax = 1'000'000;
  static constexpr std::size_t kContextsMax = 16;

  SchemaGate(std::unique_ptr<Registry> source, std::unique_ptr<Registry> target,
             GateContexts contexts, const Clock& clock, GateNews news);

  void run(const std::stop_token& stop);
  // One turn of run(); for tests. False: nothing is left to ask for.
  bool turn(const std::stop_token& stop);

  void ask(const SchemaWhich& which);
  // What is awaited may be there by now.
  void look_again();
  [[nodiscard]] std::shared_ptr<const Table> table() const;
  // The target's registry cannot say which GUIDs it has. It is asked again now and then.
  [[nodiscard]] bool lacks_guids() const { return lacks_guids_.load(); }
  // Another number than before: the table changed, or lacks_guids().
  [[nodiscard]] std::uint64_t generation() const { return generation_.load(); }
  [[nodiscard]] std::optional<std::string> trouble() const;
  // Since when a registry has left something unanswered in each turn.
  [[nodiscard]] std::optional<Clock::Steady> silent_since() const;

 private:
  using Whiches = std::vector<SchemaWhich>;
  struct Side {
    Registry& registry;
    std::vector<std::string> contexts;
  };
  struct Answer {
    enum class Kind : std::uint8_t { none, found, absent, untold, failed };
    Kind kind = Kind::none;
    std::string text;  // where it was found, or why it failed
  };
  struct Answers {
    Whiches found;
    Whiches absent;
    Whiches untold;                             // GUIDs that this registry does not look up
    std::map<SchemaWhich, std::string> places;  // of ids that were found: their context
  };
  struct Turn {
    std::stop_token stop;
    std::optional<std::string> trouble;
  };

  [[nodiscard]] Whiches wanted();
  [[nodiscard]] std::vector<std::string> contexts_at_target() const;
  [[nodiscard]] Answers look_up(const Whiches& all, const Side& side, Turn& turn);
  [[nodiscard]] static Answer look_up_one(const SchemaWhich& which, const Side& side);
  [[nodiscard]] Answers look_at_target(Turn& turn);
  // Those that stood otherwise before.
  Whiches settle(const Whiches& all, IdState state);
  void tell_awaited(const Whiches& all, const Answers& at_source);
  bool learn_contexts();
  void note_lack_of_guids(const Whiches& untold);
  void look_for_guids();
  void forget_foreign();
  void publish(Table table);
  void tell_change();

  const std::unique_ptr<Registry> source_;
  const std::unique_ptr<Registry> target_;
  const GateContexts wanted_contexts_;
  const Clock& clock_;
  const GateNews news_;

  // Of run()'s thread.
  std::vector<std::string> contexts_{std::string(kDefaultContext)};  // of the source
  Clock::Steady contexts_until_{};
  std::map<SchemaWhich, Clock::Steady> foreign_since_;
  SchemaWhich asked_up_to_;  // where the next turn begins
  std::string guid_;         // one that was asked for in vain
  Clock::Steady guid_asked_at_{};

  std::atomic<std::uint64_t> generation_{0};
  std::atomic<bool> lacks_guids_{false};
  mutable std::mutex mutex_;  // over what follows
  std::condition_variable_any asked_;
  std::set<SchemaWhich> open_;  // asked for and neither known nor foreign
  bool has_new_ = false;        // since the last turn, or there may be news of the others
  std::shared_ptr<const Table> table_ = std::make_shared<const Table>();
  std::optional<std::string> trouble_;
  std::optional<Clock::Steady> silent_since_;
};

}  // namespace longspan
