#include "cli/config/java_names.h"

#include <algorithm>
#include <array>

#include "cli/config/client_security.h"

namespace longspan {
namespace {

constexpr auto kAny = ClientRole::any;
constexpr auto kConsumer = ClientRole::consumer;
constexpr auto kProducer = ClientRole::producer;
constexpr auto kSame = JavaFate::same;
constexpr auto kRenamed = JavaFate::renamed;
constexpr auto kOurs = JavaFate::ours;
constexpr auto kJavaOnly = JavaFate::java_only;
constexpr auto kRefused = JavaFate::refused;
constexpr auto kSecurity = JavaFate::security;

constexpr std::string_view kNoGroup = "the source is read without a consumer group";
constexpr std::string_view kBytes = "records are bytes, there are no serializers";
constexpr std::string_view kNoMetrics = "metrics are at http.listen, /metrics";
constexpr std::string_view kOpenSsl = "OpenSSL decides";
constexpr std::string_view kRetries =
    "a record is retried until it is written, or its partition is parked";

constexpr auto kNames = std::to_array<JavaName>({
    // Every client.
    {"bootstrap.servers", kAny, kSame, "", "", ""},
    {"client.id", kAny, kOurs, "", "", "clients are named longspan|A->B|..."},
    {"client.rack", kAny, kSame, "", "", ""},
    {"client.dns.lookup", kAny, kSame, "", "", ""},
    {"metadata.max.age.ms", kAny, kSame, "", "", ""},
    {"metadata.recovery.*", kAny, kSame, "", "", ""},
    {"metadata.max.idle.ms", kAny, kOurs, "", "", "the topics of a flow are always known"},
    {"reconnect.backoff.ms", kAny, kSame, "", "", ""},
    {"reconnect.backoff.max.ms", kAny, kOurs, "", "",
     "at most 2 s, so that a cut is over as soon as the network is back"},
    {"connections.max.idle.ms", kAny, kSame, "", "", ""},
    {"socket.connection.setup.timeout.ms", kAny, kSame, "", "", ""},
    {"socket.connection.setup.timeout.max.ms", kAny, kJavaOnly, "", "",
     "socket.connection.setup.timeout.ms is not stretched"},
    {"request.timeout.ms", kProducer, kSame, "", "", ""},
    {"request.timeout.ms", kAny, kRenamed, "socket.timeout.ms", "", ""},
    {"default.api.timeout.ms", kAny, kOurs, "", "", "see admin.timeout.ms"},
    {"retries", kAny, kOurs, "", "", kRetries},
    {"retry.backoff.ms", kAny, kSame, "", "", ""},
    {"retry.backoff.max.ms", kAny, kSame, "", "", ""},
    {"receive.buffer.bytes", kAny, kRenamed, "socket.receive.buffer.bytes", "", ""},
    {"send.buffer.bytes", kAny, kRenamed, "socket.send.buffer.bytes", "", ""},
    {"interceptor.classes", kAny, kJavaOnly, "", "", "a Java class cannot be loaded"},
    {"metric.reporters", kAny, kJavaOnly, "", "", kNoMetrics},
    {"metrics.*", kAny, kJavaOnly, "", "", kNoMetrics},
    {"auto.include.jmx.reporter", kAny, kJavaOnly, "", "", kNoMetrics},
    {"enable.metrics.push", kAny, kOurs, "", "false", "clients push no metrics to brokers"},
    {"security.providers", kAny, kJavaOnly, "", "", kOpenSsl},

    // Security.
    {"security.protocol", kAny, kSecurity, "security.protocol", "", ""},
    {"sasl.mechanism", kAny, kSecurity, "sasl.mechanism", "", ""},
    {"sasl.mechanisms", kAny, kSecurity, "sasl.mechanism", "", ""},
    {"sasl.jaas.config", kAny, kSecurity,
     "sasl.username, sasl.password, sasl.kerberos.*, sasl.oauthbearer.*", "", ""},
    {"sasl.client.callback.handler.class", kAny, kRefused, "", "",
     "a Java class cannot be loaded (AWS_MSK_IAM is one: use SCRAM or TLS certificates)"},
    {"sasl.login.callback.handler.class", kAny, kSecurity,
     "sasl.oauthbearer.method=oidc, for Kafka's own and Strimzi's OAuth handlers", "", ""},
    {"sasl.login.class", kAny, kRefused, "", "", "a Java class cannot be loaded"},
    {"sasl.login.*", kAny, kJavaOnly, "", "", "the client library refreshes logins by itself"},
    {"sasl.kerberos.service.name", kAny, kSame, "", "", ""},
    {"sasl.kerberos.kinit.cmd", kAny, kSame, "", "", ""},
    {"sasl.kerberos.min.time.before.relogin", kAny, kSame, "", "", ""},
    {"sasl.kerberos.ticket.*", kAny, kJavaOnly, "", "",
     "the client library renews tickets by itself"},
    {"sasl.oauthbearer.token.endpoint.url", kAny, kSecurity, "sasl.oauthbearer.token.endpoint.url",
     "", ""},
    {"sasl.oauthbearer.client.credentials.client.id", kAny, kSecurity, "sasl.oauthbearer.client.id",
     "", ""},
    {"sasl.oauthbearer.client.credentials.client.secret", kAny, kSecurity,
     "sasl.oauthbearer.client.secret", "", ""},
    {"sasl.oauthbearer.scope", kAny, kSame, "", "", ""},
    {"sasl.oauthbearer.jwks.*", kAny, kJavaOnly, "", "", "only brokers check tokens"},
    {"sasl.oauthbearer.expected.*", kAny, kJavaOnly, "", "", "only brokers check tokens"},
    {"sasl.oauthbearer.clock.skew.seconds", kAny, kJavaOnly, "", "", "only brokers check tokens"},
    {"ssl.truststore.type", kAny, kSecurity, "", "", ""},
    {"ssl.truststore.location", kAny, kSecurity, "ssl.ca.location (PEM only)", "", ""},
    {"ssl.truststore.certificates", kAny, kSecurity, "ssl.ca.pem", "", ""},
    {"ssl.truststore.password", kAny, kSecurity, "", "", ""},
    {"ssl.keystore.type", kAny, kSecurity, "", "", ""},
    {"ssl.keystore.location", kAny, kSecurity,
     "ssl.keystore.location (PKCS12), ssl.certificate.location and ssl.key.location (PEM)", "", ""},
    {"ssl.keystore.password", kAny, kSecurity, "ssl.keystore.password", "", ""},
    {"ssl.keystore.certificate.chain", kAny, kSecurity, "ssl.certificate.pem", "", ""},
    {"ssl.keystore.key", kAny, kSecurity, "ssl.key.pem", "", ""},
    {"ssl.key.password", kAny, kSecurity, "ssl.key.password", "", ""},
    {"ssl.endpoint.identification.algorithm", kAny, kSecurity,
     "ssl.endpoint.identification.algorithm", "", ""},
    {"ssl.engine.factory.class", kAny, kRefused, "", "", "a Java class cannot be loaded"},
    {"ssl.cipher.suites", kAny, kSecurity, "ssl.cipher.suites (OpenSSL's names)", "", ""},
    {"ssl.protocol", kAny, kJavaOnly, "", "", kOpenSsl},
    {"ssl.enabled.protocols", kAny, kJavaOnly, "", "", kOpenSsl},
    {"ssl.provider", kAny, kJavaOnly, "", "", kOpenSsl},
    {"ssl.trustmanager.algorithm", kAny, kJavaOnly, "", "", kOpenSsl},
    {"ssl.keymanager.algorithm", kAny, kJavaOnly, "", "", kOpenSsl},
    {"ssl.secure.random.implementation", kAny, kJavaOnly, "", "", kOpenSsl},

    // Reading.
    {"fetch.min.bytes", kConsumer, kSame, "", "", ""},
    {"fetch.max.bytes", kConsumer, kSame, "", "", ""},
    {"fetch.max.wait.ms", kConsumer, kRenamed, "fetch.wait.max.ms", "", ""},
    {"max.partition.fetch.bytes", kConsumer, kSame, "", "", ""},
    {"check.crcs", kConsumer, kOurs, "", "true", "checksums are always checked"},
    {"isolation.level", kConsumer, kOurs, "", "read_committed",
     "the source is always read read_committed"},
    {"auto.offset.reset", kConsumer, kOurs, "", "earliest latest",
     "only earliest or latest, for partitions that are there when the flow is first seen"},
    {"enable.auto.commit", kConsumer, kOurs, "", "false", "positions are kept in the state topic"},
    {"auto.commit.interval.ms", kConsumer, kOurs, "", "", "see position.interval.ms"},
    {"group.id", kConsumer, kOurs, "", "", kNoGroup},
    {"group.instance.id", kConsumer, kOurs, "", "", kNoGroup},
    {"group.protocol", kConsumer, kOurs, "", "", kNoGroup},
    {"session.timeout.ms", kConsumer, kOurs, "", "",
     "the source is read without a consumer group; see ownership.session.timeout.ms"},
    {"heartbeat.interval.ms", kConsumer, kOurs, "", "", kNoGroup},
    {"max.poll.interval.ms", kConsumer, kOurs, "", "", kNoGroup},
    {"max.poll.records", kConsumer, kOurs, "", "", "memory.limit bounds what is read ahead"},
    {"partition.assignment.strategy", kConsumer, kOurs, "", "", kNoGroup},
    {"exclude.internal.topics", kConsumer, kOurs, "", "", "see topics.exclude"},
    {"allow.auto.create.topics", kConsumer, kOurs, "", "false",
     "nothing is ever made at the source"},
    {"key.deserializer", kConsumer, kJavaOnly, "", "", kBytes},
    {"value.deserializer", kConsumer, kJavaOnly, "", "", kBytes},

    // Writing.
    {"linger.ms", kProducer, kSame, "", "", ""},
    {"batch.size", kProducer, kSame, "", "", ""},
    {"max.request.size", kProducer, kRenamed, "message.max.bytes", "", ""},
    {"compression.type", kProducer, kOurs, "", "none gzip snappy lz4 zstd",
     "taken for the key compression"},
    {"compression.gzip.level", kProducer, kRenamed, "compression.level", "", ""},
    {"compression.lz4.level", kProducer, kRenamed, "compression.level", "", ""},
    {"compression.zstd.level", kProducer, kRenamed, "compression.level", "", ""},
    {"acks", kProducer, kOurs, "", "all -1",
     "always all: anything less loses records when a broker dies"},
    {"enable.idempotence", kProducer, kOurs, "", "true",
     "always on: it keeps order with several requests in flight"},
    {"max.in.flight.requests.per.connection", kProducer, kOurs, "", "1 2 3 4 5",
     "at most 5: more would lose order"},
    {"delivery.timeout.ms", kProducer, kOurs, "", "", kRetries},
    {"max.block.ms", kProducer, kOurs, "", "", "nothing blocks: reading pauses instead"},
    {"buffer.memory", kProducer, kOurs, "", "", "memory.limit bounds what is in flight"},
    {"partitioner.*", kProducer, kOurs, "", "", "a record keeps its partition"},
    {"transactional.id", kProducer, kOurs, "", "",
     "longspan.A.B.SLOT with exactly.once.source.support=enabled"},
    {"transaction.timeout.ms", kProducer, kOurs, "", "",
     "the flow's transaction.timeout.ms decides"},
    {"key.serializer", kProducer, kJavaOnly, "", "", kBytes},
    {"value.serializer", kProducer, kJavaOnly, "", "", kBytes},
});

bool named(const JavaName& row, std::string_view name) {
  if (!row.java.ends_with('*')) return row.java == name;
  return name.starts_with(row.java.substr(0, row.java.size() - 1));
}

bool has_word(std::string_view words, std::string_view word) {
  const std::string padded = " " + std::string(words) + " ";
  return padded.find(" " + std::string(word) + " ") != std::string::npos;
}

// Java says -1 for "the system's default" and for "never"; librdkafka says 0.
std::string native_value(std::string_view java, const std::string& value) {
  static constexpr auto kMinusOneIsZero = std::to_array<std::string_view>(
      {"receive.buffer.bytes", "send.buffer.bytes", "connections.max.idle.ms"});
  const bool zero =
      std::find(kMinusOneIsZero.begin(), kMinusOneIsZero.end(), java) != kMinusOneIsZero.end();
  return zero && value == "-1" ? "0" : value;
}

void ignore(const JavaName& row, const Property& property, Findings& findings) {
  if (row.fate == JavaFate::ours && has_word(row.harmless, property.value)) return;
  findings.warn(property.line, property.text() + " is ignored: " + std::string(row.reason));
}

}  // namespace

std::span<const JavaName> java_names() { return kNames; }

const JavaName* find_java_name(std::string_view name, ClientRole role) {
  for (const JavaName& row : kNames) {
    const bool fits = row.role == ClientRole::any || row.role == role;
    if (fits && named(row, name)) return &row;
  }
  return nullptr;
}

std::vector<NativeProperty> to_native(const ClientSettings& settings, ClientRole role,
                                      Findings& findings) {
  std::vector<NativeProperty> out = security_properties(settings, findings);
  for (const auto& [name, property] : settings) {
    const JavaName* row = find_java_name(name, role);
    if (row == nullptr || row->fate == JavaFate::same) {
      out.push_back({name, native_value(name, property->value), property});
      continue;
    }
    switch (row->fate) {
      case JavaFate::renamed:
        out.push_back({std::string(row->native), native_value(name, property->value), property});
        break;
      case JavaFate::refused:
        findings.error(property->line,
                       property->text() + " cannot be honoured: " + std::string(row->reason));
        break;
      case JavaFate::ours:
      case JavaFate::java_only:
        ignore(*row, *property, findings);
        break;
      case JavaFate::same:
      case JavaFate::security:
        break;
    }
  }
  return out;
}

}  // namespace longspan
