#!/usr/bin/env python3
"""scrape.py - a real Prometheus stores what /metrics says, in each form that it asks for.

A page whose numbers do not change is scraped by a Prometheus as it is (OpenMetrics) and by one that
takes native histograms (Protocol Buffers). What each has stored must be what the text says.
"""

import contextlib
import os
import re
import subprocess
import sys
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "servers"))

import process  # noqa: E402
import suite as suites  # noqa: E402
from prometheus import Prometheus  # noqa: E402

SAMPLE = re.compile(r'^([a-z_]+)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)",?')
HISTOGRAM_PART = re.compile(r"_(bucket|sum|count)$")
EXEMPLAR = re.compile(r'(?P<name>\w+)_bucket\{.*\} \S+ # \{trace_id="(?P<trace>\w+)",'
                      r'span_id="(?P<span>\w+)"\} (?P<value>\S+) (?P<at>\S+)$')
OF_PROMETHEUS = {"job", "instance"}
TEXT = "text/plain;version=0.0.4"
PROTOBUF = ("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
            "encoding=delimited")
OPENMETRICS = "application/openmetrics-text;version=1.0.0"


def get(url, accept):
    request = urllib.request.Request(f"{url}/metrics", headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.headers["Content-Type"], answer.read()


def key(name, labels):
    """Bounds are compared as numbers: one form says 1, the other 1.0."""
    return name, tuple(sorted((label, str(float(value)) if label == "le" else value)
                              for label, value in labels.items()
                              if label not in OF_PROMETHEUS and label != "__name__"))


def samples_of(text):
    """{(name, labels): value} of the text form."""
    out = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = SAMPLE.match(line).groups()
        unescaped = {label: re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], quoted)
                     for label, quoted in LABEL.findall(labels or "")}
        out[key(name, unescaped)] = float(value)
    return out


def stored(prometheus, names='longspan_.*'):
    return {key(labels["__name__"], labels): value
            for labels, value in prometheus.query(f'{{__name__=~"{names}",job="page"}}')}


def histograms_of(samples):
    """{name: its series' labels} of the histograms."""
    out = {}
    for name, labels in samples:
        if name.endswith("_bucket"):
            without_bound = tuple(label for label in labels if label[0] != "le")
            out.setdefault(name.removesuffix("_bucket"), set()).add(without_bound)
    return out


def is_of_histogram(name, histograms):
    return HISTOGRAM_PART.sub("", name) in histograms and HISTOGRAM_PART.search(name)


def check_forms(suite, url):
    for accept, wanted in ((TEXT, "text/plain; version=0.0.4; charset=utf-8"),
                           (OPENMETRICS,
                            "application/openmetrics-text; version=1.0.0; charset=utf-8"),
                           (PROTOBUF, "application/vnd.google.protobuf; "
                                      "proto=io.prometheus.client.MetricFamily; "
                                      "encoding=delimited")):
        suite.check(get(url, accept)[0] == wanted, f"{accept}: {get(url, accept)[0]}")


def check_openmetrics(suite, prometheus, text):
    prometheus.wait_for("a scrape", 'longspan_ready{job="page"}')
    differing = dict(stored(prometheus).items() ^ text.items())
    suite.check(not differing, f"Prometheus stored otherwise: {sorted(differing.items())[:5]}")
    suite.say(f"OpenMetrics: {len(text)} series are as the text says")


def within(value, low, high):
    return low * 0.98 <= value <= high * 1.02


def classic_bounds(text, name, labels, rank):
    """The classic bucket that holds the rank."""
    low = 0.0
    buckets = sorted((float(dict(each)["le"]), count) for (of, each), count in text.items()
                     if of == f"{name}_bucket" and tuple(l for l in each if l[0] != "le") == labels)
    for bound, count in buckets:
        if count >= rank:
            return low, bound
        low = bound
    return low, float("inf")


def check_native(suite, prometheus, text):
    """Numbers are as in the text; of histograms their native form, which has no _bucket."""
    prometheus.wait_for("a scrape", 'longspan_ready{job="page"}')
    histograms = histograms_of(text)
    numbers = {at: value for at, value in text.items() if not is_of_histogram(at[0], histograms)}
    found = {at: value for at, value in stored(prometheus).items() if at[0] not in histograms}
    differing = dict(found.items() ^ numbers.items())
    suite.check(not differing, f"Prometheus stored otherwise: {sorted(differing.items())[:5]}")
    asked = 0
    for name, series in histograms.items():
        figures = {function: {key("", labels)[1]: value for labels, value in
                              prometheus.query(f'histogram_{function}({name}{{job="page"}})')}
                   for function in ("count", "sum")}
        p50 = {key("", labels)[1]: value for labels, value in
               prometheus.query(f'histogram_quantile(0.5, {name}{{job="page"}})')}
        suite.check(set(figures["count"]) == series, f"{name}: native are {figures['count']}")
        for labels in series:
            asked += 1
            count = text[(f"{name}_count", labels)]
            suite.check(figures["count"][labels] == count, f"{name}{labels}: {count} by the text")
            suite.check(figures["sum"][labels] == text[(f"{name}_sum", labels)],
                        f"{name}{labels}: the sum is {figures['sum'][labels]}")
            low, high = classic_bounds(text, name, labels, count / 2)
            suite.check(low == 0 or within(p50[labels], low, high),
                        f"{name}{labels}: p50 is {p50[labels]}, not in ({low}, {high}]")
    suite.check(asked > 0, "the page has no histograms")
    suite.say(f"Protocol Buffers: {len(numbers)} series and {asked} native histograms are as the "
              "text says")


def check_exemplars(suite, url, prometheuses):
    """What the page says behind a # is what Prometheus has of its buckets."""
    said = set()
    for line in get(url, OPENMETRICS)[1].decode().splitlines():
        found = EXEMPLAR.match(line)
        if found:
            said.add((found["name"], found["trace"], found["span"], float(found["value"]),
                      float(found["at"])))
    suite.check(said, "the page has no exemplars")
    start, end = (bound(each[4] for each in said) for bound in (min, max))
    for each in prometheuses:
        stored_ones = {(series["__name__"].removesuffix("_bucket"), labels["trace_id"],
                        labels["span_id"], value, at) for series, labels, value, at
                       in each.exemplars('{job="page"}', start - 1, end + 1)}
        suite.check(stored_ones == said, f"exemplars are {stored_ones}, not {said}")
    suite.say(f"exemplars: {len(said)}, in both forms")


def check_vanished(suite, prometheuses, page):
    """Series of what is gone go with the next scrape, not with Prometheus' five minutes."""
    gone = 'longspan_mirrored_records_total{flow="east->west"}'
    for each in prometheuses:
        suite.check(each.query(gone), "nothing is there that could vanish")
    page.stdin.write(b"shrink\n")
    page.stdin.flush()
    for each in prometheuses:
        process.wait_until("series of a flow that is gone to vanish", 15,
                           lambda each=each: not each.query(gone))
    suite.say("series of a flow that is gone have vanished")


def run(suite):
    server = os.environ["LONGSPAN_PAGE_SERVER"]
    with contextlib.ExitStack() as stack:
        page = process.Process(suite.folder, "page", [server], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
        stack.callback(page.kill)
        url = page.stdout.readline().decode().strip()
        check_forms(suite, url)
        text = samples_of(get(url, TEXT)[1].decode())
        target = {"page": url.removeprefix("http://")}
        plain = Prometheus(suite, "plain", target, ("exemplar-storage",))
        stack.callback(plain.stop)
        native = Prometheus(suite, "native", target, ("native-histograms", "exemplar-storage"))
        stack.callback(native.stop)
        check_openmetrics(suite, plain, text)
        check_native(suite, native, text)
        check_exemplars(suite, url, (plain, native))
        check_vanished(suite, (plain, native), page)


if __name__ == "__main__":
    suites.main("monitoring_scrape", run)
