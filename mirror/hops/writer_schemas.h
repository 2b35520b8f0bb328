// mirror/hops/writer_schemas.h - the schemas that records were written with, as far as times are
// read by them.
//
//   Shards --ask()--> WriterSchemas --the source's registry--> table() --> Shards
//
// The data path never waits for a registry: a record whose schema is not in the table has no
// stamps, and the next one may have. What is in the table is so for good, for an id is never given
// to another schema. An id is looked up in the default context, then in the others that are
// mirrored; a record does not say which it means.
//
// Errors:  a registry that does not answer is asked again each kAskAgain; an id that it does not
//          know, or a schema that no times can be read by, is in the table as nothing, an unknown
//          id for kForgetAfter.
// Limits:  kOpenMax asked for, further ones are not taken; kFailuresMax failures a turn; a table of
//          more than kIdsMax begins anew; kReferencesMax schemas that one refers to, over others,
//          too.
// Threads: run() or turn() on one thread, which may wait for the registry; the others from
// anywhere,
//          and wait for nobody.
// Owns:    the registry's client.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

#include "lagcalc/stamps/avro_projection.h"
#include "mirror/ports.h"
#include "mirror/schemas/gate.h"
#include "mirror/schemas/registry.h"
#include "mirror/topics/name_patterns.h"

namespace longspan {

class WriterSchemas {
 public:
  using Projection = std::shared_ptr<const AvroProjection>;  // null: no times are read by it
  using Table = std::unordered_map<SchemaWhich, Projection, SchemaWhichHash>;

  static constexpr std::chrono::seconds kAskAgain{5};
  static constexpr std::chrono::seconds kForgetAfter{60};
  static constexpr std::size_t kOpenMax = 1'000;
  static constexpr int kFailuresMax = 8;
  static constexpr std::size_t kIdsMax = 10'000;
  static constexpr std::size_t kReferencesMax = 100;

  // `contexts` that are mirrored; `names`: what is put in front of the names of added fields.
  WriterSchemas(std::unique_ptr<Registry> source, NamePatterns contexts, StampNames names,
                const Clock& clock);

  void run(const std::stop_token& stop);
  // One turn of run(); for tests. False: nothing is left to ask for.
  bool turn(const std::stop_token& stop);

  void ask(const SchemaWhich& which);
  [[nodiscard]] std::shared_ptr<const Table> table() const;
  // Another number than before: the table changed.
  [[nodiscard]] std::uint64_t generation() const { return generation_.load(); }

 private:
  [[nodiscard]] std::vector<SchemaWhich> wanted();
  // Absent: the registry did not answer.
  [[nodiscard]] std::optional<Projection> look_up(const SchemaWhich& which, bool& is_known);
  [[nodiscard]] RegistryResult<std::optional<Schema>> find(std::int32_t id, Subject& seen_in);
  [[nodiscard]] RegistryResult<std::map<SubjectVersion, std::string>> referred_texts(
      const Schema& schema, const Subject& seen_in);
  void forget_unknown();
  void publish(Table table);

  const std::unique_ptr<Registry> source_;
  const NamePatterns contexts_;
  const StampNames names_;
  const Clock& clock_;

  // Of run()'s thread.
  std::map<SchemaWhich, Clock::Steady> unknown_since_;
  SchemaWhich asked_up_to_;  // where the next turn begins

  std::atomic<std::uint64_t> generation_{0};
  mutable std::mutex mutex_;  // over what follows
  std::condition_variable_any asked_;
  std::set<SchemaWhich> open_;
  bool has_new_ = false;  // since the last turn
  std::shared_ptr<const Table> table_ = std::make_shared<const Table>();
};

}  // namespace longspan
