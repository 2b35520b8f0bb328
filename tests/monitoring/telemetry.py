#!/usr/bin/env python3
"""telemetry.py - real collectors receive what longspan sends of itself.

Spans and metrics go to a consumer of OTLP, as protobuf and as JSON, and spans to Zipkin; what each
says that it has received is what was sent. Then the consumer is killed under load and comes back:
spans are dropped and counted, nobody waits.
"""

import contextlib
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "servers"))

import process  # noqa: E402
import suite as suites  # noqa: E402
from collectors import OtlpAgent, Zipkin  # noqa: E402
from scrape import is_of_histogram, key, histograms_of, samples_of  # noqa: E402

SPANS = 1_500
LOAD = 200_000
QUEUE = 2_048
# Longest push: the scheduler's doing on a busy machine; a request may take ten seconds.
PUSH_MAX_US = 1_000_000
BEGIN_NS = 1_700_000_000_000_000_000
LOSSES = ("rejected", "full", "refused", "tried", "large")


class Sender:
    """`telemetry_sender` with variables, and its answers."""

    def __init__(self, suite, stack, **variables):
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("OTEL_")}
        self._process = process.Process(
            suite.folder, "sender", [os.environ["LONGSPAN_TELEMETRY_SENDER"]],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**environment, "OTEL_BSP_SCHEDULE_DELAY": "50",
                 "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
                 **{f"OTEL_{name}": value for name, value in variables.items()}})
        stack.callback(self._process.kill)

    def tell(self, command):
        self._process.stdin.write(f"{command}\n".encode())
        self._process.stdin.flush()

    def line(self):
        return self._process.stdout.readline().decode().strip()

    def figures(self, command="figures"):
        self.tell(command)
        return json.loads(self.line())

    def page(self):
        self.tell("page")
        return "".join(f"{line}\n" for line in iter(self.line, "."))


def attributes(node):
    """{key: value} of a list of OTLP's pairs."""
    return {pair["key"]: next(iter(pair["value"].values())) for pair in node.get("attributes", [])}


def wanted_span(number):
    return {"traceId": f"{1:016x}{number:016x}", "spanId": f"{number:016x}",
            "parentSpanId": f"{number + 1:016x}", "name": "send orders",
            "start": str(BEGIN_NS + number * 1_000_000),
            "end": str(BEGIN_NS + number * 1_000_000 + 2_000_000),
            "attributes": {"messaging.destination.name": "orders",
                           "messaging.kafka.offset": str(number)}}


def found_span(span):
    return {**{name: span[name] for name in ("traceId", "spanId", "parentSpanId", "name")},
            "start": span["startTimeUnixNano"], "end": span["endTimeUnixNano"],
            "attributes": attributes(span)}


def check_spans(suite, agent, protocol, compression):
    agent.clear()
    with contextlib.ExitStack() as stack:
        sender = Sender(suite, stack, TRACES_EXPORTER="otlp", EXPORTER_OTLP_ENDPOINT=agent.url,
                        EXPORTER_OTLP_PROTOCOL=protocol, EXPORTER_OTLP_COMPRESSION=compression)
        sender.tell(f"spans {SPANS}")
        figures = sender.figures("stop")
    suite.check(figures["sent"] == SPANS and not any(figures[loss] for loss in LOSSES),
                f"{protocol}: {figures}")
    found = sorted((found_span(span) for span in agent.spans()), key=lambda span: span["spanId"])
    wanted = [wanted_span(number) for number in range(1, SPANS + 1)]
    suite.check(len(found) == SPANS, f"{protocol}: {len(found)} of {SPANS} spans were received")
    for ours, theirs in zip(wanted, found):
        suite.check(ours == theirs, f"{protocol}: sent {ours}, received {theirs}")
    resource = attributes(agent.requests("traces")[0]["resourceSpans"][0]["resource"])
    suite.check(resource == {"service.name": "longspan", "service.version": "1.0",
                             "service.instance.id": "host:1",
                             "deployment.environment.name": "test"}, f"resource: {resource}")
    suite.say(f"{SPANS} spans by {protocol}, {compression}: as they were sent")


def numbers_of(request, kinds):
    """{(name, labels): value} of the points of some kinds, histograms by their count."""
    out = {}
    for metric in request["resourceMetrics"][0]["scopeMetrics"][0]["metrics"]:
        for kind in kinds:
            for point in metric.get(kind, {}).get("dataPoints", []):
                value = point.get("asDouble", point.get("count", 0))
                out[key(metric["name"], attributes(point))] = float(value)
    return out


def time_of(request):
    metric = request["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0]
    return int(metric["gauge"]["dataPoints"][0]["timeUnixNano"])


def without_empty(samples):
    """A label without a value is the same as none."""
    return {(name, tuple(pair for pair in labels if pair[1] != "")): value
            for (name, labels), value in samples.items()}


def check_metrics(suite, agent, protocol, preference):
    agent.clear()
    with contextlib.ExitStack() as stack:
        sender = Sender(suite, stack, METRICS_EXPORTER="otlp", EXPORTER_OTLP_ENDPOINT=agent.url,
                        EXPORTER_OTLP_PROTOCOL=protocol, METRIC_EXPORT_INTERVAL="100",
                        EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=preference)
        text = without_empty(samples_of(sender.page()))
        process.wait_until("two looks at the metrics", 30,
                           lambda: len(agent.requests("metrics")) >= 2)
        figures = sender.figures("stop")
    suite.check(figures["points"] > 0 and figures["points_rejected"] == 0, f"{figures}")
    histograms = histograms_of(text)
    wanted = {at: value for at, value in text.items() if not is_of_histogram(at[0], histograms)}
    wanted |= {(name.removesuffix("_count"), labels): value
               for (name, labels), value in text.items()
               if name.endswith("_count") and name.removesuffix("_count") in histograms}
    kinds = ("gauge", "sum", "exponentialHistogram")
    first, second = sorted(agent.requests("metrics"), key=time_of)[:2]
    differing = dict(numbers_of(first, kinds).items() ^ wanted.items())
    suite.check(not differing, f"{protocol}: received otherwise: {sorted(differing.items())[:5]}")
    # Nothing counts on: the next deltas are 0, gauges and cumulative ones as before.
    moving = kinds[1:] if preference == "delta" else ()
    again = {at: 0.0 if at in numbers_of(first, moving) else value for at, value in wanted.items()}
    differing = dict(numbers_of(second, kinds).items() ^ again.items())
    suite.check(not differing, f"{preference}: then {sorted(differing.items())[:5]}")
    suite.say(f"{len(wanted)} series by {protocol}, {preference}: as /metrics has them")


def check_zipkin(suite, zipkin):
    with contextlib.ExitStack() as stack:
        sender = Sender(suite, stack, TRACES_EXPORTER="zipkin",
                        EXPORTER_ZIPKIN_ENDPOINT=zipkin.url)
        sender.tell("spans 20")
        figures = sender.figures("stop")
    suite.check(figures["sent"] == 20, f"Zipkin: {figures}")
    for number in range(1, 21):
        ours = wanted_span(number)
        found = process.wait_until(f"trace {ours['traceId']}", 30,
                                   lambda ours=ours: zipkin.trace(ours["traceId"]))
        suite.check(len(found) == 1, f"{len(found)} spans in {ours['traceId']}")
        span, = found
        theirs = {"traceId": span["traceId"], "spanId": span["id"],
                  "parentSpanId": span["parentId"], "name": span["name"],
                  "start": str(span["timestamp"] * 1000),
                  "end": str((span["timestamp"] + span["duration"]) * 1000),
                  "attributes": {name: span["tags"].get(name) for name in ours["attributes"]}}
        suite.check(ours == theirs and span["kind"] == "PRODUCER"
                    and span["localEndpoint"] == {"serviceName": "longspan"},
                    f"sent {ours}, Zipkin has {span}")
    suite.say("20 spans in Zipkin, as they were sent")


def check_accounts(suite, figures):
    accounted = figures["sent"] + figures["waiting"] + sum(figures[loss] for loss in LOSSES)
    suite.check(accounted == figures["pushed"], f"spans are lost without a count: {figures}")


def load(suite, sender, meanwhile=lambda: None):
    """The longest push in microseconds, and the figures afterwards."""
    sender.tell(f"load {LOAD}")
    meanwhile()
    longest = int(sender.line())
    suite.check(longest < PUSH_MAX_US, f"a push took {longest} us")
    figures = sender.figures()
    check_accounts(suite, figures)
    suite.check(figures["waiting"] <= 2 * QUEUE, f"{figures['waiting']} spans wait")
    return longest, figures


def emptied(sender):
    """The figures when nothing waits any more."""
    process.wait_until("the queue being empty", 60, lambda: sender.figures()["waiting"] == 0)
    return sender.figures()


def check_outage(suite, agent):
    """Killed, away, and there again, while spans come at 100,000 a second."""
    agent.clear()
    with contextlib.ExitStack() as stack:
        sender = Sender(suite, stack, TRACES_EXPORTER="otlp", EXPORTER_OTLP_ENDPOINT=agent.url,
                        EXPORTER_OTLP_COMPRESSION="gzip", BSP_MAX_QUEUE_SIZE=str(QUEUE))
        load(suite, sender)
        there = emptied(sender)
        suite.check(len(agent.spans()) == there["sent"], f"received otherwise than {there}")
        agent.clear()

        def kill():
            process.wait_until("more spans", 30, agent.spans)
            agent.kill()

        longest, away = load(suite, sender, kill)
        suite.check(away["full"] > there["full"] and away["failures"] > there["failures"],
                    f"an outage without a trace: {away}")
        agent.start()
        process.wait_until("spans being sent again", 60,
                           lambda: sender.figures()["sent"] > away["sent"])
        longest = max(longest, load(suite, sender)[0])
        figures = emptied(sender)
        received = len(agent.spans())
        suite.check(received == figures["sent"] - away["sent"],
                    f"{received} received since it is there again: {away}, then {figures}")
        check_accounts(suite, sender.figures("stop"))
    suite.say(f"killed under load: {figures}; longest push {longest} us")


PROPERTIES = """
clusters = east, west
east.bootstrap.servers = 127.0.0.1:{east}
west.bootstrap.servers = 127.0.0.1:{west}
east->west.enabled = true
http.listen = off
metrics.exporter = otlp
metrics.endpoint = {url}
"""


def check_program(suite, agent):
    """`longspan run` sends metrics by its file, also while no cluster answers, and ends in time."""
    agent.clear()
    path = os.path.join(suite.folder, "mirror.properties")
    with open(path, "w", encoding="utf-8") as file:
        file.write(PROPERTIES.format(east=process.free_port(), west=process.free_port(),
                                     url=agent.url))
    program = process.Process(suite.folder, "longspan", [suite.program, "run", path],
                              env={**os.environ, "OTEL_METRIC_EXPORT_INTERVAL": "200"})
    try:
        request = process.wait_until("metrics of the program", 30,
                                     lambda: agent.requests("metrics"), [program])[0]
    finally:
        program.stop()
    found = numbers_of(request, ("gauge", "sum"))
    names = {name for name, _ in found}
    suite.check({"longspan_build_info", "longspan_process_cpu_seconds_total",
                 "longspan_export_requests_total"} <= names, f"metrics are {sorted(names)}")
    instance = attributes(request["resourceMetrics"][0]["resource"])["service.instance.id"]
    suite.check(re.fullmatch(r".+:[0-9]+", instance), f"instance {instance}")
    suite.say(f"longspan run: {len(found)} series of {instance}")


def run(suite):
    with contextlib.ExitStack() as stack:
        agent = OtlpAgent(suite)
        stack.callback(lambda: agent.kill())
        check_spans(suite, agent, "http/protobuf", "gzip")
        check_spans(suite, agent, "http/json", "none")
        check_metrics(suite, agent, "http/protobuf", "cumulative")
        check_metrics(suite, agent, "http/json", "delta")
        check_program(suite, agent)
        check_outage(suite, agent)
        zipkin = Zipkin(suite)
        stack.callback(zipkin.kill)
        check_zipkin(suite, zipkin)


if __name__ == "__main__":
    suites.main("monitoring_telemetry", run)
