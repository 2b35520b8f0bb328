#include "mirror/trial.h"

namespace longspan {

Deaths deaths_of(const std::optional<Owner>& before, const std::string& process,
                 TimestampMs started_at) {
  Deaths out;
  if (!before || before->released_at) return out;
  out.is_own = before->process == process && before->taken_at >= started_at;
  if (out.is_own) return out;
  const std::chrono::milliseconds life(before->alive_at - before->taken_at);
  out.died = true;
  out.is_repeated = before->follows_death && life < kDiedYoung;
  out.since = before->taken_at;
  return out;
}

}  // namespace longspan
