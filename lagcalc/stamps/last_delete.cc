#include "lagcalc/stamps/last_delete.h"

#include <functional>
#include <utility>

namespace longspan {

LastDelete::Key LastDelete::key_of(std::string_view key) {
  return {std::hash<std::string_view>{}(key), key.size()};
}

void LastDelete::note(std::optional<std::string_view> key, const ChangeStamps& stamps) {
  if (!key) return;
  if (stamps.op == ChangeOp::remove) {
    last_ = Delete{key_of(*key), stamps};
  } else if (last_ && last_->key == key_of(*key)) {
    last_.reset();  // the key lives again: a tombstone behind this is not that delete's
  }
}

ChangeStamps LastDelete::tombstone(std::optional<std::string_view> key,
                                   const ChangeFields& headers) {
  const bool is_of_last = key && last_ && last_->key == key_of(*key);
  const auto last = is_of_last ? std::exchange(last_, std::nullopt) : std::nullopt;
  if (headers.has_commit()) return judge(headers);
  if (last) return last->stamps;
  return {{}, {}, NoCommit::tombstone_without_delete, headers.op};
}

}  // namespace longspan
