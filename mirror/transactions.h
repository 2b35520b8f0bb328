// mirror/transactions.h - the transactions of a sink: the seam to the target's coordinator.
//
// A sink that was made with a transactional id writes everything into the transaction that begin()
// opened. initialise fences every other sink of that id, ends what it left open, and comes first.
// There is no abort: a transaction that cannot be committed is left to the next sink of the id,
// whose initialise answers only after the abort stands in every partition.
//
// Errors:  an Answer with an error ends this sink: whether a commit took effect is not known then.
// Threads: as Sink's; the waiting is done elsewhere.
// Limits:  one call at a time.
// Source:  KIP-98; librdkafka's rdkafka.h, "Transactional producer API".
#pragma once

#include <cstdint>
#include <optional>

#include "lagcalc/result.h"

namespace longspan {

enum class TransactionCall : std::uint8_t { initialise, commit };

class Transactions {
 public:
  struct Answer {
    TransactionCall call{};
    std::optional<Error> error;
  };

  virtual ~Transactions() = default;
  // Never waits. For commit everything written must be accounted for.
  virtual void start(TransactionCall call) = 0;
  virtual std::optional<Answer> poll() = 0;
  // After initialise, and after each commit. Asks nobody.
  virtual Result<void> begin() = 0;
  // Another sink of this id was initialised after this one.
  [[nodiscard]] virtual bool is_fenced() const = 0;
};

}  // namespace longspan
