"""shop.py - a shop's changes at the source, as Debezium writes them, and the groups that read.

Reads one JSON object from standard input: {"source", "target", "prefix", "alias", "group"}, makes
the topics, prints "ready", and goes on until standard input ends. Each further line is a JSON
object that changes what it does: {"rate": changes a second}, {"reads": whether the group reads}.
Needs confluent-kafka.
"""

import contextlib
import json
import random
import select
import sys
import threading
import time

import confluent_kafka
from confluent_kafka.admin import AdminClient, NewTopic

TURN_S = 0.02
COMMIT_EVERY_S = 0.2
TIMEOUT_S = 30
# The connector's time to read a change: mostly short, sometimes a few hundred milliseconds.
CAPTURE_S = (0.004, 0.3)
TABLES = {"orders": 4, "payments": 2, "customers": 1}
WEIGHTS = (6, 3, 1)


def now_us():
    return time.time_ns() // 1000


def make_topics(order):
    admin = AdminClient({"bootstrap.servers": order["source"]})
    prefix = order["prefix"]
    topics = [NewTopic(f"{prefix}.{table}", partitions, 1, config={
        # So that both kinds of hops are there.
        "message.timestamp.type": "LogAppendTime" if table == "payments" else "CreateTime"})
              for table, partitions in TABLES.items()]
    topics.append(NewTopic(f"__debezium-heartbeat.{prefix}", 1, 1))
    for made in admin.create_topics(topics).values():
        made.result(TIMEOUT_S)


class Database:
    """Writes `rate` changes a second, and a heartbeat each second."""

    def __init__(self, order):
        self._prefix = order["prefix"]
        self._producer = confluent_kafka.Producer({"bootstrap.servers": order["source"],
                                                   "linger.ms": 2})
        self._random = random.Random(1)
        self._owed, self._number, self._beat_at = 0.0, 0, 0.0

    def turn(self, rate, took_s):
        self._owed += rate * took_s
        while self._owed >= 1:
            self._owed -= 1
            self._change()
        if time.monotonic() - self._beat_at > 1:
            self._beat_at = time.monotonic()
            self._producer.produce(f"__debezium-heartbeat.{self._prefix}",
                                   json.dumps({"ts_ms": now_us() // 1000}),
                                   json.dumps({"serverName": self._prefix}))
        self._producer.poll(0)

    def _change(self):
        table = self._random.choices(list(TABLES), WEIGHTS)[0]
        self._number += 1
        captured_us = now_us()
        least_s, most_s = CAPTURE_S
        commit_us = captured_us - int(1e6 * min(
            most_s, least_s + self._random.expovariate(1 / least_s)))
        value = {"op": "c", "ts_us": captured_us, "ts_ms": captured_us // 1000, "before": None,
                 "after": {"id": self._number, "total": self._random.randrange(10_000)},
                 "source": {"version": "3.7.0.Final", "connector": "postgresql",
                            "name": self._prefix, "db": "shop", "schema": "public",
                            "table": table, "snapshot": "false", "txId": self._number,
                            "lsn": self._number, "ts_us": commit_us, "ts_ms": commit_us // 1000}}
        self._producer.produce(f"{self._prefix}.{table}", json.dumps(value),
                               json.dumps({"id": self._number % 500}))

    def close(self):
        self._producer.flush(TIMEOUT_S)


def group(bootstrap, name, pattern, is_reading, stopped):
    """Reads what it finds, and commits behind it; while it does not read it stays a member."""
    consumer = confluent_kafka.Consumer({
        "bootstrap.servers": bootstrap, "group.id": name, "auto.offset.reset": "earliest",
        "enable.auto.commit": False, "topic.metadata.refresh.interval.ms": 1000})
    consumer.subscribe([pattern])
    has_read, committed_at = False, time.monotonic()
    while not stopped.is_set():
        if not is_reading.is_set():
            time.sleep(TURN_S)
            continue
        has_read |= any(not each.error() for each in consumer.consume(500, TURN_S))
        if has_read and time.monotonic() - committed_at > COMMIT_EVERY_S:
            with contextlib.suppress(confluent_kafka.KafkaException):  # partitions are dealt anew
                consumer.commit(asynchronous=False)
            has_read, committed_at = False, time.monotonic()
    consumer.close()


def run(orders, order, is_reading):
    database, rate, last = Database(order), 200, time.monotonic()
    while True:
        if select.select([orders], [], [], TURN_S)[0]:
            line = orders.readline()
            if not line:
                database.close()
                return
            change = json.loads(line)
            rate = change.get("rate", rate)
            if "reads" in change:
                (is_reading.set if change["reads"] else is_reading.clear)()
        now = time.monotonic()
        database.turn(rate, now - last)
        last = now


def main():
    orders = open(sys.stdin.fileno(), "rb", buffering=0)  # a line kept in a buffer is not selected
    order = json.loads(orders.readline())
    make_topics(order)
    is_reading, always, stopped = threading.Event(), threading.Event(), threading.Event()
    is_reading.set()
    always.set()
    prefix = order["prefix"]
    sink, local = order["group"], f"{order['group']}-local"
    groups = [threading.Thread(target=group, args=words) for words in (
        (order["target"], sink, f"^{order['alias']}[.]{prefix}[.].*", is_reading, stopped),
        (order["source"], local, f"^{prefix}[.].*", always, stopped))]
    for each in groups:
        each.start()
    print("ready", flush=True)
    run(orders, order, is_reading)
    stopped.set()
    for each in groups:
        each.join()


if __name__ == "__main__":
    main()
