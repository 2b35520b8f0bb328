// The demo itself, through its C++ entry, on embedded clusters: everything that was written must
// arrive once and unchanged, also when the line to the source is cut meanwhile.
#include "cli/demo/demo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>
#include <thread>

namespace longspan::demo {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

struct CloseFile {
  void operator()(std::FILE* f) const { std::fclose(f); }
};

// A demo whose lines go to a file of the test.
struct Stage {
  std::unique_ptr<std::FILE, CloseFile> out{std::tmpfile()};
  DemoOptions options;

  Stage() {
    options.port = 0;
    options.out = out.get();
  }
  Result<Comparison> run(const WaitForStop& wait = [](milliseconds at_most) {
    std::this_thread::sleep_for(at_most);  // the demo's own pace
    return false;
  }) {
    Demo demo(options);
    return demo.run(wait);
  }
  [[nodiscard]] std::string text() const {
    std::string all;
    std::rewind(out.get());
    char buffer[4096];
    for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, out.get())) > 0;) {
      all.append(buffer, n);
    }
    return all;
  }
};

void expect_all_equal(const Result<Comparison>& compared, const Stage& stage) {
  ASSERT_TRUE(compared) << compared.error().text() << "\n" << stage.text();
  EXPECT_TRUE(compared->all_equal()) << stage.text();
  EXPECT_EQ(compared->equal, compared->written);
  EXPECT_THAT(stage.text(), HasSubstr("every record compared: " + std::to_string(compared->equal) +
                                      " equal, 0 missing, 0 twice\n"));
}

TEST(Demo, MirrorsEveryRecordOnceAndUnchanged) {
  Stage stage;
  stage.options.run_for = std::chrono::seconds(6);
  const auto compared = stage.run();
  expect_all_equal(compared, stage);
  ASSERT_TRUE(compared);
  // Some 1,500 where nothing else runs; of a machine that stalls the feed makes up for nothing.
  EXPECT_GT(compared->equal, 100);
  EXPECT_THAT(stage.text(), HasSubstr("http://127.0.0.1:"));
  EXPECT_THAT(stage.text(), HasSubstr("shop.orders "));
}

TEST(Demo, ShowsWhyItStandsStillAndCatchesUpWhenTheLineIsCut) {
  Stage stage;
  stage.options.run_for = std::chrono::seconds(14);
  stage.options.chaos = true;
  const auto compared = stage.run();
  expect_all_equal(compared, stage);
  EXPECT_THAT(stage.text(), HasSubstr("--chaos cut the line"));
  EXPECT_THAT(stage.text(), HasSubstr("source unreachable"));
  EXPECT_THAT(stage.text(), HasSubstr("caught up"));
}

TEST(Demo, EndsWithASummaryWhenAskedTo) {
  Stage stage;
  const auto begin = std::chrono::steady_clock::now();
  const auto compared = stage.run([&](milliseconds at_most) {
    std::this_thread::sleep_for(at_most);
    const auto ran = std::chrono::steady_clock::now() - begin;
    return ran > std::chrono::seconds(4) && ran < std::chrono::seconds(5);
  });
  ASSERT_TRUE(compared) << compared.error().text();
  EXPECT_THAT(stage.text(), HasSubstr("every record compared: "));
}

TEST(Demo, RefusesAPortThatIsTaken) {
  Stage first;
  first.options.run_for = std::chrono::seconds(3);
  Stage second;
  bool is_tried = false;
  const auto compared = first.run([&](milliseconds at_most) {
    std::this_thread::sleep_for(at_most);
    if (is_tried) return false;
    is_tried = true;
    const std::string text = first.text();
    const auto at = text.find("http://127.0.0.1:");
    second.options.port = static_cast<std::uint16_t>(std::stoi(text.substr(at + 17)));
    const auto refused = second.run();
    EXPECT_FALSE(refused);
    if (!refused) {
      EXPECT_THAT(refused.error().text(), HasSubstr(std::to_string(*second.options.port)));
    }
    return false;
  });
  EXPECT_TRUE(compared);
}

}  // namespace
}  // namespace longspan::demo
