"""otlp_compare.py - FOLDER COUNT: N.pb and N.json must be the same ExportTraceServiceRequest,
metrics-N.pb and metrics-N.json the same ExportMetricsServiceRequest.

Runs in a Python that has opentelemetry-proto.
"""

import base64
import json
import sys

from google.protobuf import json_format
from google.protobuf.unknown_fields import UnknownFieldSet
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
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
    for resource in request.get("resourceMetrics", []):
        for scope in resource["scopeMetrics"]:
            for metric in scope.get("metrics", []):
                data = metric.get("sum", metric.get("exponentialHistogram", {}))
                yield isinstance(data.get("aggregationTemporality", 0), int)
    for resource in request.get("resourceSpans", []):
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


def read_both(path, kind):
    """The message, or a text that says what is wrong."""
    with open(path + ".pb", "rb") as file:
        from_protobuf = kind.FromString(file.read())
    with open(path + ".json", encoding="utf-8") as file:
        request = json.load(file)
    if has_unknown_fields(from_protobuf):
        return "protobuf has fields that nobody knows"
    if not all(enums_are_numbers(request)):
        return "an enum is not a number"
    from_json = json_format.ParseDict(with_base64_ids(request), kind())
    # As text, because NaN is not equal to itself.
    if str(from_json) != str(from_protobuf):
        return f"JSON and protobuf differ\n--- JSON\n{from_json}\n--- protobuf\n{from_protobuf}"
    return from_protobuf


def compare_spans(path):
    """The number of spans, or a text that says what is wrong."""
    found = read_both(path, ExportTraceServiceRequest)
    if isinstance(found, str):
        return found
    spans = [span for resource in found.resource_spans
             for scope in resource.scope_spans for span in scope.spans]
    if any(len(span.trace_id) != 16 or len(span.span_id) != 8 for span in spans):
        return "an id has another length"
    return len(spans)


def wrong_histogram(point):
    """What OTLP asks of an exponential histogram."""
    negative = sum(point.negative.bucket_counts)
    if point.count != point.zero_count + negative + sum(point.positive.bucket_counts):
        return "its buckets are not its count"
    if point.scale != 5 or point.HasField("sum") == (negative > 0):
        return "its scale, or a sum with negative values"
    return ""


def compare_metrics(path):
    """The number of points, or a text that says what is wrong."""
    found = read_both(path, ExportMetricsServiceRequest)
    if isinstance(found, str):
        return found
    count = 0
    for metric in (metric for resource in found.resource_metrics
                   for scope in resource.scope_metrics for metric in scope.metrics):
        kind = metric.WhichOneof("data")
        points = getattr(metric, kind).data_points
        count += len(points)
        wrong = [wrong_histogram(point) for point in points if kind == "exponential_histogram"]
        if any(wrong):
            return f"{metric.name}: {wrong}"
        if kind == "sum" and not metric.sum.is_monotonic:
            return f"{metric.name} is no counter"
    return count


def main():
    folder, count = sys.argv[1], int(sys.argv[2])
    said = []
    for what, prefix, compare in (("spans", "", compare_spans),
                                  ("points", "metrics-", compare_metrics)):
        total = 0
        for i in range(count):
            found = compare(f"{folder}/{prefix}{i}")
            if isinstance(found, str):
                sys.exit(f"request {prefix}{i}: {found}"[:4000])
            total += found
        if total < count:
            sys.exit(f"only {total} {what} in {count} requests")
        said.append(f"{total} {what}")
    print(f"{' and '.join(said)} of {count} requests each are the same in both forms")


main()
