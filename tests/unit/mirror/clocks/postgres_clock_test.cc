#include "mirror/clocks/postgres_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longspan {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(PostgresClock, AStringThatIsNoneIsRefusedWithoutBeingQuoted) {
  for (const char* dsn : {"host=db password=hunter2 nonsense", "postgresql://u:hunter2@[::1/x",
                          "hunter2=1 host=db"}) {
    const auto made = make_postgres_clock(dsn);
    ASSERT_FALSE(made) << dsn;
    EXPECT_EQ(made.error().next, Next::stop_process);
    EXPECT_THAT(made.error().text(), Not(HasSubstr("hunter2")));
  }
}

TEST(PostgresClock, WhatCannotBeReachedIsToldWithoutThePassword) {
  // Port 1 of loopback: nobody listens.
  const auto made = make_postgres_clock(
      "postgresql://u:hunter2@127.0.0.1:1/db?connect_timeout=2&sslmode=disable");
  ASSERT_TRUE(made);
  const auto asked = (*made)->ask({});
  EXPECT_FALSE(asked) << "there is no connection yet";
  const auto connected = (*made)->connect({});
  ASSERT_FALSE(connected);
  EXPECT_EQ(connected.error().next, Next::retry);
  EXPECT_THAT(connected.error().text(), HasSubstr("127.0.0.1"));
  EXPECT_THAT(connected.error().text(), Not(HasSubstr("hunter2")));
  EXPECT_THAT(connected.error().text(), Not(HasSubstr("\n")));
}

TEST(PostgresClock, AStopEndsTheWait) {
  // An address that drops what comes: only the stop ends it.
  std::stop_source stop;
  stop.request_stop();
  const auto made = make_postgres_clock("host=192.0.2.1 user=u");
  ASSERT_TRUE(made);
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_FALSE((*made)->connect(stop.get_token()));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
}

}  // namespace
}  // namespace longspan
