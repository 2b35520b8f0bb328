// What a shard makes of the commits of consumer groups.
#include "mirror/shard.h"

namespace longspan {

void Shard::on_command(const std::shared_ptr<const GroupCommits>& commits) {
  (commits->side == EventSide::source ? source_groups_ : groups_).take(*commits);
}

}  // namespace longspan
