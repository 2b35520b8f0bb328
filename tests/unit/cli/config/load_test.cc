#include "cli/config/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "cli/config/show.h"

namespace longspan {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

std::vector<Error> accept_all(const ClusterConfig&) { return {}; }

// Refuses `bad.value` and does not know `fooo`, in the words of the client library.
std::vector<Error> strict(const ClusterConfig& cluster) {
  for (const auto& [name, value] : cluster.common) {
    if (name == "fooo") {
      return {
          {Next::stop_process, 0, "x refuses fooo: No such configuration property: \"fooo\"", ""}};
    }
    if (value == "bad.value") {
      return {{Next::stop_process, 0, "x refuses " + name + ": Invalid value \"bad.value\"", ""}};
    }
  }
  return {};
}

Surroundings with_file(const std::string& text) {
  return {[](const std::string& name) -> std::optional<std::string> {
            if (name.ends_with("PASSWORD")) return "s3cr3t-env";
            return std::nullopt;
          },
          [text](const std::string& path) -> std::optional<std::string> {
            if (path == "f") return text;
            if (path.starts_with("/")) return "secret=s3cr3t-file\neu.keystore=s3cr3t-file\n";
            return std::nullopt;
          }};
}

LoadedConfig load(const std::string& text, const CheckProperties& check = accept_all) {
  return load_config_from({"f", {}}, with_file(text), check);
}

// A flow that runs, and nothing that would be warned about, for rows to add to.
const std::string kBase =
    "clusters=A,B,C\nA.bootstrap.servers=a:1\nB.bootstrap.servers=b:1\nA->B.enabled=true\n"
    "offset-syncs.topic.location=target\nemit.checkpoints.enabled=false\n"
    "sync.topic.acls.enabled=false\n";  // the row begins on line 8

TEST(Load, TheBaseOfTheTablesBelowIsClean) {
  const auto loaded = load(kBase);
  EXPECT_THAT(loaded.errors, IsEmpty());
  EXPECT_THAT(loaded.warnings, IsEmpty());
  ASSERT_EQ(loaded.flows.size(), 1U);
  EXPECT_EQ(loaded.flows[0].name(), "A->B");
}

struct Row {
  const char* name;
  std::string text;
  std::string wanted;  // the one finding
};

class WrongValue : public testing::TestWithParam<Row> {};
TEST_P(WrongValue, IsOneErrorWithItsLine) {
  const auto loaded = load(kBase + GetParam().text, strict);
  EXPECT_THAT(loaded.errors, ElementsAre(HasSubstr(GetParam().wanted)));
}
INSTANTIATE_TEST_SUITE_P(
    Keys, WrongValue,
    testing::Values(
        Row{"number", "slots=x", "f:8: slots=x is not a whole number"},
        Row{"range", "slots=1001", "f:8: slots=1001 is not in 1..1000"},
        Row{"empty_number", "slots=", "f:8: slots= is not a whole number"},
        Row{"exporter", "trace.exporter=jaeger", "f:8: trace.exporter=jaeger is not"},
        Row{"endpoint", "trace.endpoint=otel:4317", "f:8: trace.endpoint is not a URL of http"},
        Row{"endpoint_login", "metrics.endpoint=http://u:p@otel",
            "f:8: metrics.endpoint is not a URL of http or https without user and password"},
        Row{"overflow", "slots=99999999999999999999", "is not a whole number"},
        Row{"milliseconds", "A->B.park.retry.ms=1",
            "f:8: A->B.park.retry.ms=1 is not in 100..3600000 (milliseconds)"},
        Row{"seconds", "refresh.topics.interval.seconds=0", "is not in 1..86400 (seconds)"},
        Row{"bytes", "memory.limit=1KiB", "f:8: memory.limit=1KiB is not in 64MiB..1024GiB"},
        Row{"bytes_overflow", "memory.limit=99999999999999GiB", "is not a number of bytes"},
        Row{"boolean", "sync.topic.configs.enabled=1",
            "f:8: sync.topic.configs.enabled=1 is not true or false"},
        Row{"word", "on.data.loss=skip", "on.data.loss=skip is not one of stop, continue"},
        Row{"filter_class", "topic.filter.class=com.example.Mine",
            "topic.filter.class=com.example.Mine is not DefaultTopicFilter: a Java class cannot be "
            "loaded"},
        Row{"policy_class", "replication.policy.class=com.example.Mine",
            "is not one of DefaultReplicationPolicy, IdentityReplicationPolicy"},
        Row{"exactly_once_of_target", "B.exactly.once.source.support=preparing",
            "f:8: B.exactly.once.source.support=preparing is not needed here"},
        Row{"exactly_once_syncs",
            "exactly.once.source.support=enabled\noffset-syncs.topic.location=source",
            "needs offset-syncs.topic.location=target"},
        Row{"transaction_timeout",
            "transaction.timeout.ms=1000\ntransaction.commit.interval.ms=500",
            "must be at least four times transaction.commit.interval.ms"},
        Row{"pattern", "A->B.topics.exclude=(a", "f:8: "},
        Row{"groups_pattern", "groups=[", "f:8: "},
        Row{"listen", "http.listen=nowhere", "f:8: http.listen=nowhere is not HOST:PORT or off"},
        Row{"transforms", "A->B.transforms=x",
            "f:8: A->B.transforms=x cannot be honoured: records are copied byte for byte"},
        Row{"bootstrap_form", "A->B.source.cluster.bootstrap.servers=a",
            "f:8: A->B.source.cluster.bootstrap.servers=a is not host:port"},
        Row{"bootstrap_port", "A->B.source.cluster.bootstrap.servers=a:99999", "is not host:port"},
        Row{"same_cluster", "A->B.target.cluster.bootstrap.servers=a:1",
            "A and B have the same bootstrap.servers"},
        Row{"missing_bootstrap", "B->C.enabled=true", "f: C.bootstrap.servers is missing"},
        Row{"protocol", "A.security.protocol=TLS",
            "A.security.protocol=TLS is not one of PLAINTEXT, SSL"},
        Row{"no_mechanism", "A.security.protocol=SASL_SSL", "needs sasl.mechanism"},
        Row{"msk_iam", "A.sasl.mechanism=AWS_MSK_IAM", "is a Java plug-in"},
        Row{"jaas_form", "A.sasl.mechanism=PLAIN\nA.sasl.jaas.config=X required a=\"s3cr3t\"",
            "f:9: A.sasl.jaas.config does not end in a semicolon"},
        Row{"jaas_module",
            "A.sasl.mechanism=PLAIN\nA.sasl.jaas.config=c.Mine required a=\"s3cr3t\";",
            "names a login module that is not PlainLoginModule"},
        Row{"jaas_mismatch",
            "A.sasl.mechanism=PLAIN\nA.sasl.jaas.config=ScramLoginModule required username=\"u\" "
            "password=\"s3cr3t\";",
            "logs in by SCRAM, but sasl.mechanism is another"},
        Row{"jks_truststore", "A.ssl.truststore.location=/t.jks",
            "keytool -list -rfc -keystore /t.jks"},
        Row{"p12_truststore", "A.ssl.truststore.location=/t.p12", "openssl pkcs12 -in /t.p12"},
        Row{"jks_keystore", "A.ssl.keystore.location=/k", "keytool -importkeystore"},
        Row{"identification", "A.ssl.endpoint.identification.algorithm=ldap",
            "is not https, or empty"},
        Row{"library", "A.consumer.fetch.min.bytes=bad.value",
            "f:8: A.consumer.fetch.min.bytes=bad.value is refused by the client library: Invalid "
            "value"},
        Row{"relation", "ownership.session.timeout.ms=1000\nposition.interval.ms=900",
            "f:8: A->B: ownership.session.timeout.ms must be at least twice position.interval.ms"},
        Row{"relation_syncs",
            "emit.offset-syncs.enabled=false\nA->B.offset-syncs.topic.location=source",
            "f:9: A->B: offset-syncs.topic.location needs emit.offset-syncs.enabled=true"},
        Row{"callback_class", "A.sasl.client.callback.handler.class=x.Y",
            "cannot be honoured: a Java class"}),
    [](const auto& row) { return row.param.name; });

class Warned : public testing::TestWithParam<Row> {};
TEST_P(Warned, OnceWithItsLine) {
  const auto loaded = load(kBase + GetParam().text, strict);
  EXPECT_THAT(loaded.errors, IsEmpty());
  EXPECT_THAT(loaded.warnings, ElementsAre(HasSubstr(GetParam().wanted)));
}
INSTANTIATE_TEST_SUITE_P(
    Keys, Warned,
    testing::Values(
        Row{"alias_slip", "AC.bootstrap.servers=x",
            "f:8: unknown key AC.bootstrap.servers, did you mean A.bootstrap.servers?"},
        Row{"unknown_near", "A->B.topic=x",
            "f:8: unknown key A->B.topic, did you mean A->B.topics?"},
        Row{"comment_behind", "A->B.topics=orders # all of them",
            "f:8: A->B.topics: the # and what follows it belong to the value"},
        Row{"unknown_far", "qqqqqqqq=x", "f:8: unknown key qqqqqqqq is ignored"},
        Row{"unknown_alias", "A->D.enabled=true", "A->D.enabled is ignored: D is not in clusters"},
        Row{"idle_flow", "B->A.topics=x",
            "f:8: B->A has settings but does not run: it needs B->A.enabled = true"},
        Row{"flow_key_of_cluster", "B.replication.factor=3",
            "belongs to a flow, write A->B.replication.factor"},
        Row{"process_key_of_flow", "A->B.memory.limit=1GiB", "memory.limit belongs to the process"},
        Row{"connect_key", "B.key.converter=x", "f:8: B.key.converter is ignored: bytes are kept"},
        Row{"acks", "B.producer.acks=1", "B.producer.acks=1 is ignored: always all"},
        Row{"idempotence", "producer.enable.idempotence=false", "always on"},
        Row{"isolation", "A.consumer.isolation.level=read_uncommitted",
            "always read read_committed"},
        Row{"reset_none", "A.consumer.auto.offset.reset=none", "only earliest or latest"},
        Row{"unknown_property", "A.consumer.fooo=1",
            "f:8: A.consumer.fooo is ignored: the client library has no property fooo"},
        Row{"defaults_from", "use.defaults.from=source", "the target's own defaults apply"},
        Row{"group_offsets", "sync.group.offsets.enabled=true",
            "f:8: no committed offsets are written yet; write sync.group.offsets.enabled=false"},
        Row{"no_topics", "topics=", "A->B: topics is empty"},
        Row{"java_ciphers", "A.ssl.cipher.suites=TLS_AES_128_GCM_SHA256", "these are Java's names"},
        Row{"twice", "slots=1\nslots=2", "f:9: slots stands also on line 8"}),
    [](const auto& row) { return row.param.name; });

class Quiet : public testing::TestWithParam<Row> {};
TEST_P(Quiet, HasNothingToSay) {
  const auto loaded = load(kBase + GetParam().text, strict);
  EXPECT_THAT(loaded.errors, IsEmpty());
  EXPECT_THAT(loaded.warnings, IsEmpty());
}
INSTANTIATE_TEST_SUITE_P(
    Keys, Quiet,
    testing::Values(
        Row{"mm2_forced",
            "consumer.enable.auto.commit=false\nproducer.acks=all\nproducer.max.in.flight.requests."
            "per.connection=1",
            ""},
        Row{"worker", "B.group.id=x\nB.offset.storage.replication.factor=1", ""},
        Row{"idle_cluster", "C.bootstrap.servers=c:1\nC.consumer.fetch.min.bytes=1", ""},
        Row{"disabled_flow", "B->A.enabled=false\nB->A.topics=[", ""},
        Row{"mm2_poll_timeout", "consumer.poll.timeout.ms=1000\nadmin.timeout.ms=30000", ""},
        Row{"class_names",
            "replication.policy.class=org.apache.kafka.connect.mirror."
            "DefaultReplicationPolicy\ntopic.filter.class=DefaultTopicFilter",
            ""},
        Row{"upper_case_words", "sync.topic.configs.enabled=TRUE\nA.security.protocol=plaintext",
            ""}),
    [](const auto& row) { return row.param.name; });

struct ClustersRow {
  const char* name;
  std::string clusters;
  std::string wanted;
};
class Clusters : public testing::TestWithParam<ClustersRow> {};
TEST_P(Clusters, AliasesThatCannotBeAreRefused) {
  EXPECT_THAT(load(GetParam().clusters).errors, ElementsAre(HasSubstr(GetParam().wanted)));
}
INSTANTIATE_TEST_SUITE_P(
    Aliases, Clusters,
    testing::Values(ClustersRow{"dot", "clusters=a.b,B,C", "f:1: clusters: alias a.b has a dot"},
                    ClustersRow{"blank", "clusters=a b,B,C", "characters other than letters"},
                    ClustersRow{"long_name", "clusters=" + std::string(101, 'a') + ",B,C",
                                "is longer than 100"},
                    ClustersRow{"twice", "clusters=A,B,A", "f:1: clusters: A stands there twice"},
                    ClustersRow{"one", "clusters=A", "names fewer than two clusters"},
                    ClustersRow{"none", "a=b", "f: clusters is missing"},
                    ClustersRow{"no_flow", "clusters=A,B",
                                "no flow is enabled: write A->B.enabled = true"}),
    [](const auto& row) { return row.param.name; });

TEST(Load, FlowOverBareOverDefaultAndOldNamesBehindNewOnes) {
  const auto loaded =
      load(kBase +
           "B->A.enabled=true\nreplication.factor=2\nA->B.replication.factor=3\n"
           "A->B.topics.blacklist=x\ntopics.exclude=y\nsync.topic.configs.interval.seconds=7\n");
  ASSERT_EQ(loaded.flows.size(), 2U);
  EXPECT_EQ(loaded.flows[0].replication_factor, 3);
  EXPECT_EQ(loaded.flows[1].replication_factor, 2);
  EXPECT_EQ(loaded.flows[0].topics.exclude_text(), "x");
  EXPECT_EQ(loaded.flows[1].topics.exclude_text(), "y");
  EXPECT_EQ(loaded.flows[0].sync_topic_configs_interval, std::chrono::seconds(7));
  EXPECT_EQ(loaded.flows[0].refresh_topics_interval, std::chrono::seconds(5));
}

TEST(Load, ClientScopesWinInTheOrderOfMirrorMaker) {
  const auto loaded =
      load(kBase +
           "consumer.linger=bare\nA->B.consumer.linger=flow\nA.consumer.linger=cluster\n"
           "consumer.other=bare\nA->B.consumer.other=flow\n"
           "A.consumer.third=cluster\nA->B.source.consumer.third=side\n"
           "sasl.kerberos.service.name=kafka\nB.consumer.fourth=1\n"
           "A->B.producer.override.fifth=1\nB.producer.fifth=2\n");
  ASSERT_EQ(loaded.flows.size(), 1U);
  const ClusterConfig& source = loaded.flows[0].source;
  EXPECT_THAT(source.consumer, Contains(Pair("linger", "cluster")));
  EXPECT_THAT(source.consumer, Contains(Pair("other", "flow")));
  EXPECT_THAT(source.consumer, Contains(Pair("third", "side")));
  EXPECT_THAT(source.consumer, Not(Contains(Pair("fourth", "1"))));
  EXPECT_THAT(source.common, Contains(Pair("sasl.kerberos.service.name", "kafka")));
  EXPECT_THAT(loaded.flows[0].target.consumer, Contains(Pair("fourth", "1")));
  EXPECT_THAT(loaded.flows[0].target.producer, ElementsAre(Pair("fifth", "1")));
}

TEST(Load, JavaNamesBecomeTheLibrarys) {
  const auto loaded = load(kBase +
                           "A.consumer.fetch.max.wait.ms=1\nA.request.timeout.ms=2\n"
                           "A.receive.buffer.bytes=-1\nB.producer.request.timeout.ms=3\n"
                           "B.producer.max.request.size=4\nB.producer.compression.type=zstd\n"
                           "A.consumer.auto.offset.reset=latest\n");
  ASSERT_EQ(loaded.flows.size(), 1U);
  const FlowConfig& flow = loaded.flows[0];
  EXPECT_THAT(flow.source.consumer, ElementsAre(Pair("fetch.wait.max.ms", "1")));
  EXPECT_THAT(flow.source.common, Contains(Pair("socket.timeout.ms", "2")));
  EXPECT_THAT(flow.source.common, Contains(Pair("socket.receive.buffer.bytes", "0")));
  EXPECT_THAT(flow.target.producer, Contains(Pair("request.timeout.ms", "3")));
  EXPECT_THAT(flow.target.producer, Contains(Pair("message.max.bytes", "4")));
  EXPECT_EQ(flow.compression, "zstd");
  EXPECT_EQ(flow.start_from, StartFrom::latest);
}

TEST(Load, LoginsAndCertificatesBecomeTheLibrarys) {
  const auto loaded = load_config_from(
      {"tests/fixtures/config/active_active.properties", {}},
      [] {
        Surroundings around = with_file("");
        const auto made_up = around.file;
        around.file = [made_up](const std::string& path) {
          return path.starts_with("tests/") ? real_surroundings().file(path) : made_up(path);
        };
        return around;
      }(),
      accept_all);
  EXPECT_THAT(loaded.errors, IsEmpty());
  ASSERT_EQ(loaded.flows.size(), 2U);
  const ClientProperties& us = loaded.flows[0].source.common;
  EXPECT_THAT(us, Contains(Pair("sasl.username", "mirror")));
  EXPECT_THAT(us, Contains(Pair("sasl.password", "s3cr3t-env")));
  EXPECT_THAT(us, Contains(Pair("ssl.ca.location", "/etc/ssl/us-ca.pem")));
  const ClientProperties& eu = loaded.flows[0].target.common;
  EXPECT_THAT(eu, Contains(Pair("ssl.keystore.location", "/etc/ssl/mirror.p12")));
  EXPECT_THAT(eu, Contains(Pair("ssl.keystore.password", "s3cr3t-file")));
  EXPECT_THAT(eu, Contains(Pair("ssl.endpoint.identification.algorithm", "none")));
  EXPECT_EQ(loaded.process.threads, 12);  // the largest tasks.max
  EXPECT_EQ(loaded.flows[0].compression, "zstd");
  EXPECT_EQ(loaded.flows[0].start_from, StartFrom::latest);
  EXPECT_EQ(loaded.flows[1].start_from, StartFrom::earliest);
  const std::string shown = describe(loaded);
  EXPECT_THAT(shown, Not(HasSubstr("s3cr3t")));
  EXPECT_THAT(shown, HasSubstr("sasl.password = <hidden>"));
}

TEST(Load, EveryErrorAtOnceInTheOrderOfTheLines) {
  const auto loaded = load(
      "clusters=A,B\nslots=0\nA.bootstrap.servers=a\nmemory.limit=x\nA->B.enabled=maybe\n"
      "compression=lz5\nB.bootstrap.servers=${env:NOT_THERE}\ntopics=(\ntransforms=y\n");
  EXPECT_THAT(loaded.errors,
              ElementsAre(HasSubstr("f:2: slots=0"), HasSubstr("f:3: A.bootstrap"),
                          HasSubstr("f:4: memory.limit"), HasSubstr("f:5: A->B.enabled=maybe"),
                          HasSubstr("f:6: compression=lz5"), HasSubstr("f:7: B.bootstrap.servers:"),
                          HasSubstr("f:7: B.bootstrap.servers is not"), HasSubstr("f:8: "),
                          HasSubstr("f:9: transforms=y")));
}

TEST(Load, SecretsAreInNoMessage) {
  const auto quoting = [](const ClusterConfig& c) {  // a library that quotes what it refuses
    return std::vector<Error>{{Next::stop_process, 0, "no: \"" + c.common[0].second + "\"", ""}};
  };
  const auto loaded = load(kBase +
                               "A.ssl.key.password=s3cr3t-own\nA.sasl.mechanism=PLAIN\n"
                               "A.sasl.jaas.config=PlainLoginModule required username=\"u\" "
                               "password=\"s3cr3t-jaas\";\nB.producer.linger.ms=${env:X_PASSWORD}\n"
                               "slots=${env:X_PASSWORD}\nA->B.passwort=${env:X_PASSWORD}\n"
                               "B.sasl.password=s3cr3t-twice\nB.sasl.password=s3cr3t-again\n",
                           quoting);
  EXPECT_GT(loaded.errors.size(), 4U);
  for (const auto* lines : {&loaded.errors, &loaded.warnings}) {
    EXPECT_THAT(*lines, Not(Contains(HasSubstr("s3cr3t"))));
  }
  EXPECT_THAT(loaded.errors, Contains(HasSubstr("f:12: slots is not a whole number")));
}

// Found by PropertiesMutated, LONGSPAN_SEED=2286186262: a lost quote made the password a part of
// the module's name, which the message repeated.
TEST(Load, AModuleNameThatSwallowedAPasswordIsNotTold) {
  const auto loaded = load(kBase +
                           "A.sasl.mechanism=PLAIN\n"
                           "A.sasl.jaas.config=org.common${env:X_PASSWORD} required;\n");
  EXPECT_THAT(loaded.errors,
              ElementsAre(HasSubstr("f:9: A.sasl.jaas.config names a login module")));
  EXPECT_THAT(loaded.errors, Not(Contains(HasSubstr("s3cr3t"))));
}

TEST(Load, OnlyFlowsIntoTheClustersAskedFor) {
  const std::string both = kBase + "B->A.enabled=true\n";
  const auto into_a = load_config_from({"f", {"A"}}, with_file(both), accept_all);
  ASSERT_EQ(into_a.flows.size(), 1U);
  EXPECT_EQ(into_a.flows[0].name(), "B->A");
  EXPECT_THAT(load_config_from({"f", {"D"}}, with_file(both), accept_all).errors,
              ElementsAre("f: --clusters=D is not in the file's clusters"));
  EXPECT_THAT(load_config_from({"f", {"C"}}, with_file(both), accept_all).errors,
              ElementsAre("f: no enabled flow leads to the clusters of --clusters"));
}

TEST(Load, ATopicThatWouldGoRoundInACircleIsRefused) {
  const std::string both = kBase +
                           "replication.policy.class=IdentityReplicationPolicy\n"
                           "A->B.topics=orders,.*x\nB->A.enabled=true\n";
  const auto circle = load(both + "B->A.topics=ord.*\n");
  EXPECT_THAT(circle.errors,
              ElementsAre(HasSubstr("f:9: A->B: topic orders would go round in a circle, for "
                                    "B->A mirrors it back")));
  EXPECT_THAT(load(both + "B->A.topics=other\n").errors, IsEmpty());
  EXPECT_THAT(load(both + "B->A.topics=ord.*\nB->A.topics.exclude=orders\n").errors, IsEmpty());
  // Also where the other way is another process's.
  EXPECT_THAT(
      load_config_from({"f", {"B"}}, with_file(both + "B->A.topics=ord.*\n"), accept_all).errors,
      ElementsAre(HasSubstr("circle")));
}

TEST(Load, AFileThatIsNotThereIsOneError) {
  EXPECT_THAT(load_config_from({"nope", {}}, with_file(""), accept_all).errors,
              ElementsAre("nope: cannot be read: No such file or directory"));
  auto nothing = with_file("");
  nothing.file = [](const std::string&) { return std::optional<std::string>(); };
  EXPECT_THAT(load_config_from({"/", {}}, nothing, accept_all).errors,
              ElementsAre("/: cannot be read: it is a directory"));
}

TEST(Load, MirrorMakersDefaultsThatDifferAreSaidOnce) {
  const auto loaded = load(
      "clusters=A,B\nA.bootstrap.servers=a:1\nB.bootstrap.servers=b:1\n"
      "A->B.enabled=true\nB->A.enabled=true\n");
  EXPECT_THAT(loaded.warnings, ElementsAre(HasSubstr("offset-syncs.topic.location=source"),
                                           HasSubstr("emit.checkpoints.enabled=false"),
                                           HasSubstr("sync.topic.acls.enabled=false")));
  EXPECT_EQ(loaded.flows[0].offset_syncs_location, SyncsLocation::target);
}

Surroundings with_variables(const std::string& text, std::map<std::string, std::string> variables) {
  Surroundings out = with_file(text);
  out.environment = [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  return out;
}

LoadedConfig load_with(const std::string& text, std::map<std::string, std::string> variables) {
  return load_config_from({"f", {}}, with_variables(kBase + text, std::move(variables)),
                          accept_all);
}

TEST(Telemetry, IsOffUnlessTheFileOrTheEnvironmentAsks) {
  EXPECT_FALSE(load(kBase).telemetry.traces.is_enabled);
  EXPECT_FALSE(load(kBase).telemetry.metrics.is_enabled);
  EXPECT_THAT(describe(load(kBase)), Not(HasSubstr("OTLP")));
  const auto by_file = load(kBase + "trace.exporter=otlp\ntrace.endpoint=http://otel:4318\n");
  EXPECT_THAT(by_file.errors, IsEmpty());
  EXPECT_EQ(by_file.telemetry.traces.url, "http://otel:4318/v1/traces");
  EXPECT_THAT(describe(by_file), HasSubstr("OTLP to http://otel:4318/v1/traces\n"));
  const auto by_variable = load_with("", {{"OTEL_METRICS_EXPORTER", "otlp"},
                                          {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"},
                                          {"OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"},
                                          {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://u:s3cr3t@m:1"}});
  EXPECT_FALSE(by_variable.telemetry.traces.is_enabled);
  EXPECT_TRUE(by_variable.telemetry.metrics.is_enabled);
  EXPECT_THAT(describe(by_variable), HasSubstr("OTLP as JSON to http://m:1/v1/metrics, gzip\n"));
  EXPECT_FALSE(load_with("trace.exporter=none\n", {{"OTEL_TRACES_EXPORTER", "otlp"}})
                   .telemetry.traces.is_enabled);
}

TEST(Telemetry, TellsWrongVariablesAndFilesThatCannotBeRead) {
  const std::map<std::string, std::string> variables{
      {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}, {"OTEL_EXPORTER_OTLP_CERTIFICATE", "gone.pem"}};
  EXPECT_THAT(load_with("", variables).warnings, IsEmpty());
  const auto loaded = load_with("trace.exporter=otlp\n", variables);
  EXPECT_THAT(loaded.warnings,
              ElementsAre("environment: OTEL_EXPORTER_OTLP_PROTOCOL is neither http/protobuf nor "
                          "http/json; http/protobuf is used"));
  EXPECT_THAT(loaded.errors, ElementsAre("environment: gone.pem of OTEL_EXPORTER_OTLP_* cannot be "
                                         "read"));
}

}  // namespace
}  // namespace longspan
