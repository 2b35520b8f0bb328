#include "mirror/clocks/postgres_clock.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include <condition_variable>
#include <mutex>
#include <string_view>

#include "tests/unit/mirror/clocks/fake_postgres.h"

namespace {

// Looking up this name takes until the test says otherwise.
constexpr std::string_view kSlowName = "slow.invalid";

struct Lookups {
  std::mutex mutex;
  std::condition_variable changed;
  bool may_end = false;
  int begun = 0;
  int ended = 0;

  static Lookups& of_process() {
    static Lookups lookups;
    return lookups;
  }
};

}  // namespace

// In the place of the C library's, also for libpq.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints,
                           addrinfo** out) {
  if (name != nullptr && name == kSlowName) {
    auto& lookups = Lookups::of_process();
    std::unique_lock lock(lookups.mutex);
    ++lookups.begun;
    lookups.changed.wait(lock, [&] { return lookups.may_end; });
    ++lookups.ended;
    lookups.changed.notify_all();
    return EAI_NONAME;
  }
  static const auto real =
      reinterpret_cast<decltype(&getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(name, service, hints, out);
}

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

std::string dsn_of(const std::string& hosts, const std::string& ports) {
  return "host=" + hosts + " port=" + ports +
         " user=u dbname=d sslmode=disable gssencmode=disable connect_timeout=2";
}

TEST(PostgresClock, APrimaryTellsItsTime) {
  const FakePostgres server({"1700000000123456", "f"});
  const auto made = make_postgres_clock(dsn_of("127.0.0.1", server.port()));
  ASSERT_TRUE(made);
  for (int i = 0; i < 2; ++i) {
    const auto connected = (*made)->connect({});
    ASSERT_TRUE(connected) << connected.error().text();
    const auto stamp = (*made)->ask({});
    ASSERT_TRUE(stamp) << stamp.error().text();
    EXPECT_EQ(stamp->at.value, 1'700'000'000'123'456);
  }
}

// What it would tell is not the clock that commits.
TEST(PostgresClock, AStandbyIsRefusedAndNamed) {
  const FakePostgres server({"1700000000123456", "t"});
  const auto made = make_postgres_clock(dsn_of("127.0.0.1", server.port()));
  ASSERT_TRUE((*made)->connect({}));
  const auto stamp = (*made)->ask({});
  ASSERT_FALSE(stamp);
  EXPECT_EQ(stamp.error().next, Next::park_partition);
  EXPECT_THAT(stamp.error().text(), HasSubstr("127.0.0.1:" + server.port() + " is a standby"));
  EXPECT_THAT(stamp.error().text(), HasSubstr("target_session_attrs=read-write"));
}

TEST(PostgresClock, AHostThatSaysNothingLeavesTheNextItsTurn) {
  const FakePostgres silent({});
  const FakePostgres server({"1700000000123456", "f"});
  const auto made =
      make_postgres_clock(dsn_of("127.0.0.1,127.0.0.1", silent.port() + "," + server.port()));
  const auto connected = (*made)->connect({});
  ASSERT_TRUE(connected) << connected.error().text();
  EXPECT_TRUE((*made)->ask({}));
}

// One lookup at a time is left behind, and it touches nothing that is gone.
TEST(PostgresClock, ALookupThatDoesNotEndHoldsNoStop) {
  auto& lookups = Lookups::of_process();
  {
    const auto made = make_postgres_clock(dsn_of(std::string(kSlowName), "5432"));
    for (int i = 0; i < 2; ++i) {
      std::stop_source stop;
      const std::jthread stopper([&] {
        std::unique_lock lock(lookups.mutex);
        lookups.changed.wait_for(lock, std::chrono::milliseconds(1), [&] { return false; });
        stop.request_stop();
      });
      const auto begun = std::chrono::steady_clock::now();
      EXPECT_FALSE((*made)->connect(stop.get_token()));
      EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
    }
  }
  std::unique_lock lock(lookups.mutex);
  lookups.may_end = true;
  lookups.changed.notify_all();
  EXPECT_TRUE(
      lookups.changed.wait_for(lock, std::chrono::seconds(60), [&] { return lookups.ended == 1; }));
  EXPECT_EQ(lookups.begun, 1);
}

}  // namespace
}  // namespace longspan
