"""pathway_service.py - a producer or a consumer as Datadog's tracer has it; it knows no longspan.

  pathway_service.py produce BOOTSTRAP TOPIC COUNT PARTITIONS    the topic is made
  pathway_service.py consume BOOTSTRAP TOPIC COUNT GROUP

Records have a key of 4 bytes and a value of 96. What the tracer has gathered is sent when it ends.
Needs confluent-kafka and ddtrace, and DD_ variables that say whither.
"""

import sys
import time

import ddtrace.auto  # noqa: F401 - patches what is imported next
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

CONSUME_TIMEOUT_S = 60


def produce(bootstrap, topic, count, partitions):
    admin = AdminClient({"bootstrap.servers": bootstrap})  # it ends what it began when it goes
    made = admin.create_topics(
        [NewTopic(topic, num_partitions=int(partitions), replication_factor=1)])
    made[topic].result(CONSUME_TIMEOUT_S)
    producer, written = Producer({"bootstrap.servers": bootstrap}), []
    for number in range(count):
        producer.produce(topic, key=f"{number:04}".encode(), value=b"v" * 96,
                         on_delivery=lambda error, unused: error or written.append(1))
        producer.poll(0)
    producer.flush(CONSUME_TIMEOUT_S)
    if len(written) != count:
        sys.exit(f"{len(written)} of {count} records were written")


def consume(bootstrap, topic, count, group):
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group,
                         "auto.offset.reset": "earliest", "enable.auto.commit": False})
    consumer.subscribe([topic])
    deadline = time.monotonic() + CONSUME_TIMEOUT_S
    while count > 0:
        if time.monotonic() > deadline:
            sys.exit(f"{count} records did not come")
        record = consumer.poll(1)
        if record is not None and record.error() is None:
            count -= 1
    consumer.commit(asynchronous=False)
    consumer.close()


def main():
    role, bootstrap, topic, count, last = sys.argv[1:]
    {"produce": produce, "consume": consume}[role](bootstrap, topic, int(count), last)


if __name__ == "__main__":
    main()
