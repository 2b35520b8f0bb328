// What a shard makes of the commits of consumer groups.
#include "mirror/shard.h"

namespace longspan {

// Nothing yet.
void Shard::on_command(const std::shared_ptr<const GroupCommits>& commits) {
  static_cast<void>(commits);
}

}  // namespace longspan
