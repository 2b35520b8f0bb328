#include "mirror/topics/name_patterns.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace longspan {
namespace {

NamePatterns patterns(std::vector<std::string> texts) {
  auto made = NamePatterns::make(std::move(texts), "topics");
  EXPECT_TRUE(made.has_value()) << made.error().text();
  return *made;
}

TEST(NamePatterns, MatchWholeNames) {
  struct Row {
    const char* pattern;
    const char* name;
    bool matches;
  };
  for (const Row& row : {
           Row{"orders", "orders", true},
           Row{"orders", "orders2", false},
           Row{"orders", "my-orders", false},
           Row{"orders.eu", "orders-eu", true},  // a plain name is an expression too
           Row{"a|ab", "ab", true},              // the first alternative fits, but not to the end
           Row{".*", "", true},
           Row{R"(.*[\-\.]internal)", "x.internal", true},
           Row{R"(.*[\-\.]internal)", "x_internal", false},
           Row{"(?i)ORDERS", "orders", true},
           Row{"orders$", "orders\n", false},
           Row{R"(\Q[a&&b]\E)", "[a&&b]", true},
           Row{R"([\[&]+)", "[&", true},
           Row{"[]x]+", "x]", true},
           Row{R"(db\d+\.(?!secret).*)", "db1.orders", true},
           Row{R"(db\d+\.(?!secret).*)", "db1.secret", false},
       }) {
    EXPECT_EQ(patterns({row.pattern}).matches(row.name), row.matches)
        << row.pattern << " on " << row.name;
  }
}

TEST(NamePatterns, TellsWhichPatternMatched) {
  const auto list = patterns({"a.*", "", "b.*", "bc"});
  EXPECT_EQ(list.hit("bc").pattern, "b.*");
  EXPECT_EQ(list.hit("x").pattern, std::nullopt);
  EXPECT_EQ(list.text(), "a.*,b.*,bc");
  EXPECT_FALSE(NamePatterns().matches(""));
  EXPECT_FALSE(patterns({}).matches("x"));
}

TEST(NamePatterns, CopiesGoOnWhenTheOriginalIsGone) {
  NamePatterns copy;
  {
    const auto original = patterns({"orders"});
    copy = original;
  }
  EXPECT_TRUE(copy.matches("orders"));
}

TEST(NamePatterns, NamesTheBadPatternAndThePosition) {
  struct Row {
    const char* pattern;
    const char* part_of_the_error;
  };
  for (const Row& row : {
           Row{"ab(c", "the pattern 'ab(c' is not valid at position 4"},
           Row{"a[b", "the pattern 'a[b' is not valid at position 3"},
           Row{"*.orders", "is not valid at position 0"},
           Row{"x[a[bc]]", "is not valid at position 3: a class within a class"},
           Row{"x[a-z&&[^b]]", "is not valid at position 5: an intersection of classes"},
           Row{"(*ACCEPT)x", "is not valid at position 1"},
           Row{"trailing\\", "is not valid at position 9"},
       }) {
    const auto made = NamePatterns::make({"fine", row.pattern}, "topics.exclude");
    ASSERT_FALSE(made.has_value()) << row.pattern;
    EXPECT_NE(made.error().text().find(row.part_of_the_error), std::string::npos)
        << made.error().text();
    EXPECT_EQ(made.error().where, "key=topics.exclude");
    EXPECT_EQ(made.error().next, Next::stop_process);
  }
}

// Without a limit this takes some 2^60 steps.
TEST(NamePatterns, GivesUpOnAPatternThatBacktracksWithoutEnd) {
  const auto list = patterns({"(a|a)*[yz]", "a*!"});
  const std::string name = std::string(60, 'a') + "!";
  const PatternHit hit = list.hit(name);
  EXPECT_EQ(hit.pattern, "a*!") << "the other patterns still count";
  const PatternHit alone = patterns({"(a|a)*[yz]"}).hit(name);
  EXPECT_EQ(alone.pattern, std::nullopt);
  ASSERT_TRUE(alone.undecided.has_value());
  EXPECT_NE(alone.undecided->find("'(a|a)*[yz]' gave up: match limit exceeded"), std::string::npos)
      << *alone.undecided;
}

}  // namespace
}  // namespace longspan
