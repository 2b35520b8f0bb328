#include "cli/config/properties.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "cli/config/jaas.h"
#include "cli/config/load.h"
#include "cli/config/secrets.h"

namespace longspan {
namespace {

std::string flat(const std::vector<Property>& properties) {
  std::string out;
  for (const Property& p : properties) {
    out += std::to_string(p.line) + "[" + p.key + "|" + p.value + "]";
  }
  return out;
}

struct Row {
  const char* name;
  std::string text;
  const char* wanted;
};

class Properties : public testing::TestWithParam<Row> {};

TEST_P(Properties, ReadAsJavaReadsThem) {
  Findings findings("f");
  EXPECT_EQ(flat(parse_properties(GetParam().text, findings)), GetParam().wanted);
  EXPECT_TRUE(findings.errors().empty());
  EXPECT_TRUE(findings.warnings().empty());
}

INSTANTIATE_TEST_SUITE_P(
    Syntax, Properties,
    testing::Values(Row{"empty", "", ""}, Row{"equals", "a=b", "1[a|b]"},
                    Row{"spaces", " a = b  ", "1[a|b]"}, Row{"colon", "a:b", "1[a|b]"},
                    Row{"blank", "a b c", "1[a|b c]"}, Row{"tab", "a\tb", "1[a|b]"},
                    Row{"second_separator_is_value", "a==b", "1[a|=b]"},
                    Row{"blank_then_equals", "a  = b", "1[a|b]"}, Row{"no_value", "a", "1[a|]"},
                    Row{"empty_value", "a=\nb=1", "1[a|]2[b|1]"},
                    Row{"comments", "# x\n! y\n  # z\na=1#2", "4[a|1#2]"},
                    Row{"comment_is_not_continued", "# x \\\na=1", "2[a|1]"},
                    Row{"crlf", "a=1\r\nb=2\r\n", "1[a|1]2[b|2]"},
                    Row{"cr", "a=1\rb=2", "1[a|1]2[b|2]"},
                    Row{"continued", "a=1,\\\n   2,\\\n   3\nb=4", "1[a|1,2,3]4[b|4]"},
                    Row{"continued_crlf", "a=1\\\r\n 2", "1[a|12]"},
                    Row{"continued_before_separator", "a\\\n  =1", "1[a|1]"},
                    Row{"two_slashes_do_not_continue", "a=1\\\\\nb=2", "1[a|1\\]2[b|2]"},
                    Row{"slash_at_the_end", "a=1\\", "1[a|1]"},
                    Row{"flow_key", "east->west.topics=.*", "1[east->west.topics|.*]"},
                    Row{"escaped_arrow", "A\\->B.topics=x", "1[A->B.topics|x]"},
                    Row{"escaped_separators_in_key", "a\\ b\\=c\\:d = e", "1[a b=c:d|e]"},
                    Row{"escapes", "a=\\t1\\n2\\r3\\q", "1[a|1\n2\r3q]"},
                    Row{"regex_loses_one_slash", "topics=a\\.b, c\\\\.d", "1[topics|a.b, c\\.d]"},
                    Row{"unicode", "a=\\u00e4\\u20AC", "1[a|\xc3\xa4\xe2\x82\xac]"},
                    Row{"surrogates", "a=\\ud83d\\ude00", "1[a|\xf0\x9f\x98\x80]"},
                    Row{"utf8", "a=\xc3\xa4", "1[a|\xc3\xa4]"},
                    Row{"bom",
                        "\xef\xbb\xbf"
                        "a=1",
                        "1[a|1]"}),
    [](const auto& row) { return row.param.name; });

class BadProperties : public testing::TestWithParam<Row> {};

TEST_P(BadProperties, AreAnErrorWithItsLine) {
  Findings findings("f");
  (void)parse_properties(GetParam().text, findings);
  ASSERT_EQ(findings.errors().size(), 1U);
  EXPECT_NE(findings.errors()[0].find(GetParam().wanted), std::string::npos)
      << findings.errors()[0];
}

INSTANTIATE_TEST_SUITE_P(
    Syntax, BadProperties,
    testing::Values(Row{"short_unicode", "x=1\na=\\u12", "f:2: malformed"},
                    Row{"not_hex", "a=\\u12g4", "f:1: malformed"},
                    Row{"half_surrogate", "a=\\ud83d", "f:1: malformed"},
                    Row{"low_surrogate_first", "a=\\ude00\\ud83d", "f:1: malformed"},
                    Row{"nul", std::string("a=1\nb=\0", 7), "f:2: a NUL"},
                    Row{"escaped_nul", "a=\\u0000", "f:1: a NUL"},
                    Row{"no_key", "a=1\n=2", "f:2: a value without a key"},
                    Row{"latin1", "a=1\nb=\xe4", "f:2: bytes that are not UTF-8"},
                    Row{"overlong", "a=\xc0\xaf", "f:1: bytes that are not UTF-8"},
                    Row{"encoded_surrogate", "a=\xed\xa0\x80", "f:1: bytes that are not UTF-8"},
                    Row{"too_large", std::string(kPropertiesBytesMax + 1, 'a'),
                        "f: is larger than 1048576 bytes"}),
    [](const auto& row) { return row.param.name; });

TEST(PropertiesTwice, LastWinsAndBothLinesAreNamed) {
  Findings findings("f");
  EXPECT_EQ(flat(parse_properties("a=1\nb=2\na=3", findings)), "3[a|3]2[b|2]");
  ASSERT_EQ(findings.warnings().size(), 1U);
  EXPECT_EQ(findings.warnings()[0], "f:3: a stands also on line 1; this one is used");
}

Surroundings made_up() {
  return {[](const std::string& name) -> std::optional<std::string> {
            if (name == "SET") return "from-env ";
            return std::nullopt;
          },
          [](const std::string& path) -> std::optional<std::string> {
            if (path == "/s.properties") return "k = v1\nnested=${env:SET}\n";
            if (path == "/d/token") return "tok\n";
            return std::nullopt;
          }};
}

class Secrets : public testing::TestWithParam<Row> {};

TEST_P(Secrets, AreReplacedOnce) {
  Findings findings("f");
  auto properties = parse_properties(GetParam().text, findings);
  expand_secrets(properties, made_up(), findings);
  const std::string errors = findings.failed() ? findings.errors()[0] : "";
  EXPECT_EQ(properties.back().value + "#" + errors, GetParam().wanted);
  EXPECT_EQ(properties.back().secret, std::string(GetParam().name).find("plain") != 0);
}

INSTANTIATE_TEST_SUITE_P(
    Providers, Secrets,
    testing::Values(
        Row{"env", "a=${env:SET}", "from-env#"},
        Row{"env_empty_path", "a=${env::SET}", "from-env#"},
        Row{"in_the_middle", "a=x${env:SET}y${env:SET}", "xfrom-envyfrom-env#"},
        Row{"file", "a=${file:/s.properties:k}", "v1#"},
        Row{"not_expanded_again", "a=${file:/s.properties:nested}", "${env:SET}#"},
        Row{"directory", "a=${dir:/d:token}", "tok#"},
        Row{"named_provider",
            "config.providers.p.class=org.apache.kafka.common.config.provider.FileConfigProvider\n"
            "a=${p:/s.properties:k}",
            "v1#"},
        Row{"plain_without_colon", "a=${x}", "${x}#"},
        Row{"plain_open", "a=${env:SET", "${env:SET#"},
        Row{"unset", "a=${env:NO}", "#f:1: a: the environment variable NO is not set"},
        Row{"no_file", "a=${file:/x:k}", "#f:1: a: cannot read /x, needed for k"},
        Row{"no_key", "a=${file:/s.properties:z}", "#f:1: a: /s.properties has no key z"},
        Row{"no_name", "a=${file:/s.properties}",
            "#f:1: a: ${file:/s.properties} needs a path and a name: ${file:PATH:NAME}"},
        Row{"out_of_directory", "a=${dir:/d:../x}", "#f:1: a: ../x is not a file name"},
        Row{"unknown_provider", "a=${vault:x:y}",
            "#f:1: a: ${vault:...} is no known provider: env, file, dir, or a "
            "config.providers.vault.class of Kafka's own three"}),
    [](const auto& row) { return row.param.name; });

TEST(SecretKeys, AreToldByTheirName) {
  for (const char* key : {"A.ssl.keystore.password", "A.sasl.jaas.config", "ssl.key.pem",
                          "A.ssl.keystore.key", "sasl.oauthbearer.client.secret"}) {
    EXPECT_TRUE(is_secret_key(key)) << key;
  }
  for (const char* key : {"topics", "A.ssl.keystore.location", "ssl.truststore.type",
                          "ssl.key.location", "A.bootstrap.servers"}) {
    EXPECT_FALSE(is_secret_key(key)) << key;
  }
}

class JaasLines : public testing::TestWithParam<Row> {};

TEST_P(JaasLines, GiveModuleAndOptions) {
  const auto jaas = parse_jaas(GetParam().text);
  std::string out = jaas ? jaas->module : "error " + jaas.error().what;
  if (jaas) {
    for (const auto& [name, value] : jaas->options) out += "," + name + "=" + value;
  }
  EXPECT_EQ(out, GetParam().wanted);
}

INSTANTIATE_TEST_SUITE_P(
    Syntax, JaasLines,
    testing::Values(
        Row{"plain", R"(o.a.PlainLoginModule required username="a" password="b c";)",
            "PlainLoginModule,password=b c,username=a"},
        Row{"single_quotes_no_blanks", "X required a='1'b=2;", "X,a=1,b=2"},
        Row{"escaped_quote", R"(X required p="a\"b;=";)", "X,p=a\"b;="},
        Row{"no_options", "X required;", "X"},
        Row{"no_semicolon", "X required a=\"b\"", "error does not end in a semicolon"},
        Row{"open_quote", "X required a=\"b;", "error has a quote that is not closed"},
        Row{"no_value", "X required a=;", "error has an option that is not name=\"value\""},
        Row{"two_modules", "X required; Y required;", "error names more than one login module"},
        Row{"empty", "", "error names no login module"}),
    [](const auto& row) { return row.param.name; });

// Random edits of a file with everything in it: parsed without a crash, each error on a line that
// exists, and never a secret in a message.
TEST(PropertiesMutated, NeverCrashNorTellSecrets) {
  const char* given = std::getenv("LONGSPAN_SEED");
  const unsigned seed =
      given != nullptr ? static_cast<unsigned>(std::atoi(given)) : std::random_device{}();
  SCOPED_TRACE("LONGSPAN_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  const auto original = real_surroundings().file("tests/fixtures/config/everything.properties");
  ASSERT_TRUE(original.has_value());
  const std::string pieces[] = {
      "\\", "\\u", "\\ud83d", "=", "\n", "${env:", "}", "->", ".", "\"", "\x80"};
  for (int round = 0; round < 150; ++round) {
    std::string text = *original;
    for (unsigned edit = 0; edit < 1 + random() % 8; ++edit) {
      const std::size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text.erase(at, random() % 20);
          break;
        case 1:
          text.insert(at, pieces[random() % std::size(pieces)]);
          break;
        default:
          text[at] = static_cast<char>(random() % 256);
      }
    }
    const Surroundings around{
        [](const std::string&) { return std::optional<std::string>("s3cr3t-env"); },
        [&](const std::string& path) {
          return std::optional<std::string>(path == "m" ? text : "secret=s3cr3t-file");
        }};
    const auto loaded =
        load_config_from({"m", {}}, around, [](const auto&) { return std::vector<Error>(); });
    for (const auto* lines : {&loaded.errors, &loaded.warnings}) {
      for (const std::string& line : *lines)
        EXPECT_EQ(line.find("s3cr3t"), std::string::npos) << line;
    }
  }
}

}  // namespace
}  // namespace longspan
