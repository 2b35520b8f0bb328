#include "cli/options.h"

namespace longspan {
namespace {

using F = FlowConfig;
using P = ProcessConfig;
constexpr auto kProcess = Scope::process;
constexpr auto kCluster = Scope::cluster;
constexpr auto kFlow = Scope::flow;
constexpr auto kBool = OptionType::boolean;
constexpr auto kInteger = OptionType::integer;
constexpr auto kBytes = OptionType::bytes;
constexpr auto kMs = OptionType::milliseconds;
constexpr auto kSeconds = OptionType::seconds;
constexpr auto kText = OptionType::text;
constexpr auto kWord = OptionType::word;
constexpr auto kList = OptionType::list;
constexpr auto kPatterns = OptionType::patterns;
constexpr auto kLive = OnReload::live;
constexpr std::monostate kSettled;  // in cli/config/flows.cc
constexpr std::int64_t kMiB = 1 << 20;
constexpr std::int64_t kDayS = 86'400;

constexpr std::string_view kDefaultTopicsExclude = R"(.*[\-\.]internal, .*\.replica, __.*)";
constexpr std::string_view kDefaultConfigsExclude =
    R"(follower\.replication\.throttled\.replicas, leader\.replication\.throttled\.replicas, )"
    R"(message\.timestamp\.difference\.max\.ms, message\.timestamp\.type, )"
    R"(unclean\.leader\.election\.enable, min\.insync\.replicas)";
constexpr std::string_view kPolicies = "DefaultReplicationPolicy IdentityReplicationPolicy";
constexpr std::string_view kCompressions = "none gzip snappy lz4 zstd";

const auto kOptions = std::to_array<Option>({
    // The file.
    {"clusters", kProcess, kList, kSettled, "", 0, 0, "",
     "Aliases of the clusters this file speaks of; the words before `.` and around `->` in every "
     "other key",
     "", ""},
    {"enabled", kFlow, kBool, kSettled, "false", 0, 0, "",
     "Runs the flow; written as A->B.enabled=true", "", ""},

    // The process.
    {"memory.limit", kProcess, kBytes, &P::memory_limit_bytes, "512MiB", 64 * kMiB,
     1024 * 1024 * kMiB, "",
     "Memory of the process, save the inflated size of one batch per fetching thread; less of it "
     "means smaller fetches and partitions that pause earlier",
     "", ""},
    {"threads", kProcess, kInteger, &P::threads, "0", 0, 256, "",
     "Shards: threads that each serve their share of the partitions with one consumer and one "
     "producer; 0 is one per two cores; each takes its share of memory.limit",
     "", ""},
    {"http.listen", kProcess, kText, &P::http_listen, "127.0.0.1:9464", 0, 0, "",
     "HOST:PORT of /metrics, /healthz, /readyz and the JSON API; port 0 takes a free one, `off` "
     "opens none; there is no login, so think before leaving loopback",
     "", ""},
    {"shutdown.timeout.ms", kProcess, kMs, &P::shutdown_timeout, "5000", 100, 600'000, "",
     "Time to drain and write positions on a stop; what is not done by then is written twice by "
     "the next owner",
     "", ""},

    // What the process sends of itself.
    {"trace.exporter", kProcess, kWord, &P::trace_exporter, "", 0, 0, "none otlp zipkin",
     "Where spans are sent: otlp is OpenTelemetry's protocol over HTTP; without this key the "
     "environment's OTEL_TRACES_EXPORTER says it, without both: none. How (headers, certificates, "
     "timeouts, gzip, JSON) is said by the environment's OTEL_ variables",
     "", ""},
    {"trace.endpoint", kProcess, kText, &P::trace_endpoint, "", 0, 0, "",
     "URL of http or https that spans are posted to; without a path it gets /v1/traces, or "
     "/api/v2/spans for zipkin; without this key the environment says it, without both: this host",
     "", ""},
    {"trace.pathway.agent", kProcess, kText, &P::trace_pathway_agent, "", 0, 0, "",
     "URL of a Datadog agent that is told of Data Streams pathways, http://HOST:8126: records of "
     "topics in trace.reparent.topics and trace.link.topics are checkpoints, and where they are "
     "reparented their header dd-pathway-ctx-base64 names the mirror. Without this key "
     "DD_DATA_STREAMS_ENABLED and DD_TRACE_AGENT_URL say it, without both: none. DD_SERVICE, "
     "DD_ENV and DD_VERSION say as which service",
     "", ""},
    {"metrics.exporter", kProcess, kWord, &P::metrics_exporter, "", 0, 0, "none otlp",
     "Whether what /metrics shows is sent by OpenTelemetry's protocol, too, each "
     "OTEL_METRIC_EXPORT_INTERVAL (60 s); without this key the environment's OTEL_METRICS_EXPORTER "
     "says it, without both: none",
     "", ""},
    {"metrics.endpoint", kProcess, kText, &P::metrics_endpoint, "", 0, 0, "",
     "The same as trace.endpoint, for metrics; without a path it gets /v1/metrics", "", ""},

    // What is mirrored, and under which name.
    {"topics", kFlow, kPatterns, kSettled, ".*", 0, 0, "",
     "Topics to mirror: names or Java regular expressions, each for a whole name", "", ""},
    {"topics.exclude", kFlow, kPatterns, kSettled, kDefaultTopicsExclude, 0, 0, "",
     "Topics not to mirror; wins over topics", "", "topics.blacklist"},
    {"topic.filter.class", kFlow, kWord, kSettled, "DefaultTopicFilter", 0, 0, "DefaultTopicFilter",
     "Accepted for the default only: a filter written in Java cannot be loaded", "", ""},
    {"mirror.debezium.heartbeats", kFlow, kBool, &F::mirror_debezium_heartbeats, "true", 0, 0, "",
     "Mirrors __debezium-heartbeat.* although `__` is excluded by default; without them a quiet "
     "database looks like a dead connector on the other side",
     "never mirrored", ""},
    {"replication.policy.class", kFlow, kWord, kSettled, "DefaultReplicationPolicy", 0, 0,
     kPolicies,
     "Names on the target: orders becomes A.orders (Default) or stays orders (Identity); Identity "
     "in both directions makes a loop of any topic both flows select",
     "", ""},
    {"replication.policy.separator", kFlow, kText, kSettled, ".", 0, 0, "",
     "Between the alias and the topic's name", "", ""},
    {"replication.policy.internal.topic.separator.enabled", kFlow, kBool, kSettled, "true", 0, 0,
     "", "Uses the separator in the names of MirrorMaker's internal topics too", "", ""},

    // Topics on the target.
    {"replication.factor", kFlow, kInteger, &F::replication_factor, "-1", -1, 32'767, "",
     "Replicas of topics made on the target; -1 is the target's own default", "2", ""},
    {"state.topic.replication.factor", kFlow, kInteger, &F::internal_replication_factor, "-1", -1,
     32'767, "",
     "Replicas of longspan's own topics on the target; -1 is 3, or the number of brokers where "
     "there are fewer; without this key offset-syncs.topic.replication.factor is taken",
     "3", "offset-syncs.topic.replication.factor"},
    {"refresh.topics.enabled", kFlow, kBool, &F::refresh_topics, "true", 0, 0, "",
     "Looks for new topics and partitions again and again; off, only a start finds them", "", ""},
    {"refresh.topics.interval.seconds", kFlow, kSeconds, &F::refresh_topics_interval, "5", 1, kDayS,
     "", "Time between two looks; each costs one metadata request on both sides", "600", "", kLive},
    {"sync.topic.configs.enabled", kFlow, kBool, &F::sync_topic_configs, "true", 0, 0, "",
     "Carries the source's topic configs to the target", "", ""},
    {"sync.topic.configs.interval.seconds", kFlow, kSeconds, &F::sync_topic_configs_interval, "5",
     1, kDayS, "", "Time between two comparisons; only differences are written", "600", "", kLive},
    {"config.properties.exclude", kFlow, kPatterns, &F::config_properties_exclude,
     kDefaultConfigsExclude, 0, 0, "", "Topic configs that are not carried over", "",
     "config.properties.blacklist"},
    {"config.property.filter.class", kFlow, kWord, kSettled, "DefaultConfigPropertyFilter", 0, 0,
     "DefaultConfigPropertyFilter",
     "Accepted for the default only: a filter written in Java cannot be loaded", "", ""},

    // Heartbeats and offset syncs.
    {"emit.heartbeats.enabled", kFlow, kBool, &F::emit_heartbeats, "true", 0, 0, "",
     "Writes heartbeats into A.heartbeats on the target, as if they had been mirrored", "", ""},
    {"emit.heartbeats.interval.seconds", kFlow, kSeconds, &F::emit_heartbeats_interval, "1", 1,
     kDayS, "", "Time between two heartbeats", "", "", kLive},
    {"emit.heartbeats.on.source", kFlow, kBool, &F::emit_heartbeats_on_source, "false", 0, 0, "",
     "Writes heartbeats to the source and mirrors them; one of the writes to the source that must "
     "be asked for",
     "true", ""},
    {"emit.offset-syncs.enabled", kFlow, kBool, &F::emit_offset_syncs, "true", 0, 0, "",
     "Writes offset syncs in MirrorMaker 2's format, for its own readers; longspan does not need "
     "them",
     "", ""},
    {"offset-syncs.topic.location", kFlow, kWord, kSettled, "target", 0, 0, "source target",
     "The cluster that holds the offset syncs; source is one of the writes to the source that must "
     "be asked for",
     "source", ""},
    {"offset.lag.max", kFlow, kInteger, &F::offset_lag_max, "100", 0, 1'000'000'000, "",
     "Records between two offset syncs of a partition; longspan's own map is exact whatever stands "
     "here",
     "", ""},

    // Delivery.
    {"exactly.once.source.support", kFlow, kWord, kSettled, "disabled", 0, 0,
     "disabled preparing enabled",
     "enabled writes records and positions in transactions on the target, so that read_committed "
     "readers see nothing twice; part of the flow's definition: all processes say the same",
     "", ""},
    {"transaction.commit.interval.ms", kFlow, kMs, &F::commit_interval, "100", 10, 10'000, "",
     "Time between two commits of a slot, with exactly.once.source.support=enabled: readers of the "
     "target wait as long, and every commit takes one offset of each partition written to",
     "", ""},
    {"transaction.timeout.ms", kFlow, kMs, &F::transaction_timeout, "15000", 1'000, 900'000, "",
     "After so long the brokers abort what a dead owner left open, if nobody took its slot before; "
     "the brokers bound it (transaction.max.timeout.ms)",
     "", ""},
    {"on.data.loss", kFlow, kWord, kSettled, "stop", 0, 0, "stop continue",
     "When records were lost: stop parks that partition until the loss is accepted (longspan "
     "resume "
     "--accept-loss), continue goes on behind the hole; both leave an event with the range. The "
     "keys below decide it for one kind of loss",
     "continue, silently", "", kLive},
    {"on.source.expired", kFlow, kWord, kSettled, "", 0, 0, "stop continue",
     "The same, of source records that were deleted before they were read", "", "", kLive},
    {"on.batch.unreadable", kFlow, kWord, kSettled, "", 0, 0, "stop continue",
     "The same, of source records that cannot be read: a wrong checksum, bytes that do not "
     "inflate, "
     "a codec or format that is not known. continue steps over to the next one that can be read",
     "", "", kLive},
    {"on.source.truncated", kFlow, kWord, kSettled, "", 0, 0, "stop continue",
     "The same, of a source log that ends before our position (an unclean leader election)", "", "",
     kLive},
    {"on.target.truncated", kFlow, kWord, kSettled, "", 0, 0, "stop continue",
     "The same, of a target log that lost copies", "", "", kLive},
    {"on.foreign.writer", kFlow, kWord, kSettled, "continue", 0, 0, "stop continue",
     "When somebody else wrote into a target partition: continue keeps the map right around the "
     "foreign records, stop parks the partition until the event is accepted",
     "", "", kLive},
    {"on.record.refused", kFlow, kWord, kSettled, "stop", 0, 0, "stop dlq skip",
     "When the target refuses a record for what it is (too large, no key on a compacted topic, a "
     "time out of range): stop parks its partition, dlq writes it into the flow's dead-letter "
     "topic (longspan dlq) and skip leaves it out; both leave an event and go on",
     "fails the task", ""},
    {"hung.transaction.ms", kFlow, kMs, &F::hung_transaction, "60000", 1000, 86'400'000, "",
     "A source transaction that stays open longer than this, and so keeps the records behind it "
     "from being read, is told as an event",
     "", "", kLive},
    {"park.retry.ms", kFlow, kMs, &F::park_retry, "5000", 100, 3'600'000, "",
     "Wait before a parked partition is tried again, then doubled", "", "", kLive},
    {"compression", kFlow, kWord, &F::compression, "lz4", 0, 0, kCompressions,
     "Codec of what is written, where the target topic says compression.type=producer; without "
     "this key B.producer.compression.type is taken; zstd costs the most CPU, none the most "
     "network",
     "none", ""},

    // What goes first, and how fast.
    {"priority.high", kFlow, kPatterns, kSettled, "", 0, 0, "",
     "Topics of high priority: while records of them are there to be read, the others get "
     "priority.floor.percent; names or Java regular expressions, each for a whole name; it costs a "
     "second consumer a shard",
     "", "", kLive},
    {"priority.floor.percent", kFlow, kInteger, &F::priority_floor_percent, "10", 1, 90, "",
     "What the other topics get meanwhile, of the bytes read and of what is in flight", "", "",
     kLive},
    {"throttle.bytes.per.second", kFlow, kBytes, &F::throttle, "0", 0, 1024 * 1024 * kMiB, "",
     "Most that the flow reads in a second, all its processes together, each with the part of the "
     "slots it owns; 0 is no bound; bursts of one second",
     "", "", kLive},
    {"throttle.high.bytes.per.second", kFlow, kBytes, &F::throttle_high, "0", 0, 1024 * 1024 * kMiB,
     "", "The same, of the topics of high priority", "", "", kLive},
    {"throttle.normal.bytes.per.second", kFlow, kBytes, &F::throttle_normal, "0", 0,
     1024 * 1024 * kMiB, "", "The same, of all others", "", "", kLive},

    // Ownership and state.
    {"tasks.max", kFlow, kInteger, kSettled, "0", 0, 100'000, "",
     "Taken for threads where that is not set: the largest of all flows", "1", ""},
    {"slots", kFlow, kInteger, &F::slots, "16", 1, 1'000, "",
     "Shares into which the flow's partitions are divided among processes; fixed when the state "
     "topic is made, ignored afterwards",
     "", ""},
    {"position.interval.ms", kFlow, kMs, &F::position_interval, "1000", 100, 60'000, "",
     "Time between two written positions; bounds what is written twice after a crash", "60000", "",
     kLive},
    {"marks.interval.ms", kFlow, kMs, &F::marks_interval, "10000", 100, 60'000, "",
     "Time between two marks: where every partition stood and how long its records took, kept for "
     "7 days on the target, for longspan lag --at and --since",
     "", "", kLive},
    {"ownership.session.timeout.ms", kFlow, kMs, &F::session_timeout, "10000", 1'000, 1'800'000, "",
     "A process silent for so long loses its slots; the brokers bound it too "
     "(group.min.session.timeout.ms, 6000 by default)",
     "10000", ""},
    {"admin.timeout.ms", kFlow, kMs, &F::admin_timeout, "60000", 1'000, 3'600'000, "",
     "Longest wait for one administrative request", "", ""},

    // The clusters' schema registries.
    {"schema.registry.url", kCluster, kList, kSettled, "", 0, 0, "",
     "Where the cluster's schema registry answers, http or https; several are the same registry "
     "and tried in turn; a path is kept (Apicurio: .../apis/ccompat/v7); with one on both sides "
     "`longspan schemas` keeps schema ids valid on the target; an answer of more than 16 MiB is "
     "refused, so a schema larger than that is not mirrored",
     "no schemas", ""},
    {"schema.registry.basic.auth.user.info", kCluster, kText, kSettled, "", 0, 0, "",
     "USER:PASSWORD for it", "", ""},
    {"schema.registry.bearer.auth.token", kCluster, kText, kSettled, "", 0, 0, "",
     "A token for it, instead", "", ""},
    {"schema.registry.bearer.auth.issuer.endpoint.url", kCluster, kText, kSettled, "", 0, 0, "",
     "Where tokens for it are asked for, instead (OAuth 2.0 client credentials)", "", ""},
    {"schema.registry.bearer.auth.client.id", kCluster, kText, kSettled, "", 0, 0, "",
     "As which client", "", ""},
    {"schema.registry.bearer.auth.client.secret", kCluster, kText, kSettled, "", 0, 0, "",
     "And its secret", "", ""},
    {"schema.registry.bearer.auth.scope", kCluster, kText, kSettled, "", 0, 0, "",
     "The scope that is asked for", "", ""},
    {"schema.registry.bearer.auth.logical.cluster", kCluster, kText, kSettled, "", 0, 0, "",
     "Confluent Cloud's logical cluster, sent with a token", "", ""},
    {"schema.registry.bearer.auth.identity.pool.id", kCluster, kText, kSettled, "", 0, 0, "",
     "Confluent Cloud's identity pool, sent with a token", "", ""},
    {"schema.registry.ssl.truststore.location", kCluster, kText, kSettled, "", 0, 0, "",
     "A PEM file of the authorities that its certificate may be signed by; else the system's", "",
     ""},
    {"schema.registry.ssl.keystore.location", kCluster, kText, kSettled, "", 0, 0, "",
     "A PEM file with our certificate and its key, for registries that ask for one", "", ""},
    {"schema.registry.ssl.key.password", kCluster, kText, kSettled, "", 0, 0, "",
     "Of the key in it", "", ""},
    {"schema.registry.request.timeout.ms", kCluster, kMs, kSettled, "30000", 100, 600'000, "",
     "Longest wait for one answer of it; each call is tried five times", "", ""},
    {"schema.registry.topic", kCluster, kText, kSettled, "", 0, 0, "",
     "The topic in which it keeps them (_schemas): what changes there is mirrored at once", "", ""},

    // What of them is mirrored.
    {"schema.subjects", kFlow, kPatterns, kSettled, ".*", 0, 0, "",
     "Subjects to mirror, by whole names or Java regular expressions; T-value only where T is", "",
     ""},
    {"schema.subjects.exclude", kFlow, kPatterns, kSettled, "", 0, 0, "",
     "Subjects not to mirror; wins over schema.subjects", "", ""},
    {"schema.contexts", kFlow, kPatterns, kSettled, ".*", 0, 0, "",
     "Contexts to mirror; the default one is named `.`", "", ""},
    {"schema.subject.rename", kFlow, kWord, kSettled, "policy", 0, 0, "policy none",
     "policy: subjects of mirrored topics follow replication.policy.class (orders-value becomes "
     "A.orders-value), so the target's own topics keep their subjects; none: all names are kept",
     "", ""},
    {"schema.target.context", kFlow, kText, kSettled, "", 0, 0, "",
     "The target's context for all that is mirrored (.east); its readers must then name it; empty: "
     "the same as at the source, and ids of both sides share one number space",
     "", ""},
    {"schema.incompatible", kFlow, kWord, kSettled, "warn", 0, 0, "warn hold",
     "A new version that the target's registry calls incompatible: warn imports it and tells; hold "
     "does not, and records wait for it without bound",
     "", ""},
    {"schema.gate.topics", kFlow, kPatterns, kSettled, ".*", 0, 0, "",
     "Source topics whose records wait for their schema: one whose id the source's registry knows "
     "and the target's does not holds its partition until it does",
     "", "", kLive},
    {"schema.gate.timeout.ms", kFlow, kMs, &F::schema_gate_timeout, "30000", 0, 86'400'000, "",
     "How long it waits at most; then it goes on, told by the event schema_unknown", "", "", kLive},

    {"latency.samples.per.second", kFlow, kInteger, &F::latency_samples, "1000", 0, 10'000'000, "",
     "Records a second that are followed from commit to target, above that one of each n", "", ""},
    {"latency.groups", kFlow, kPatterns, kSettled, ".*", 0, 0, "",
     "Consumer groups of the target whose commits are followed; empty: none", "", ""},
    {"latency.groups.source", kFlow, kPatterns, kSettled, "", 0, 0, "",
     "Consumer groups of the source whose positions are followed; empty: none. Each process of the "
     "flow reads the source's __consumer_offsets then",
     "", ""},
    {"latency.groups.exclude", kFlow, kPatterns, kSettled, "", 0, 0, "", "Groups left out of both",
     "", ""},
    {"latency.groups.before.processing", kFlow, kPatterns, kSettled, "", 0, 0, "",
     "Groups that commit a position before they have processed what lies below it (at most once): "
     "of theirs only the earliest end of a record's way is known",
     "", ""},
    {"latency.groups.poll.interval.ms", kFlow, kMs, &F::latency_groups_poll_interval, "5000", 100,
     86'400'000, "",
     "How often groups are asked for their positions where __consumer_offsets cannot be read", "",
     ""},
    {"connector.heartbeat.tables", kFlow, kPatterns, kSettled, ".*[.]debezium_heartbeat.*", 0, 0,
     "",
     "Topics of tables that Debezium's heartbeat.action.query writes to: their changes tell that a "
     "connector lives and how far the database has committed; no objective (slo) judges them",
     "", ""},
    {"slo", kFlow, kList, kSettled, "", 0, 0, "",
     "Objectives for latency, TOPICS:pN<DURATION@WINDOW, such as orders.*:p99<2s@30d: judged from "
     "WAL commit to the target, and to the commits of each group that reads the copies. A commit "
     "is the latest time at which a sink can have been done: one that commits late is undecided, "
     "and bad only where it reports its times (POST /api/v1/sink). What was judged is kept in "
     "memory, so that a restart begins anew",
     "", ""},

    // Clocks.
    {"clock.probe.target", kFlow, kBool, kSettled, "true", 0, 0, "",
     "Asks the target's brokers for their time: each process writes one record a second to each of "
     "them, into longspan.clock.internal; `false`: only leaders are looked at, and their clocks "
     "are assumed",
     "", ""},
    {"clock.probe.source", kFlow, kBool, kSettled, "false", 0, 0, "",
     "Asks the source's brokers for their time, too: each process writes one record a second to "
     "each of them, into longspan.clock.internal; one of the writes to the source that must be "
     "asked for",
     "", ""},
    {"clock.database.dsn", kFlow, kText, kSettled, "", 0, 0, "",
     "libpq's connection string of the Postgres whose changes are captured: it is asked for its "
     "time each second (no rights are needed); it speaks for all topics of the flow",
     "", ""},
    {"clock.source.max.error.ms", kFlow, kText, kSettled, "100", 0, 0, "",
     "How far clocks of the source's brokers are assumed to be off where nobody measures them; "
     "`none`: nothing is assumed, and latencies that need them are unknown",
     "", ""},
    {"clock.target.max.error.ms", kFlow, kText, kSettled, "100", 0, 0, "",
     "The same, of the target's brokers", "", ""},
    {"clock.connector.max.error.ms", kFlow, kText, kSettled, "100", 0, 0, "",
     "The same, of the connector's host, which nobody can ask", "", ""},
    {"clock.database.max.error.ms", kFlow, kText, kSettled, "100", 0, 0, "",
     "The same, of the database", "", ""},

    // Traces of records.
    {"trace.reparent.topics", kFlow, kPatterns, kSettled, "", 0, 0, "",
     "Source topics whose copies continue the trace of their record: spans of the hop are sent "
     "(trace.exporter), and the copy's trace headers name them, so that its reader's span is their "
     "child; changes these headers of the copy and nothing else. Without an exporter nothing is "
     "changed",
     "", ""},
    {"trace.link.topics", kFlow, kPatterns, kSettled, "", 0, 0, "",
     "Source topics whose hops are sent as traces of their own, linked to their record's; headers "
     "stay as they are. Of other topics no trace header is looked at",
     "", ""},
    {"trace.start", kFlow, kWord, kSettled, "always", 0, 0, "always never",
     "Whether a record that is in no trace begins one", "", ""},
    {"trace.inject", kFlow, kList, kSettled, "tracecontext", 0, 0, "",
     "Formats that are written where a trace begins: tracecontext (W3C), b3, b3multi, jaeger, "
     "datadog; where there are headers, those formats are kept",
     "", ""},
    {"trace.ratio", kFlow, kText, kSettled, "1", 0, 0, "",
     "Part of the traces that get spans, 0..1, where nobody decided before; what is said in a "
     "record's headers is honoured",
     "", ""},
    {"trace.records.per.second", kFlow, kInteger, kSettled, "20", 0, 1'000'000, "",
     "Records a second that get spans, in a process, some seven spans each; above it a trace that "
     "came with the record goes on without ours",
     "", ""},
    {"trace.slowest.per.minute", kFlow, kInteger, kSettled, "10", 0, 1'000, "",
     "Of the records that are followed (latency.samples.per.second) the slowest of each minute get "
     "spans whatever was decided, in a process; so do up to 100 a thread that had an error; 0: "
     "those alone",
     "", ""},
    {"trace.viewer.url", kFlow, kText, kSettled, "", 0, 0, "",
     "Where people look at a trace: what `longspan trace` prints as a link, with {trace_id}, and "
     "{span_id} of the hop if wanted, as in https://zipkin/zipkin/traces/{trace_id}",
     "", ""},

    // Taken and checked, so that a file for MirrorMaker 2 starts; not acted upon so far.
    {"groups", kFlow, kPatterns, kSettled, ".*", 0, 0, "",
     "Not acted upon yet: groups whose positions are carried over", "", ""},
    {"groups.exclude", kFlow, kPatterns, kSettled, "console-consumer-.*, connect-.*, __.*", 0, 0,
     "", "Not acted upon yet: groups left out", "", "groups.blacklist"},
    {"group.filter.class", kFlow, kWord, kSettled, "DefaultGroupFilter", 0, 0, "DefaultGroupFilter",
     "Accepted for the default only: a filter written in Java cannot be loaded", "", ""},
    {"emit.checkpoints.enabled", kFlow, kBool, kSettled, "true", 0, 0, "",
     "Not acted upon yet: no checkpoints are written; `longspan offsets translate` answers exactly",
     "", ""},
    {"emit.checkpoints.interval.seconds", kFlow, kSeconds, kSettled, "60", 1, kDayS, "",
     "Not acted upon yet", "", ""},
    {"sync.group.offsets.enabled", kFlow, kBool, kSettled, "false", 0, 0, "",
     "Not acted upon yet: no committed offsets are written", "", ""},
    {"sync.group.offsets.interval.seconds", kFlow, kSeconds, kSettled, "60", 1, kDayS, "",
     "Not acted upon yet", "", ""},
    {"refresh.groups.enabled", kFlow, kBool, kSettled, "true", 0, 0, "", "Not acted upon yet", "",
     ""},
    {"refresh.groups.interval.seconds", kFlow, kSeconds, kSettled, "5", 1, kDayS, "",
     "Not acted upon yet", "600", ""},
    {"sync.topic.acls.enabled", kFlow, kBool, kSettled, "true", 0, 0, "",
     "Not acted upon yet: no ACLs are written", "", ""},
    {"sync.topic.acls.interval.seconds", kFlow, kSeconds, kSettled, "5", 1, kDayS, "",
     "Not acted upon yet", "600", ""},
    {"use.defaults.from", kFlow, kWord, kSettled, "target", 0, 0, "source target",
     "Whose defaults apply to topic configs that the source leaves at its default; only target so "
     "far",
     "", ""},
});

const auto kRelations = std::to_array<Relation>({
    {"ownership.session.timeout.ms",
     [](const FlowConfig& f) { return f.session_timeout >= 2 * f.position_interval; },
     "must be at least twice position.interval.ms, or a slow write of positions loses the slots"},
    {"transaction.timeout.ms",
     [](const FlowConfig& f) { return f.transaction_timeout >= 4 * f.commit_interval; },
     "must be at least four times transaction.commit.interval.ms"},
    {"exactly.once.source.support",
     [](const FlowConfig& f) {
       return f.delivery == Delivery::at_least_once ||
              f.offset_syncs_location == SyncsLocation::target;
     },
     "needs offset-syncs.topic.location=target: what is written to the source cannot be taken back "
     "with an aborted transaction"},
    {"slo", [](const FlowConfig& f) { return f.objectives.empty() || f.latency_samples > 0; },
     "needs latency.samples.per.second above 0: what is not followed is not judged"},
    {"emit.heartbeats.on.source",
     [](const FlowConfig& f) { return f.emit_heartbeats || !f.emit_heartbeats_on_source; },
     "needs emit.heartbeats.enabled=true"},
    {"offset-syncs.topic.location",
     [](const FlowConfig& f) {
       return f.emit_offset_syncs || f.offset_syncs_location == SyncsLocation::target;
     },
     "needs emit.offset-syncs.enabled=true"},
});

}  // namespace

std::span<const Option> options() { return kOptions; }
std::span<const Relation> relations() { return kRelations; }

}  // namespace longspan
