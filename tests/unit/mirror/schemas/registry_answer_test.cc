#include "mirror/schemas/registry_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longspan {
namespace {

using testing::HasSubstr;
using Kind = RegistryError::Kind;

const char* const kWhere = "GET https://r/subjects";

TEST(RegistryAnswer, ARefusalHasItsKindByStatusAndCode) {
  struct Row {
    int status;
    const char* body;
    Kind kind;
    int code;
  };
  for (const Row& row : {
           Row{401, "", Kind::forbidden, 0},
           Row{403, R"({"error_code":40301,"message":"no"})", Kind::forbidden, 40301},
           Row{404, "", Kind::unsupported, 0},
           Row{404, "<html>not found</html>", Kind::unsupported, 0},
           Row{404, R"({"error_code":404,"message":"HTTP 404 Not Found"})", Kind::unsupported, 404},
           Row{405, "", Kind::unsupported, 0},
           Row{405, R"({"error_code":405,"message":"no"})", Kind::unsupported, 405},
           Row{501, "", Kind::unsupported, 0},
           Row{404, R"({"error_code":40401,"message":"no"})", Kind::refused, 40401},
           Row{409, R"({"error_code":409,"message":"incompatible"})", Kind::refused, 409},
           Row{422, R"({"error_code":42205,"message":"no"})", Kind::refused, 42205},
           Row{422, R"({"message":"no"})", Kind::refused, 0},
           Row{400, "bad request", Kind::unintelligible, 0},
           Row{413, "<html>too large</html>", Kind::unintelligible, 0},
           Row{422, R"(["no"])", Kind::unintelligible, 0},
           Row{302, "", Kind::unintelligible, 0},
           Row{408, "", Kind::unreachable, 0},
           Row{429, "slow down", Kind::unreachable, 0},
           Row{500, R"({"error_code":50001,"message":"store"})", Kind::unreachable, 50001},
           Row{505, "", Kind::unreachable, 0},
       }) {
    const RegistryError error = refusal({row.status, row.body, {}, kWhere});
    EXPECT_EQ(error.kind, row.kind) << row.status << " " << row.body;
    EXPECT_EQ(error.code, row.code) << row.status << " " << row.body;
    EXPECT_EQ(error.status, row.status);
    EXPECT_EQ(error.where, kWhere);
  }
}

TEST(RegistryAnswer, OnlyCodesOfTheApiMeanThatThereIsNone) {
  const auto with = [](int status, int code) {
    return RegistryAnswer{status, "{\"error_code\":" + std::to_string(code) + "}", {}, kWhere};
  };
  for (const int code : {40401, 40402, 40403, 40408, 40409}) {
    EXPECT_TRUE(means_absent(with(404, code))) << code;
    EXPECT_FALSE(means_absent(with(422, code))) << code;
  }
  for (const int code : {0, 404, 40404, 40406, 42205}) EXPECT_FALSE(means_absent(with(404, code)));
  EXPECT_FALSE(means_absent({404, "", {}, kWhere}));
  EXPECT_TRUE(means_deleted(with(404, 40406)));
  EXPECT_TRUE(means_deleted(with(404, 40404)));
  EXPECT_FALSE(means_deleted(with(404, 40402)));
}

TEST(RegistryAnswer, ARedirectIsNamedWithoutItsPassword) {
  const RegistryError error = refusal({301, "", "https://ann:secret@other/x", kWhere});
  EXPECT_EQ(error.message, "it redirects to https://other/x");
}

TEST(RegistryAnswer, WordsAreBoundedAndWithoutControls) {
  const RegistryError page = unintelligible({200, std::string(300, 'x'), {}, kWhere}, "not a list");
  EXPECT_EQ(page.message, "not a list: " + std::string(200, 'x'));
  const RegistryError odd = unintelligible({200, "a\n\xff\x01z", {}, kWhere}, "not a list");
  EXPECT_EQ(odd.message, "not a list: a???z");

  std::string message;
  for (int i = 0; i < 600; ++i) message += "\xc3\xbc";
  const std::string body = R"({"error_code":42201,"message":"x)" + message + R"(\n"})";
  const RegistryError words = refusal({422, body, {}, kWhere});
  EXPECT_EQ(words.message.size(), 999U + 4U) << "cut between two characters";
  EXPECT_THAT(words.message, HasSubstr("\xc3\xbc ..."));
  EXPECT_EQ(refusal({422, R"({"message":"a\nb"})", {}, kWhere}).message, "a b");
}

TEST(RegistryAnswer, ABodyThatNestsWithoutEndIsNoJson) {
  const std::string deep(100'000, '[');
  EXPECT_EQ(refusal({422, deep, {}, kWhere}).kind, Kind::unintelligible);
}

}  // namespace
}  // namespace longspan
