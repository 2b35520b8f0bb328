#include "cli/config/registries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/config/load.h"
#include "cli/config/show.h"

namespace longspan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

LoadedConfig load(const std::string& text) {
  const Surroundings around{[](const std::string&) { return std::nullopt; },
                            [&](const std::string&) { return text; }};
  return load_config_from({"f", {}}, around,
                          [](const ClusterConfig&) { return std::vector<Error>{}; });
}

// The row begins on line 8.
const std::string kBase =
    "clusters=A,B\nA.bootstrap.servers=a:1\nB.bootstrap.servers=b:1\nA->B.enabled=true\n"
    "offset-syncs.topic.location=target\nemit.checkpoints.enabled=false\n"
    "sync.topic.acls.enabled=false\n";

TEST(Registries, AreOfTheirClusters) {
  const auto loaded = load(kBase +
                           "A.schema.registry.url=http://a1:8081, http://a2:8081\n"
                           "A.schema.registry.basic.auth.user.info=alice:se:cret\n"
                           "A.schema.registry.topic=_schemas\n"
                           "B.schema.registry.url=https://b/apis/ccompat/v7\n"
                           "B.schema.registry.bearer.auth.issuer.endpoint.url=https://sso/token\n"
                           "B.schema.registry.bearer.auth.client.id=mirror\n"
                           "B.schema.registry.bearer.auth.client.secret=hush-hush\n"
                           "B.schema.registry.request.timeout.ms=2000\n");
  EXPECT_THAT(loaded.errors, IsEmpty());
  EXPECT_THAT(loaded.warnings, IsEmpty());
  ASSERT_EQ(loaded.flows.size(), 1U);
  const RegistrySettings& source = loaded.flows[0].source.registry;
  EXPECT_THAT(source.urls, ElementsAre("http://a1:8081", "http://a2:8081"));
  const auto* basic = std::get_if<BasicLogin>(&source.login);
  ASSERT_NE(basic, nullptr);
  EXPECT_EQ(basic->user, "alice");
  EXPECT_EQ(basic->password, "se:cret");
  EXPECT_EQ(source.topic, "_schemas");
  const RegistrySettings& target = loaded.flows[0].target.registry;
  const auto* oauth = std::get_if<OauthLogin>(&target.login);
  ASSERT_NE(oauth, nullptr);
  EXPECT_EQ(oauth->client_secret, "hush-hush");
  EXPECT_EQ(target.limits.total_timeout, std::chrono::seconds(2));
  const std::string shown = describe(loaded);
  EXPECT_THAT(shown, HasSubstr("schema.registry.url = http://a1:8081"));
  EXPECT_THAT(shown, Not(HasSubstr("hush-hush")));
}

TEST(Registries, AnswerIsNoneWithoutAUrl) {
  const auto loaded = load(kBase);
  EXPECT_THAT(loaded.flows[0].source.registry.urls, IsEmpty());
}

struct Row {
  const char* name;
  std::string text;
  std::string wanted;  // the one error
};

TEST(Registries, WrongValuesAreErrorsWithTheirLines) {
  const Row rows[] = {
      {"no_colon", "A.schema.registry.url=http://a\nA.schema.registry.basic.auth.user.info=alice",
       "f:9: A.schema.registry.basic.auth.user.info is not USER:PASSWORD"},
      {"two_logins",
       "A.schema.registry.url=http://a\nA.schema.registry.basic.auth.user.info=a:hush\n"
       "A.schema.registry.bearer.auth.token=another",
       "f:9: more than one login: keep one of A.schema.registry.basic.auth.user.info, "},
      {"oauth_alone",
       "A.schema.registry.url=http://a\n"
       "A.schema.registry.bearer.auth.issuer.endpoint.url=https://sso/token\n"
       "A.schema.registry.bearer.auth.client.id=me",
       "f:9: A.schema.registry.bearer.auth.issuer.endpoint.url needs"},
      {"java_store",
       "A.schema.registry.url=http://a\nA.schema.registry.ssl.truststore.location=/etc/ca.jks",
       "is a Java store"},
      {"no_url", "A.schema.registry.url=a:8081", "f:8: A.schema.registry.url: "},
      {"same_registry", "A.schema.registry.url=http://a\nB.schema.registry.url=http://a",
       "A.schema.registry.url and B.schema.registry.url are the same"},
      {"pattern", "schema.subjects=a(", "f:8: "},
      {"context", "schema.target.context=east",
       "f:8: schema.target.context=east is no context: they begin with a dot"},
      {"rename", "A->B.schema.subject.rename=prefix", "is not one of policy, none"},
      {"timeout", "A.schema.registry.request.timeout.ms=1", "is not in 100..600000"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const auto loaded = load(kBase + row.text + "\n");
    EXPECT_THAT(loaded.errors, ElementsAre(HasSubstr(row.wanted)));
    for (const auto& error : loaded.errors) EXPECT_THAT(error, Not(HasSubstr("hush")));
  }
}

TEST(Registries, AKeyBehindAFlowIsToldWhereItBelongs) {
  const auto loaded = load(kBase + "A->B.schema.registry.url=http://a\n");
  EXPECT_THAT(loaded.errors, IsEmpty());
  EXPECT_THAT(loaded.warnings,
              ElementsAre(HasSubstr("belongs to a cluster, write A.schema.registry.url")));
}

}  // namespace
}  // namespace longspan
