"""witness.py - a sink that writes down what it sees and when; it shares nothing with longspan.

Reads one JSON object from standard input: {"bootstrap", "group", "partitions", "topics": {NAME:
message.timestamp.type}}. Makes the topics, consumes them in the group, commits behind what it has
processed, and prints one JSON array a line until standard input ends:

  ["record", topic, partition, offset, key's id, {TOLD: time}, timestamp type, its ms, seen at]
  ["commit", asked at, answered at, {topic: {partition: position}}]

TOLD is what a JSON value says of its change: commit_us, commit_ms, connector_us, connector_ms.
Times are microseconds by the wall clock. Needs confluent-kafka.
"""

import json
import select
import sys
import time

import confluent_kafka
from confluent_kafka.admin import AdminClient, NewTopic

POLL_S = 0.2
COMMIT_EVERY_S = 0.1
TIMEOUT_S = 30
AVRO_PREFIX_BYTES = 5


def now_us():
    return time.time_ns() // 1000


def make_topics(order):
    admin = AdminClient({"bootstrap.servers": order["bootstrap"]})
    made = admin.create_topics([NewTopic(name, order["partitions"], 1,
                                         config={"message.timestamp.type": kind})
                                for name, kind in order["topics"].items()])
    for done in made.values():
        done.result(TIMEOUT_S)


def zigzag(data):
    """Avro's variable-length int."""
    value = 0
    for shift, byte in enumerate(data):
        value |= (byte & 0x7f) << (7 * shift)
        if byte < 0x80:
            break
    return (value >> 1) ^ -(value & 1)


def id_of(key):
    """Of {"id": int} in Avro with Confluent's framing, or in JSON beside its schema or without."""
    if key[:1] == b"\0":
        return zigzag(key[AVRO_PREFIX_BYTES:])
    told = json.loads(key)
    return told.get("payload", told).get("id")


def told_by(value):
    """The times in a value of Debezium's, an envelope or flattened; none of what is no JSON."""
    if value is None or value[:1] != b"{":
        return {}
    change = json.loads(value)
    change = change.get("payload", change)
    source = change.get("source") or {}
    told = {"commit_us": source.get("ts_us"), "connector_us": change.get("ts_us"),
            "commit_ms": change.get("__source_ts_ms"), "connector_ms": change.get("__ts_ms")}
    return {name: time for name, time in told.items() if time is not None}


def tell(*what):
    print(json.dumps(what), flush=True)


def tell_record(message, seen_at):
    kind, timestamp_ms = message.timestamp()
    tell("record", message.topic(), message.partition(), message.offset(), id_of(message.key()),
         told_by(message.value()), kind, timestamp_ms, seen_at)


def commit(consumer):
    asked_at = now_us()
    positions = {}
    for each in consumer.commit(asynchronous=False):
        if each.error:
            sys.exit(f"witness: {each.error}")
        if each.offset >= 0:
            positions.setdefault(each.topic, {})[each.partition] = each.offset
    tell("commit", asked_at, now_us(), positions)


def has_ended(stream):
    return select.select([stream], [], [], 0)[0]


def consume(consumer):
    uncommitted_since = None
    while uncommitted_since is not None or not has_ended(sys.stdin):
        message = consumer.poll(0 if uncommitted_since else POLL_S)
        seen_at, now = now_us(), time.monotonic()
        if message is not None:
            if message.error():
                sys.exit(f"witness: {message.error()}")
            tell_record(message, seen_at)
            uncommitted_since = uncommitted_since or now
        if uncommitted_since and (message is None or now - uncommitted_since > COMMIT_EVERY_S):
            commit(consumer)
            uncommitted_since = None


def main():
    order = json.loads(sys.stdin.readline())
    make_topics(order)
    consumer = confluent_kafka.Consumer({
        "bootstrap.servers": order["bootstrap"], "group.id": order["group"],
        "auto.offset.reset": "earliest", "enable.auto.commit": False})
    consumer.subscribe(list(order["topics"]))
    tell("ready")
    consume(consumer)
    consumer.close()


if __name__ == "__main__":
    main()
