// cli/commands/registry_pair.h - the schema registries of a flow's two clusters, as the commands
// about schemas see them.
//
// Errors:  Error with the side that it is about; Next::retry where a registry does not answer.
// Threads: one owner.
// Owns:    its connections.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "mirror/flow_config.h"
#include "mirror/schemas/handover.h"
#include "mirror/schemas/id_check.h"
#include "mirror/schemas/plan.h"
#include "mirror/schemas/registry_client.h"
#include "mirror/schemas/reserved_ids.h"
#include "mirror/schemas/subject_rules.h"
#include "mirror/schemas/sync.h"

namespace longspan {

class RegistryPair {
 public:
  // `flow` outlives it.
  static Result<RegistryPair> open(const FlowConfig& flow);

  // Each with a progress bar: what the flow selects of the source, all of the target. `topics`: the
  // flow's, at the source; their subjects may be in IMPORT without a version to list them by.
  Result<Inventory> read_source();
  Result<Inventory> read_target(const Inventory* source, const std::set<std::string>& topics = {});
  // By their names on the target, in every context that the source is known to have.
  [[nodiscard]] std::set<Subject> subjects_of(const std::set<std::string>& topics,
                                              const Inventory* source) const;
  // Asks the source about subjects that only the target has.
  [[nodiscard]] SchemaPlan plan_of(const Inventory& source, const Inventory& target,
                                   bool is_pruning) const;
  // Both read.
  Result<SchemaPlan> plan(bool is_pruning, const std::set<std::string>& topics);
  SyncOutcome carry_out(const SchemaPlan& plan);
  [[nodiscard]] GivenOutIds given_out(const Inventory& source) const;
  // What of them the target, asked again, could still give out, one sentence each; it is reserved
  // where it can be.
  Result<std::vector<std::string>> reserve(const GivenOutIds& ids);
  // Of what the source holds, the names on the target.
  [[nodiscard]] std::set<Subject> target_names(const Inventory& source) const;
  // See mirror/schemas/handover.h. Of those in IMPORT the ones that this flow has mirrored, and the
  // others.
  struct InImport {
    std::vector<Subject> ours;
    std::vector<Subject> others;
  };
  Result<InImport> subjects_in_import(const std::set<Subject>& ours);
  SetBack set_back(const std::vector<Subject>& subjects);
  IdCheck check_ids(const Census& census,
                    const std::function<std::string(const std::string&)>& source_topic);

  [[nodiscard]] Error target_error(const RegistryError& error) const;
  [[nodiscard]] const SubjectRules& rules() const { return rules_; }

 private:
  RegistryPair(const FlowConfig& flow, std::unique_ptr<RegistryClient> source,
               std::unique_ptr<RegistryClient> target);

  const FlowConfig& flow_;
  SubjectRules rules_;
  std::unique_ptr<RegistryClient> source_;
  std::unique_ptr<RegistryClient> target_;
};

}  // namespace longspan
