#include "tracing/export/export_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tracing/export/percent_pairs.h"

namespace longspan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TEST(ExportSettings, HaveOpenTelemetrysDefaults) {
  const ExportSettings found = read_export_settings({});
  EXPECT_TRUE(found.is_enabled);
  EXPECT_EQ(found.form, ExportForm::otlp_protobuf);
  EXPECT_EQ(found.url, "http://localhost:4318/v1/traces");
  EXPECT_TRUE(found.headers.empty());
  EXPECT_EQ(found.timeout, std::chrono::seconds(10));
  EXPECT_FALSE(found.is_gzip);
  EXPECT_EQ(found.schedule_delay, std::chrono::seconds(5));
  EXPECT_EQ(found.queue_max, 2048U);
  EXPECT_EQ(found.batch_max, 512U);
  EXPECT_EQ(*found.resource.find("service.name"), AttributeValue(std::string("longspan")));
  EXPECT_TRUE(found.problems.empty());
}

struct UrlRow {
  std::string general;
  std::string own;
  std::string url;  // empty: the default, and one problem
};

TEST(ExportSettings, MakeTheUrlOfItsEndpoint) {
  const UrlRow rows[] = {
      {"http://otel:4318", "", "http://otel:4318/v1/traces"},
      {"http://otel:4318/", "", "http://otel:4318/v1/traces"},
      {"https://otel/base/", "", "https://otel/base/v1/traces"},
      {"https://otel/base", "", "https://otel/base/v1/traces"},
      {"", "http://otel:4318", "http://otel:4318/"},
      {"", "http://otel:4318/", "http://otel:4318/"},
      {"", "http://otel:4318/my/traces", "http://otel:4318/my/traces"},
      {"", "https://otel/in?key=1", "https://otel/in?key=1"},
      {"http://general", "http://own/x", "http://own/x"},
      {"otel:4318", "", ""},
      {"grpc://otel:4317", "", ""},
      {"http://", "", ""},
      {"http:///x", "", ""},
      {"http://otel/x?y=1", "", ""},
      {"", "http://otel/x\r\ny: z", ""},
      {"", "ftp://otel/", ""},
  };
  for (const UrlRow& row : rows) {
    SCOPED_TRACE(row.general + " " + row.own);
    const ExportSettings found =
        read_export_settings({{"OTEL_EXPORTER_OTLP_ENDPOINT", row.general},
                              {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", row.own}});
    EXPECT_EQ(found.url, row.url.empty() ? "http://localhost:4318/v1/traces" : row.url);
    EXPECT_EQ(found.problems.size(), row.url.empty() ? 1U : 0U);
  }
}

TEST(ExportSettings, PreferTheSignalsVariable) {
  const Environment environment{{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"},
                                {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"},
                                {"OTEL_EXPORTER_OTLP_HEADERS", "a=1,b=2"},
                                {"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "c=3"},
                                {"OTEL_EXPORTER_OTLP_TIMEOUT", "1000"},
                                {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "2000"},
                                {"OTEL_EXPORTER_OTLP_COMPRESSION", "none"},
                                {"OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "gzip"},
                                {"OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca"},
                                {"OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "/own-ca"},
                                {"OTEL_EXPORTER_OTLP_CLIENT_KEY", "/key"},
                                {"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "/cert"}};
  const ExportSettings found = read_export_settings(environment);
  EXPECT_EQ(found.form, ExportForm::otlp_json);
  EXPECT_THAT(found.headers, ElementsAre(Pair("c", "3")));
  EXPECT_EQ(found.timeout, std::chrono::seconds(2));
  EXPECT_TRUE(found.is_gzip);
  EXPECT_EQ(found.certificate_file, "/own-ca");
  EXPECT_EQ(found.client_key_file, "/key");
  EXPECT_EQ(found.client_certificate_file, "/cert");
  EXPECT_TRUE(found.problems.empty());
  // An empty one is none.
  Environment emptied = environment;
  for (auto& [name, value] : emptied) {
    if (name.find("_TRACES_") != std::string::npos) value.clear();
  }
  const ExportSettings general = read_export_settings(emptied);
  EXPECT_EQ(general.form, ExportForm::otlp_protobuf);
  EXPECT_THAT(general.headers, ElementsAre(Pair("a", "1"), Pair("b", "2")));
  EXPECT_EQ(general.timeout, std::chrono::seconds(1));
}

struct BadRow {
  std::string name;
  std::string value;
};

TEST(ExportSettings, TellWhatIsNoValueAndGoOnWithTheDefault) {
  const BadRow rows[] = {
      {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"},
      {"OTEL_EXPORTER_OTLP_HEADERS", "secret"},
      {"OTEL_EXPORTER_OTLP_HEADERS", "a=secret%2"},
      {"OTEL_EXPORTER_OTLP_HEADERS", "a b=secret"},
      {"OTEL_EXPORTER_OTLP_HEADERS", "a=secret%0d%0ax: y"},
      {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "10s"},
      {"OTEL_EXPORTER_OTLP_TIMEOUT", "-1"},
      {"OTEL_EXPORTER_OTLP_TIMEOUT", "0"},
      {"OTEL_EXPORTER_OTLP_TIMEOUT", "99999999999999999999"},
      {"OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"},
      {"OTEL_SDK_DISABLED", "yes"},
      {"OTEL_TRACES_EXPORTER", "console"},
      {"OTEL_RESOURCE_ATTRIBUTES", "a=1,b"},
      {"OTEL_BSP_MAX_QUEUE_SIZE", "many"},
      {"OTEL_BSP_SCHEDULE_DELAY", "1.5"},
      {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4096"},
  };
  for (const BadRow& row : rows) {
    SCOPED_TRACE(row.name + "=" + row.value);
    const ExportSettings found = read_export_settings({{row.name, row.value}});
    ASSERT_EQ(found.problems.size(), 1U);
    EXPECT_THAT(found.problems[0], testing::StartsWith(row.name + " "));
    EXPECT_THAT(found.problems[0], testing::Not(HasSubstr("secret")));
    EXPECT_TRUE(found.is_enabled);
    EXPECT_EQ(found.form, ExportForm::otlp_protobuf);
    EXPECT_TRUE(found.headers.empty());
    EXPECT_EQ(found.timeout, std::chrono::seconds(10));
    EXPECT_EQ(found.resource.all().size(), 1U);
    EXPECT_LE(found.batch_max, found.queue_max);
  }
}

TEST(ExportSettings, AreSwitchedOffByVariables) {
  EXPECT_FALSE(read_export_settings({{"OTEL_SDK_DISABLED", "True"}}).is_enabled);
  EXPECT_TRUE(read_export_settings({{"OTEL_SDK_DISABLED", "false"}}).is_enabled);
  EXPECT_FALSE(read_export_settings({{"OTEL_TRACES_EXPORTER", "none"}}).is_enabled);
  EXPECT_TRUE(read_export_settings({{"OTEL_TRACES_EXPORTER", "otlp"}}).is_enabled);
}

TEST(ExportSettings, KnowZipkin) {
  const ExportSettings found =
      read_export_settings({{"OTEL_TRACES_EXPORTER", "zipkin"},
                            {"OTEL_EXPORTER_OTLP_HEADERS", "not=his"},
                            {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"},
                            {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://not-his"}});
  EXPECT_EQ(found.form, ExportForm::zipkin_json);
  EXPECT_EQ(found.url, "http://localhost:9411/api/v2/spans");
  EXPECT_TRUE(found.headers.empty());
  EXPECT_EQ(read_export_settings({{"OTEL_TRACES_EXPORTER", "zipkin"},
                                  {"OTEL_EXPORTER_ZIPKIN_ENDPOINT", "http://z/spans"}})
                .url,
            "http://z/spans");
}

TEST(ExportSettings, NameTheService) {
  const auto service = [](const Environment& environment) {
    return std::get<std::string>(*read_export_settings(environment).resource.find("service.name"));
  };
  EXPECT_EQ(service({{"OTEL_RESOURCE_ATTRIBUTES", "service.name=a%20b"}}), "a b");
  EXPECT_EQ(service({{"OTEL_RESOURCE_ATTRIBUTES", "service.name=a"}, {"OTEL_SERVICE_NAME", "b"}}),
            "b");
  const ExportSettings found = read_export_settings(
      {{"OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=prod, region=eu%2Cwest"}});
  EXPECT_EQ(*found.resource.find("region"), AttributeValue(std::string("eu,west")));
  EXPECT_EQ(found.resource.all().size(), 3U);
}

TEST(PercentPairs, AreDecoded) {
  EXPECT_EQ(read_percent_pairs(" a = 1 ,, b=x%3Dy=z,c="),
            (TextPairs{{"a", "1"}, {"b", "x=y=z"}, {"c", ""}}));
  EXPECT_EQ(read_percent_pairs(""), TextPairs{});
  EXPECT_EQ(read_percent_pairs("Authorization=Basic%20dXNlcjpwYXNz"),
            (TextPairs{{"Authorization", "Basic dXNlcjpwYXNz"}}));
  for (const std::string text : {"a", "=1", "a=%", "a=%4", "a=%4g", "%00%=1", "a=1,b"}) {
    EXPECT_EQ(read_percent_pairs(text), std::nullopt) << text;
  }
  EXPECT_EQ(read_percent_text("%41%ff%"), std::nullopt);
  EXPECT_EQ(read_percent_text("%41+%7e"), "A+~");
}

}  // namespace
}  // namespace longspan
