#include "mirror/schemas/embedded/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace longspan::embedded {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Request, SplitsAPathBeforeItIsDecoded) {
  EXPECT_THAT(split_path("/"), IsEmpty());
  EXPECT_THAT(split_path("/subjects/a%2Fb%25/versions"),
              ElementsAre("subjects", "a/b%", "versions"));
  EXPECT_THAT(split_path("/subjects/%3A.east%3Aa+b"), ElementsAre("subjects", ":.east:a+b"));
  EXPECT_THAT(split_path("/subjects/:.east:a/"), ElementsAre("subjects", ":.east:a"));
  EXPECT_THAT(split_path("/a%2"), ElementsAre("a%2"));
  EXPECT_THAT(split_path("/a%zz"), ElementsAre("a%zz"));
}

TEST(Request, ReadsAQuery) {
  const Query query("deleted=true&subjectPrefix=%3A*%3Aa+b&force&x=1=2");
  EXPECT_TRUE(query.is_true("deleted"));
  EXPECT_FALSE(query.is_true("force"));
  EXPECT_TRUE(query.has("force"));
  EXPECT_FALSE(query.has("permanent"));
  EXPECT_EQ(query.text("subjectPrefix"), ":*:a b");
  EXPECT_EQ(query.text("x"), "1=2");
}

TEST(Request, TellsHowDeeplyJsonIsNested) {
  const std::string opened(kJsonNestingMax, '[');
  EXPECT_FALSE(is_nested_too_deeply(opened));
  EXPECT_TRUE(is_nested_too_deeply(opened + "["));
  EXPECT_FALSE(is_nested_too_deeply(opened + R"(]{"a[\"[[":1})"));
  EXPECT_TRUE(is_nested_too_deeply(opened + R"("\\"{)"));
}

TEST(Request, AnErrorSaysItsCodeAndMessage) {
  EXPECT_EQ(error_answer(ErrorCode::subject_not_found, "no \"a\"").body,
            R"({"error_code":40401,"message":"no \"a\""})");
  EXPECT_EQ(error_answer(ErrorCode::incompatible, "").status, 409);
  EXPECT_EQ(error_answer(ErrorCode::forwarding, "").status, 500);
  // Bytes of a request that are not text do not break the answer.
  EXPECT_EQ(plain_error(404, "\xff").status, 404);
}

}  // namespace
}  // namespace longspan::embedded
