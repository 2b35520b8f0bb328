// tests/unit/mirror/kafka/bounded_call_test.cc - what ends in time, and what never does.

#include "mirror/kafka/bounded_call.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <thread>

namespace longspan {
namespace {

TEST(BoundedCall, IsOverWhenTheCallIs) {
  std::thread::id where;
  EXPECT_TRUE(ends_within(std::chrono::hours(1), [&] { where = std::this_thread::get_id(); }));
  EXPECT_NE(where, std::thread::id());
  EXPECT_NE(where, std::this_thread::get_id());
}

TEST(BoundedCall, WhatDoesNotEndIsLeftBehindAndMayEndLater) {
  const auto gate = std::make_shared<std::promise<void>>();
  const auto ended = std::make_shared<std::promise<void>>();
  EXPECT_FALSE(ends_within(std::chrono::milliseconds(1), [gate, ended] {
    gate->get_future().wait();
    ended->set_value();
  }));
  auto end = ended->get_future();
  gate->set_value();
  EXPECT_EQ(end.wait_for(std::chrono::seconds(60)), std::future_status::ready);
}

}  // namespace
}  // namespace longspan
