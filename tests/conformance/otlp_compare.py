"""otlp_compare.py - FOLDER COUNT: N.pb and N.json must be the same ExportTraceServiceRequest.

Runs in a Python that has opentelemetry-proto.
"""

import base64
import json
import sys

from google.protobuf import json_format
from google.protobuf.unknown_fields import UnknownFieldSet
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

IDS = ("traceId", "spanId", "parentSpanId")


def with_base64_ids(node):
    """OTLP writes ids as hex where protobuf's JSON has base64."""
    if isinstance(node, list):
        return [with_base64_ids(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {key: base64.b64encode(bytes.fromhex(value)).decode() if key in IDS
            else with_base64_ids(value) for key, value in node.items()}


def enums_are_numbers(request):
    for resource in request["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope.get("spans", []):
                yield isinstance(span["kind"], int)
                yield isinstance(span.get("status", {}).get("code", 0), int)


def has_unknown_fields(message):
    if len(UnknownFieldSet(message)) > 0:
        return True
    for field, value in message.ListFields():
        if field.type == field.TYPE_MESSAGE:
            if any(has_unknown_fields(each) for each in (value if field.is_repeated else [value])):
                return True
    return False


def compare(path):
    """The number of spans, or a text that says what is wrong."""
    with open(path + ".pb", "rb") as file:
        from_protobuf = ExportTraceServiceRequest.FromString(file.read())
    with open(path + ".json", encoding="utf-8") as file:
        request = json.load(file)
    if has_unknown_fields(from_protobuf):
        return "protobuf has fields that nobody knows"
    if not all(enums_are_numbers(request)):
        return "an enum is not a number"
    from_json = json_format.ParseDict(with_base64_ids(request), ExportTraceServiceRequest())
    # As text, because NaN is not equal to itself.
    if str(from_json) != str(from_protobuf):
        return f"JSON and protobuf differ\n--- JSON\n{from_json}\n--- protobuf\n{from_protobuf}"
    spans = [span for resource in from_protobuf.resource_spans
             for scope in resource.scope_spans for span in scope.spans]
    if any(len(span.trace_id) != 16 or len(span.span_id) != 8 for span in spans):
        return "an id has another length"
    return len(spans)


def main():
    folder, count = sys.argv[1], int(sys.argv[2])
    total = 0
    for i in range(count):
        found = compare(f"{folder}/{i}")
        if isinstance(found, str):
            sys.exit(f"request {i}: {found}"[:4000])
        total += found
    if total < count:
        sys.exit(f"only {total} spans in {count} requests")
    print(f"{total} spans of {count} requests are the same in both forms")


main()
