#include "cli/demo/view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/demo/chaos.h"
#include "cli/demo/latencies.h"

namespace longspan::demo {
namespace {

using testing::HasSubstr;
using testing::Not;

View some_view() {
  View v;
  v.elapsed_s = 12;
  v.flow = "us-east->eu-west";
  v.url = "http://127.0.0.1:9464";
  v.target_bootstrap = "127.0.0.1:4711";
  v.rows.push_back({"shop.orders", 4, 200, 4012, 0.091, 0.14, "mirroring", true});
  v.rows.push_back({"__debezium-heartbeat.shop", 1, 1, std::nullopt, {}, {}, "starting", false});
  v.comparison.equal = 12345;
  v.lag_history = {0, 10, 70};
  return v;
}

std::string text(const View& v, const Look& look) {
  std::string out;
  for (const auto& line : render(v, look)) out += line + "\n";
  return out;
}

std::size_t columns(const std::string& line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

TEST(View, SaysThatItIsADemoAndWhereToLook) {
  const std::string out = text(some_view(), {.width = 120, .height = 40});
  EXPECT_THAT(out, HasSubstr("both clusters are embedded"));
  EXPECT_THAT(out, HasSubstr("page    http://127.0.0.1:9464/ "));
  EXPECT_THAT(out, HasSubstr("longspan lag --url http://127.0.0.1:9464"));
  EXPECT_THAT(out, HasSubstr("12,345 equal, 0 missing, 0 twice"));
}

TEST(View, ShowsADashForWhatIsNotKnown) {
  const auto lines = render(some_view(), {.width = 120, .height = 40});
  const auto row = std::find_if(lines.begin(), lines.end(), [](const std::string& l) {
    return l.find("heartbeat") != std::string::npos;
  });
  ASSERT_NE(row, lines.end());
  EXPECT_THAT(*row, testing::MatchesRegex(".*1/s +- +- +-   starting"));
  const auto all = std::find_if(lines.begin(), lines.end(),
                                [](const std::string& l) { return l.starts_with("all"); });
  EXPECT_THAT(*all, testing::EndsWith(" -")) << "a sum with an unknown part is unknown";
}

TEST(View, NeverExceedsTheTerminal) {
  View v = some_view();
  v.trouble = std::string(300, 'x');
  for (const bool unicode : {false, true}) {
    for (std::size_t width = 0; width < 130; width += 13) {
      for (const std::size_t height : {0, 3, 24}) {
        const Look look{.width = width, .height = height, .color = false, .unicode = unicode};
        const auto lines = render(v, look);
        EXPECT_LE(lines.size(), height);
        for (const auto& line : lines) EXPECT_LE(columns(line), width) << line;
      }
    }
  }
}

TEST(View, TurnsColoursOffAgainWhereItCutsALine) {
  View v = some_view();
  v.trouble = "source unreachable: cut";
  for (std::size_t width = 1; width < 90; ++width) {
    for (const auto& line : render(v, {.width = width, .height = 40, .color = true})) {
      const auto last = line.rfind("\x1b[");
      if (last == std::string::npos) continue;
      EXPECT_EQ(line.substr(last, 4), "\x1b[0m") << line;
    }
  }
}

TEST(View, HasOneLineForPipes) {
  View v = some_view();
  v.trouble = "source unreachable: refused";
  const std::string line = render_line(v);
  EXPECT_THAT(line, HasSubstr("  p50 / p99:  shop.orders 91 ms / 140 ms"));
  EXPECT_THAT(line, HasSubstr("source unreachable: refused"));
  EXPECT_THAT(line, Not(HasSubstr("\n")));
}

TEST(Grouped, SetsCommasEveryThreeDigits) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(-1234567), "-1,234,567");
  EXPECT_EQ(grouped(-123), "-123");
}

TEST(Verdict, NamesOnlyWhatWentWrong) {
  Comparison c;
  c.equal = 4012;
  EXPECT_EQ(verdict(c), "every record compared: 4012 equal, 0 missing, 0 twice");
  c.out_of_order = 2;
  c.expected = 3;
  EXPECT_EQ(verdict(c),
            "every record compared: 4012 equal, 0 missing, 0 twice, 2 out of order, 3 not arrived "
            "in time");
}

TEST(Chaos, CutsForFourSecondsEveryFifteen) {
  int cut_ms = 0;
  for (std::int64_t ms = 0; ms < 68'000; ++ms) {
    cut_ms += is_cut_at(ms) ? 1 : 0;
    EXPECT_GT(next_switch_after(ms), ms);
    EXPECT_NE(is_cut_at(next_switch_after(ms)), is_cut_at(ms));
    EXPECT_EQ(is_cut_at(next_switch_after(ms) - 1), is_cut_at(ms));
  }
  EXPECT_FALSE(is_cut_at(7999));
  EXPECT_EQ(cut_ms, 4 * 4000);
}

TEST(Latencies, ForgetsWhatLeftTheWindowAndKeepsTheTotal) {
  Latencies l;
  l.record(100, 0.1);
  l.record(100, std::nullopt);
  l.record(109, 0.3);
  EXPECT_EQ(l.recent(109).count(), 2U);
  EXPECT_EQ(l.recent(110).count(), 1U);
  EXPECT_EQ(l.recent(130).count(), 0U);
  EXPECT_EQ(l.total().count(), 2U);
  EXPECT_EQ(l.records(), 3);
  EXPECT_DOUBLE_EQ(l.rate(101), 2.0 / Latencies::kRateSeconds);
  EXPECT_DOUBLE_EQ(l.rate(100), 0) << "the present second is not over";
}

}  // namespace
}  // namespace longspan::demo
