// Dead letters are shown whatever bytes they hold.
#include "cli/views/letters_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace longspan {
namespace {

using testing::HasSubstr;

ShownLetter shown() {
  ShownLetter out{Offset{7},
                  {{"orders", 3}, Offset{42}, "east->west", "east.orders", {}, {}, {}, {}}};
  out.letter.error_class = "org.apache.kafka.common.errors.RecordTooLargeException";
  out.letter.error_message = "cannot write: MSG_SIZE_TOO_LARGE";
  out.letter.refused_at = {1'795'222'900'000};
  out.letter.record = {
      "key", std::string("\x00\xff", 2), {1'700'000'000'000}, {{"h", std::nullopt}}};
  return out;
}

TEST(LettersView, ATableHasALineEach) {
  const auto text = letters_table({shown()}, {});
  EXPECT_THAT(text, HasSubstr("orders:3"));
  EXPECT_THAT(text, HasSubstr("42"));
  EXPECT_THAT(text, HasSubstr(" RecordTooLargeException"));
  EXPECT_EQ(letters_table({}, {}), "no dead letters\n");
}

TEST(LettersView, OneInFullShowsBytesThatAreNoText) {
  const auto text = letter_text(shown());
  EXPECT_THAT(text, HasSubstr("key        key\n"));
  EXPECT_THAT(text, HasSubstr("value      0x00ff\n"));
  EXPECT_THAT(text, HasSubstr("header     h = null\n"));
  EXPECT_THAT(text, HasSubstr("org.apache.kafka.common.errors.RecordTooLargeException"));
}

TEST(LettersView, WhatARecordHoldsDoesNothingToTheTerminal) {
  auto evil = shown();
  evil.letter.record.key = "k\x7f\nvalue      fine";
  EXPECT_THAT(letter_text(evil), HasSubstr("key        k\\x7f\\nvalue      fine\n"));
}

TEST(LettersView, JsonTellsTextFromBytesAndNull) {
  auto two = shown();
  two.letter.record.value.reset();
  const auto json = nlohmann::json::parse(letters_json("east->west", {shown(), two}));
  const auto& first = json.at("letters").at(0);
  EXPECT_EQ(first.at("letter"), 7);
  EXPECT_EQ(first.at("key"), "key");
  EXPECT_EQ(first.at("value_hex"), "00ff");
  EXPECT_TRUE(first.at("headers").at(0).at("value").is_null());
  EXPECT_TRUE(json.at("letters").at(1).at("value").is_null());
}

}  // namespace
}  // namespace longspan
