// mirror/schemas/listing_watch.h - new versions of a registry whose ids do not tell of them: found
// by lists of subjects and versions, some at a time.
//
// Apicurio uses up an id for each registration of what it has already, so that behind the highest
// id known there may be any number of them that nobody will ever use.
//
// Errors:  where the list of subjects cannot be had, or the registry does not answer; a subject
//          whose versions it does not list is left to the next full comparison.
// Limits:  kListsATurn; kRequestsAtOnce.
// Threads: one owner; turn() starts its own and joins them.
// Source:  Apicurio 3.0.9, as seen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "mirror/schemas/inventory.h"

namespace longspan {

class ListingWatch {
 public:
  static constexpr std::size_t kListsATurn = 64;

  explicit ListingWatch(Registry& registry) : registry_(registry) {}

  void forget() { seen_.clear(); }
  void saw(const Inventory& inventory);
  // Subjects that are new, or have other versions than when they were seen last.
  RegistryResult<std::set<Subject>> turn(const SubjectChoice& wants);

 private:
  using Versions = std::vector<std::int32_t>;

  std::vector<Subject> next_in_turn();

  Registry& registry_;
  std::map<Subject, Versions> seen_;
  Subject last_;  // whose turn it was
};

}  // namespace longspan
