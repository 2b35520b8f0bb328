#include "cli/http/listen_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longspan {
namespace {

TEST(ListenAddress, ReadsNamesAddressesAndBrackets) {
  const auto v4 = parse_listen("127.0.0.1:9464");
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->host, "127.0.0.1");
  EXPECT_EQ(v4->port, 9464);
  const auto v6 = parse_listen("[::1]:0");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(url_of({"::1", 80}), "http://[::1]:80");
  EXPECT_EQ(url_of(*parse_listen("localhost:65535")), "http://localhost:65535");
}

TEST(ListenAddress, RefusesEverythingElseAndShowsTheForm) {
  for (const char* text :
       {"", "9464", ":9464", "host", "host:", "host:x", "host:65536", "host:-1", "host: 1",
        "host:1x", "::1:9464", "[]:1", "[::1", "http://host:1", "ho st:1"}) {
    const auto address = parse_listen(text);
    ASSERT_FALSE(address) << text;
    EXPECT_THAT(address.error().what, testing::HasSubstr("for example 127.0.0.1:9464")) << text;
  }
}

}  // namespace
}  // namespace longspan
