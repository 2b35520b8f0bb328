#include "lagcalc/printable.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

TEST(Printable, WhatATerminalMightObeyIsSpelled) {
  EXPECT_EQ(printable("orders group ware house"), "orders group ware house");
  EXPECT_EQ(printable("\x1b[2Jgone\x1b]0;title\x07"), "\\x1b[2Jgone\\x1b]0;title\\x07");
  EXPECT_EQ(printable("one\ntwo\r\tthree\x7f"), "one\\ntwo\\r\\tthree\\x7f");
  EXPECT_EQ(printable("gr\xc3\xbc\xc3\x9f \xe2\x82\xac"), "gr\xc3\xbc\xc3\x9f \xe2\x82\xac");
  EXPECT_EQ(printable("C1 \xc2\x9b"
                      "31m"),
            "C1 \\xc2\\x9b31m");
  EXPECT_EQ(printable("a\xe2\x80\xae"
                      "b\xe2\x80\xa8"
                      "c\xe2\x81\xa6"
                      "d\xd8\x9c"
                      "e\xe2\x80\x8f"),
            "a\\xe2\\x80\\xaeb\\xe2\\x80\\xa8c\\xe2\\x81\\xa6d\\xd8\\x9ce\\xe2\\x80\\x8f");
  EXPECT_EQ(printable("\xe2\x80\x93 \xe2\x86\x92"), "\xe2\x80\x93 \xe2\x86\x92");
  EXPECT_EQ(printable("cut \xe2\x82"), "cut \\xe2\\x82");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(printable(""), "");
}

TEST(Printable, LinesStay) {
  EXPECT_EQ(printable_lines("a\x1b\nb\n"), "a\\x1b\nb\n");
  EXPECT_EQ(printable_lines("a\tb"), "a\\tb");
}

}  // namespace
}  // namespace longspan
