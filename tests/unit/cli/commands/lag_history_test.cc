#include "cli/commands/lag_history.h"

#include <gtest/gtest.h>

#include "lagcalc/text.h"

namespace longspan {
namespace {

TEST(LagHistory, StepsShorterThanTheMarksAreRefusedInOneLine) {
  History history;
  history.interval_ms = 10'000;
  HistorySpan span{{0}, {60'000}, 1'000};
  const auto refused = check_step("east->west", span, history);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what, "--step is shorter than the " + duration_text(10'000) +
                                      " between two marks of east->west then "
                                      "(marks.interval.ms): give --step=10s or longer");
  span.step_ms = 10'000;
  EXPECT_TRUE(check_step("east->west", span, history));
  history.interval_ms = 200;
  span.step_ms = 1'000;
  EXPECT_TRUE(check_step("east->west", span, history));
}

}  // namespace
}  // namespace longspan
