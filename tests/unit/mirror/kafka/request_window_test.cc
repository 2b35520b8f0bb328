#include "mirror/kafka/request_window.h"

#include <gtest/gtest.h>

namespace longspan::kafka {
namespace {

constexpr std::int64_t kMax = 1000;

TEST(RequestWindow, TakesWhatOneRequestTakes) {
  RequestWindow window;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(window.fits(100, kMax));
    window.hand_over(100);
  }
  EXPECT_FALSE(window.fits(1, kMax));
}

TEST(RequestWindow, TakesSoManyRecordsHoweverSmall) {
  RequestWindow window;
  for (std::int64_t i = 0; i < RequestWindow::kRecordsMax; ++i) {
    ASSERT_TRUE(window.fits(0, kMax));
    window.hand_over(0);
  }
  EXPECT_FALSE(window.fits(0, kMax));
}

TEST(RequestWindow, OneRecordAlwaysFits) {
  RequestWindow window;
  EXPECT_TRUE(window.fits(kMax + 1, kMax));
  window.hand_over(kMax + 1);
  EXPECT_FALSE(window.fits(0, kMax));
}

// Half an answer must not let half a request out: its records would wait behind the other half.
TEST(RequestWindow, OpensAgainWhenAllIsAnswered) {
  RequestWindow window;
  window.hand_over(500);
  window.hand_over(500);
  window.close();
  window.take_back(500);
  EXPECT_FALSE(window.fits(1, kMax));
  EXPECT_FALSE(window.is_empty());
  window.take_back(500);
  EXPECT_TRUE(window.is_empty());
  EXPECT_TRUE(window.fits(kMax, kMax));
}

TEST(RequestWindow, AnswersOfAWriterBeforeAreNoneOfIts) {
  RequestWindow window;
  window.take_back(500);
  window.hand_over(kMax);
  EXPECT_FALSE(window.fits(1, kMax));
}

}  // namespace
}  // namespace longspan::kafka
