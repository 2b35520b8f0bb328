#include "mirror/schemas/workers.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "mirror/schemas/step_round.h"

namespace longspan {
namespace {

TEST(Workers, WhatOneOfThemThrowsComesOut) {
  std::atomic<int> begun = 0;
  const auto work = [&](std::size_t i) {
    ++begun;
    if (i == 3) throw std::runtime_error("no memory");
  };
  EXPECT_THROW(for_each_at_once(100, 8, work), std::runtime_error);
  begun = 0;
  EXPECT_THROW(for_each_at_once(100, 1, work), std::runtime_error);
  EXPECT_EQ(begun, 4) << "none is begun after it";
}

TEST(StepRound, WhatAStepThrowsEndsTheRound) {
  std::vector<SchemaStep> steps(100);
  for (std::size_t i = 1; i < steps.size(); ++i) steps[i].after = {i - 1};
  int begun = 0;
  const auto work = [&](const SchemaStep&) {
    if (++begun == 7) throw std::runtime_error("no memory");
    return true;
  };
  StepRound round(steps, work);
  EXPECT_THROW(round.run(8), std::runtime_error);
  EXPECT_EQ(begun, 7);
}

}  // namespace
}  // namespace longspan
