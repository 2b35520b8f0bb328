#include "cli/http/page_ahead.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

namespace longspan {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A page takes as long as it is said to, by the clock.
class Maker {
 public:
  std::function<std::string()> function() {
    return [this] {
      const auto until = steady_clock::now() + milliseconds(cost_ms.load());
      while (steady_clock::now() < until) std::this_thread::yield();
      if (throws.load()) throw std::runtime_error("no page");
      if (std::this_thread::get_id() == asking_) ++made_for_asking;
      return std::to_string(++made);
    };
  }

  std::atomic<int> cost_ms{0};
  std::atomic<bool> throws{false};
  std::atomic<int> made{0};
  std::atomic<int> made_for_asking{0};

 private:
  const std::thread::id asking_ = std::this_thread::get_id();
};

// Until the page is another one; false: it never is.
bool becomes(PageAhead& page, const std::function<bool(const std::string&)>& wanted) {
  const auto until = steady_clock::now() + std::chrono::seconds(60);
  while (steady_clock::now() < until) {
    if (wanted(*page.get())) return true;
    std::this_thread::yield();
  }
  return false;
}

TEST(PageAhead, OneThatCostsLittleIsOfTheMoment) {
  Maker maker;
  PageAhead page(maker.function(), {.dear = milliseconds(10'000)});
  for (int i = 1; i <= 5; ++i) EXPECT_EQ(*page.get(), std::to_string(i));
}

TEST(PageAhead, ADearOneIsMadeAhead) {
  Maker maker;
  maker.cost_ms = 20;
  PageAhead page(maker.function(), {.dear = milliseconds(20), .each = milliseconds(1), .share = 1});
  EXPECT_EQ(*page.get(), "1");
  EXPECT_TRUE(becomes(page, [](const std::string& text) { return std::stoi(text) >= 4; }));
  EXPECT_EQ(maker.made_for_asking, 1) << "nobody who asks waits";
  maker.cost_ms = 0;
  EXPECT_TRUE(becomes(page, [&](const std::string&) { return maker.made_for_asking > 1; }))
      << "it costs little now";
}

TEST(PageAhead, WhenNobodyAsksItIsNotMade) {
  Maker maker;
  maker.cost_ms = 20;
  PageAhead page(
      maker.function(),
      {.dear = milliseconds(20), .each = milliseconds(1), .share = 1, .idle = milliseconds(0)});
  EXPECT_EQ(*page.get(), "1");
  // The thread gives up; from then on each is made for who asks.
  EXPECT_TRUE(becomes(page, [&](const std::string&) { return maker.made_for_asking >= 3; }));
}

TEST(PageAhead, WhatFailsGoesToWhoAsks) {
  Maker maker;
  maker.throws = true;
  PageAhead page(maker.function());
  EXPECT_THROW(static_cast<void>(page.get()), std::runtime_error);
  maker.throws = false;
  EXPECT_EQ(*page.get(), "1");
}

TEST(PageAhead, AFailureOfItsThreadGoesToWhoAsksNext) {
  Maker maker;
  maker.cost_ms = 20;
  PageAhead page(maker.function(), {.dear = milliseconds(20), .each = milliseconds(1), .share = 1});
  EXPECT_EQ(*page.get(), "1");
  maker.throws = true;
  const auto fails = [&] {
    try {
      static_cast<void>(page.get());
      return false;
    } catch (const std::runtime_error&) {
      return true;
    }
  };
  const auto until = steady_clock::now() + std::chrono::seconds(60);
  while (!fails() && steady_clock::now() < until) std::this_thread::yield();
  EXPECT_TRUE(fails());
}

}  // namespace
}  // namespace longspan
