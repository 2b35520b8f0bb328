#include "mirror/schemas/registry_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longspan {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(RegistryUrl, EncodesSubjects) {
  struct Row {
    const char* text;
    const char* encoded;
  };
  for (const Row& row : {
           Row{"orders-value", "orders-value"},
           Row{":.east:orders-value", "%3A.east%3Aorders-value"},
           Row{":*:", "%3A%2A%3A"},
           Row{"com/acme/Order", "com%2Facme%2FOrder"},
           Row{"a b+c%20", "a%20b%2Bc%2520"},
           Row{"Z\xc3\xbcrich~_", "Z%C3%BCrich~_"},
           Row{"?x=1&y#z", "%3Fx%3D1%26y%23z"},
           Row{".", "%2E"},
           Row{"..", "%2E%2E"},
           Row{"...", "..."},
           Row{"\xff\n", "%FF%0A"},
           Row{"", ""},
       }) {
    EXPECT_EQ(percent_encoded(row.text), row.encoded);
  }
}

TEST(RegistryUrl, IsTakenApart) {
  struct Row {
    const char* text;
    const char* base;
    const char* user;  // empty: none
    const char* password;
  };
  for (const Row& row : {
           Row{"http://registry:8081", "http://registry:8081", "", ""},
           Row{"https://registry:8081/", "https://registry:8081", "", ""},
           Row{" HTTPS://registry/apis/ccompat/v7// ", "HTTPS://registry/apis/ccompat/v7", "", ""},
           Row{"http://[::1]:8081", "http://[::1]:8081", "", ""},
           Row{"https://ann:secret@registry/x", "https://registry/x", "ann", "secret"},
           Row{"https://a%40b:p%2Fq%3a%zz@registry", "https://registry", "a@b", "p/q:%zz"},
           Row{"https://ann:p@ss@registry", "https://registry", "ann", "p@ss"},
           Row{"https://ann@registry", "https://registry", "ann", ""},
       }) {
    const auto parsed = parse_registry_url(row.text);
    ASSERT_TRUE(parsed) << row.text;
    EXPECT_EQ(parsed->base, row.base);
    ASSERT_EQ(parsed->login.has_value(), *row.user != '\0') << row.text;
    if (!parsed->login) continue;
    EXPECT_EQ(parsed->login->user, row.user);
    EXPECT_EQ(parsed->login->password, row.password);
  }
}

TEST(RegistryUrl, WhatIsNoneIsNamedWithoutItsPassword) {
  for (const char* text :
       {"", "registry:8081", "ftp://ann:secret@registry", "http://", "http:///x",
        "https://ann:secret@", "https://ann:secret@:8081", "https://ann:sec/secret@registry",
        "https://ann:secret@registry?x=1", "https://ann:secret@registry#x",
        "https://ann:secret@regi stry", "https://ann:secret@registry\r\nHost: other"}) {
    const auto parsed = parse_registry_url(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().next, Next::stop_process);
    EXPECT_THAT(parsed.error().text(), HasSubstr("is no address of a registry"));
    EXPECT_THAT(parsed.error().text(), Not(HasSubstr("secret"))) << text;
  }
}

TEST(RegistryUrl, Base64) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

TEST(RegistrySettings, WhatCannotWorkIsFoundBeforeItIsTried) {
  const auto with_login = [](RegistryLogin login) {
    RegistrySettings settings;
    settings.urls = {"https://registry"};
    settings.login = std::move(login);
    return settings;
  };
  EXPECT_FALSE(settings_mistake(with_login({})));
  EXPECT_FALSE(settings_mistake(with_login(BasicLogin{"ann", "se:cret"})));
  EXPECT_FALSE(settings_mistake(with_login(OauthLogin{"https://id/token?a=b", "me", "x", ""})));

  std::vector<RegistrySettings> wrong = {
      RegistrySettings{},
      with_login(BasicLogin{"", "secret"}),
      with_login(BasicLogin{"an:n", "secret"}),
      with_login(BearerLogin{"secret\r\nX: y"}),
      with_login(BearerLogin{""}),
      with_login(OauthLogin{"https://ann:secret@id/token", "me", "secret", ""}),
      with_login(OauthLogin{"https://id/token", "", "secret", ""}),
      with_login(OauthLogin{"", "me", "secret", ""}),
      with_login(BasicLogin{"ann", "secret"}),
      with_login({}),
      with_login({}),
  };
  wrong[8].urls = {"https://ann:secret@registry"};
  wrong[9].urls = {"https://registry", "registry"};
  wrong[10].identity_pool = "pool\nsecret";
  for (std::size_t row = 0; row < wrong.size(); ++row) {
    const auto mistake = settings_mistake(wrong[row]);
    ASSERT_TRUE(mistake) << row;
    EXPECT_EQ(mistake->next, Next::stop_process);
    EXPECT_THAT(mistake->text(), Not(HasSubstr("secret"))) << row;
  }
}

}  // namespace
}  // namespace longspan
