// mirror/verify/verification.h - reads both clusters and checks partition after partition.
//
// Only reads, as read_committed, at explicit offsets and without a group.
//
// Units:   records; Records of source offsets for progress.
// Errors:  what stops one partition stands in its verdict, and the next one is checked; a whole
//          cluster out of reach is an Error of plan().
// Threads: one caller.
// Owns:    nothing; VerifySides outlives the call.
// Limits:  one partition at a time, with the bounds of PartitionCheck; nothing heard for
//          kVerifySilence ends a partition.
#pragma once

#include <chrono>
#include <functional>
#include <vector>

#include "lagcalc/result.h"
#include "mirror/admin.h"
#include "mirror/ports.h"
#include "mirror/verify/check_plan.h"
#include "mirror/verify/verdict.h"

namespace longspan {

inline constexpr std::chrono::seconds kVerifySilence{30};

struct VerifySides {
  Source& source;
  Admin& source_admin;
  Source& target;
  Admin& target_admin;
  Wakeup& wakeup;  // both sources notify it
  const Clock& clock;
};

struct VerifyProgress {
  Records done;
  Records total;
  TopicPartition partition;  // being compared now, source name
};

class Verification {
 public:
  explicit Verification(const VerifySides& sides) : sides_(sides) {}

  // Asks for the ends of both logs and for what is compacted; must succeed before run().
  Result<void> plan(std::vector<CheckSubject> subjects, const AskedRange& asked);
  [[nodiscard]] Records size() const;
  Verdict run(const std::function<void(const VerifyProgress&)>& progress);

 private:
  struct Planned {
    CheckSubject subject;
    CheckPlan plan;
    std::optional<Error> trouble;  // an end that could not be had
  };
  PartitionVerdict check(const Planned& planned, const std::function<void(Records)>& progress);

  VerifySides sides_;
  std::vector<Planned> planned_;
};

}  // namespace longspan
