"""pathway_decode.py - payloads of /v0.1/pipeline_stats, a line of Base64 each, as JSON.

Prints {"services": [...], "points": [{"service", "tags", "hash", "parent", "edge", "pathway",
"payload"}]}; the last three are [count, smallest, median, largest] of a sketch. A payload that is
not of its form ends this with an exception. Needs msgpack and ddsketch.
"""

import base64
import gzip
import json
import sys

import msgpack
from ddsketch.pb import ddsketch_pb2
from ddsketch.pb.proto import DDSketchProto

GZIP = b"\x1f\x8b"
BUCKET_NS = 10_000_000_000


def figures(data):
    proto = ddsketch_pb2.DDSketch()
    proto.ParseFromString(data)
    sketch = DDSketchProto.from_proto(proto)
    return [sketch.count, *(sketch.get_quantile_value(q) for q in (0, 0.5, 1))]


def points_of(payload):
    for bucket in payload["Stats"]:
        assert bucket["Duration"] == BUCKET_NS and bucket["Start"] % BUCKET_NS == 0, bucket
        for point in bucket["Stats"]:
            yield {"service": payload["Service"], "tags": sorted(point["EdgeTags"]),
                   "hash": point["Hash"], "parent": point["ParentHash"],
                   "edge": figures(point["EdgeLatency"]),
                   "pathway": figures(point["PathwayLatency"]),
                   "payload": figures(point["PayloadSize"])}


def main():
    payloads = []
    for line in sys.stdin:
        body = base64.b64decode(line)
        payloads.append(msgpack.unpackb(gzip.decompress(body) if body[:2] == GZIP else body))
    json.dump({"services": [each["Service"] for each in payloads],
               "points": [point for each in payloads for point in points_of(each)]}, sys.stdout)


if __name__ == "__main__":
    main()
