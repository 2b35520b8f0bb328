#include "mirror/clocks/host_clock.h"

#include <gtest/gtest.h>
#include <sys/timex.h>

#include "mirror/clocks/kernel_clock.h"

namespace longspan {
namespace {

TEST(HostClock, WhatADisciplinedKernelSaysIsTheError) {
  timex kernel{};
  kernel.maxerror = 4'000;
  kernel.offset = 250'000;  // to be added: the clock is behind
  kernel.status = STA_PLL | STA_NANO;
  const auto error = host_error_of(kernel, TIME_OK);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->offset.value, -250);
  EXPECT_EQ(error_max(*error).value, 4'250);
  kernel.status = STA_PLL;
  EXPECT_EQ(host_error_of(kernel, TIME_OK)->offset.value, -250'000) << "microseconds";
}

TEST(HostClock, WithoutATimeServiceNothingIsKnown) {
  timex kernel{};
  kernel.maxerror = 16'000'000;
  kernel.status = STA_UNSYNC;
  EXPECT_FALSE(host_error_of(kernel, TIME_OK));
  kernel.status = STA_PLL;
  EXPECT_FALSE(host_error_of(kernel, TIME_ERROR));
  EXPECT_FALSE(host_error_of(kernel, -1)) << "not allowed to ask";
}

// Whether the machine of the test has a time service is its own affair.
TEST(HostClock, TheKernelOfThisMachineIsAsked) {
  const auto error = read_host_clock();
  EXPECT_GE(error ? error_max(*error).value : 0, 0);
}

}  // namespace
}  // namespace longspan
