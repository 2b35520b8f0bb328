"""collectors.py - real consumers of what is sent: one of OTLP (PyPI), and Zipkin (Maven Central).

Both say what they have received over their own APIs.
"""

import base64
import json
import os
import urllib.error
import urllib.request

import fetched
from process import JAVA, Process, free_port, start_on_free_ports

AGENT = "ddapm-test-agent==1.69.1"
ZIPKIN = "io.zipkin:zipkin-server:3.5.1:jar:exec"
READY_S = 60
ASK_TIMEOUT_S = 10
IDS = ("traceId", "spanId", "parentSpanId")


def ask(url):
    """What is at a URL; None while nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=ASK_TIMEOUT_S) as answer:
            return answer.read()
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return None


def get(url):
    """The same, of JSON."""
    text = ask(url)
    return None if text is None else json.loads(text)


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def as_otlp_json(node):
    """What was read of protobuf, in the names and the ids of OTLP's JSON."""
    if isinstance(node, list):
        return [as_otlp_json(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {camel(key): base64.b64decode(value).hex()
            if "_id" in key and camel(key) in IDS else as_otlp_json(value)
            for key, value in node.items()}


class OtlpAgent:
    """`url` is an OTLP endpoint; a second start() listens there again and knows nothing more."""

    def __init__(self, suite):
        self._suite = suite
        self._command = os.path.join(os.path.dirname(fetched.python_with(suite, AGENT)),
                                     "ddapm-test-agent")
        self._ports = []
        self.url = None
        self._process = start_on_free_ports(self._start_anywhere, self._is_ready, READY_S)

    def _start_anywhere(self):
        self._ports = [str(free_port()) for _ in range(3)]
        self.url = f"http://127.0.0.1:{self._ports[1]}"
        return self._start()

    def _start(self):
        apm, http, grpc = self._ports
        return Process(self._suite.folder, "otlp-agent",
                       [self._command, "--host", "127.0.0.1", "-p", apm,
                        "--otlp-http-port", http, "--otlp-grpc-port", grpc],
                       cwd=self._suite.folder)

    def _is_ready(self, _process):
        return self._received("traces") is not None

    def start(self):
        self._process = start_on_free_ports(self._start, self._is_ready, READY_S)

    def kill(self):
        self._process.kill()

    def _received(self, what):
        return get(f"{self.url}/test/session/{what}")

    def clear(self):
        ask(f"{self.url}/test/session/clear")

    @property
    def apm_url(self):
        """Where Datadog's own tracers send to."""
        return f"http://127.0.0.1:{self._ports[0]}"

    def bodies(self, path):
        """Of the requests to a path of `apm_url`, from the last one back."""
        return [base64.b64decode(request["body"])
                for request in get(f"{self.apm_url}/test/session/requests") or []
                if request["url"].endswith(path)]

    def spans(self):
        return [span for request in as_otlp_json(self._received("traces") or [])
                for resource in request["resourceSpans"] for scope in resource["scopeSpans"]
                for span in scope["spans"]]

    def requests(self, what):
        """Requests of traces or metrics, as OTLP's JSON."""
        return as_otlp_json(self._received(what) or [])


class Zipkin:
    """In memory; `url` is where spans are posted to."""

    def __init__(self, suite):
        jar = fetched.jar(suite, ZIPKIN)

        def start():
            port = free_port()
            self._base = f"http://127.0.0.1:{port}"
            self.url = f"{self._base}/api/v2/spans"
            return Process(suite.folder, "zipkin",
                           [*JAVA, "-Darmeria.ports[0].ip=127.0.0.1",
                            f"-Darmeria.ports[0].port={port}",
                            "-Darmeria.ports[0].protocols[0]=http", "-jar", jar],
                           cwd=suite.folder, env={**os.environ, "QUERY_PORT": str(port)})

        self._process = start_on_free_ports(
            start, lambda _: get(f"{self._base}/health") is not None, READY_S)

    def trace(self, trace_id):
        """Its spans; none while it is not known."""
        return get(f"{self._base}/api/v2/trace/{trace_id}") or []

    def linking(self, trace_id):
        """[the spans of a trace] that have a link to this one."""
        return get(f"{self._base}/api/v2/traces?annotationQuery=link.trace_id={trace_id}") or []

    def page_of(self, trace_id):
        return f"{self._base}/zipkin/traces/{trace_id}"

    def kill(self):
        self._process.kill()
