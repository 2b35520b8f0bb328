#include "mirror/groups/coordinator_epochs.h"

namespace longspan {

void CoordinatorEpochs::asked(const Leaders& leaders) {
  wants_asking_ = false;
  leaders_.resize(leaders.size());
  for (std::size_t i = 0; i < leaders.size(); ++i) {
    Leader& leader = leaders_[i];
    if (leader.node != leaders[i] || leader.has_newer) {
      if (leader.epoch) leader.former = leader.epoch;
      leader.epoch.reset();
      leader.has_newer = false;
      leader.node = leaders[i];
    } else if (!leader.epoch) {
      // It leads since the last time: what is read now it wrote.
      leader.former.reset();
    }
  }
}

std::optional<std::int32_t> CoordinatorEpochs::writer(std::size_t partition,
                                                      std::optional<std::int32_t> epoch) {
  if (partition >= leaders_.size() || !epoch) return std::nullopt;
  Leader& leader = leaders_[partition];
  if (!leader.node || (leader.former && *epoch <= *leader.former)) return std::nullopt;
  if (!leader.epoch) leader.epoch = epoch;
  if (*epoch == *leader.epoch) return leader.node;
  if (*epoch > *leader.epoch) leader.has_newer = wants_asking_ = true;
  return std::nullopt;
}

}  // namespace longspan
