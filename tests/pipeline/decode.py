"""decode.py - an independent Avro consumer: decode.py BOOTSTRAP TOPIC REGISTRY

Reads every record of a topic, asks the one registry that it knows for the schemas of the ids that
keys and values carry, and prints one JSON object a record. It fails where an id is not known there.
Needs fastavro, kcat.
"""

import functools
import io
import json
import os
import struct
import sys

import fastavro

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "servers"))

from registry_api import get  # noqa: E402
from topic import read_topic  # noqa: E402

MAGIC = 0


class Decoder:
    """Of Confluent's framing: a zero byte, the id in four, Avro's binary form."""

    def __init__(self, registry):
        self._registry = registry

    @functools.lru_cache(maxsize=None)
    def schema(self, number):
        answer = get(self._registry, f"/schemas/ids/{number}")
        if answer.status != 200:
            sys.exit(f"decode: schema {number} is not in the registry: {answer.text}")
        if answer.body.get("references"):
            sys.exit(f"decode: schema {number} has references, which are not read here")
        return fastavro.parse_schema(json.loads(answer.body["schema"]))

    def decoded(self, data):
        """{"id", "content"}; None of null."""
        if data is None:
            return None
        magic, number = struct.unpack(">bi", data[:5])
        if magic != MAGIC:
            sys.exit(f"decode: not framed: {data[:16].hex()}")
        rest = io.BytesIO(data[5:])
        content = fastavro.schemaless_reader(rest, self.schema(number))
        if rest.read():
            sys.exit(f"decode: bytes are left behind a record of schema {number}")
        return {"id": number, "content": content}


def main():
    bootstrap, topic, registry = sys.argv[1:]
    decoder = Decoder(registry)
    for record in read_topic(bootstrap, topic):
        print(json.dumps({"partition": record.partition, "offset": record.offset,
                          "key": decoder.decoded(record.key),
                          "value": decoder.decoded(record.value)}, default=str))


if __name__ == "__main__":
    main()
