"""traced_sink.py - a sink as OpenTelemetry's own instrumentation has it; it knows no longspan.

Reads one JSON object from standard input: {"bootstrap", "group", "partitions", "topics",
"spans_to"}. Makes the topics, consumes them in the group, commits behind what it has processed,
sends its spans to a Zipkin, and prints one JSON array a line until standard input ends:

  ["record", topic, partition, offset, key's id, seen at, trace, span, parent]
  ["commit", asked at, answered at]

`seen at` and the commit's times are microseconds by the wall clock; parent is null where the span
has none. Needs kafka-python and its instrumentation.
"""

import json
import select
import sys
import time

from kafka import KafkaConsumer
from kafka.admin import KafkaAdminClient, NewTopic
from opentelemetry import trace
from opentelemetry.exporter.zipkin.json import ZipkinExporter
from opentelemetry.instrumentation.kafka import KafkaInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

POLL_MS = 100
COMMIT_EVERY_S = 0.1
SPANS_EVERY_MS, SPANS_MAX = 200, 20_000


def now_us():
    return time.time_ns() // 1000


def tell(*what):
    print(json.dumps(what), flush=True)


def instrument(spans_to):
    provider = TracerProvider(resource=Resource.create({"service.name": "sink"}))
    provider.add_span_processor(BatchSpanProcessor(
        ZipkinExporter(endpoint=spans_to), max_queue_size=SPANS_MAX,
        schedule_delay_millis=SPANS_EVERY_MS))
    trace.set_tracer_provider(provider)
    KafkaInstrumentor().instrument(consume_hook=tell_record)
    return provider


def tell_record(span, record, *unused):
    seen_at, own, parent = now_us(), span.get_span_context(), span.parent
    span.set_attribute("messaging.kafka.offset", record.offset)
    tell("record", record.topic, record.partition, record.offset, json.loads(record.key)["id"],
         seen_at, trace.format_trace_id(own.trace_id), trace.format_span_id(own.span_id),
         parent and trace.format_span_id(parent.span_id))


def make_topics(order):
    admin = KafkaAdminClient(bootstrap_servers=order["bootstrap"])
    admin.create_topics([NewTopic(name, order["partitions"], 1) for name in order["topics"]])
    admin.close()


def commit(consumer):
    asked_at = now_us()
    consumer.commit()
    tell("commit", asked_at, now_us())


def has_ended(stream):
    return select.select([stream], [], [], 0)[0]


def consume(consumer):
    uncommitted_since = None
    while uncommitted_since is not None or not has_ended(sys.stdin):
        is_idle = next(consumer, None) is None
        now = time.monotonic()
        if not is_idle:
            uncommitted_since = uncommitted_since or now
        if uncommitted_since and (is_idle or now - uncommitted_since > COMMIT_EVERY_S):
            commit(consumer)
            uncommitted_since = None


def main():
    order = json.loads(sys.stdin.readline())
    provider = instrument(order["spans_to"])
    make_topics(order)
    consumer = KafkaConsumer(
        *order["topics"], bootstrap_servers=order["bootstrap"], group_id=order["group"],
        auto_offset_reset="earliest", enable_auto_commit=False, consumer_timeout_ms=POLL_MS)
    tell("ready")
    consume(consumer)
    consumer.close()
    provider.shutdown()


if __name__ == "__main__":
    main()
