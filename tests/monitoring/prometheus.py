"""prometheus.py - a real Prometheus that scrapes pages each second, and what it answers."""

import json
import os
import urllib.error
import urllib.parse
import urllib.request

import process
from suite import need

READY_S = 30
ASK_TIMEOUT_S = 60


def find():
    """Where ./dev unpacks Debian's package, or the PATH."""
    cache = os.environ.get("LONGSPAN_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "longspan")
    unpacked = os.path.join(cache, "prometheus", "usr", "bin", "prometheus")
    return unpacked if os.access(unpacked, os.X_OK) else need("prometheus", "prometheus")


class Prometheus:
    """Stopped by stop(); its files are in the suite's folder."""

    def __init__(self, suite, name, targets, features=(), rules=()):
        """targets: {job: host:port}."""
        self.folder = os.path.join(suite.folder, name)
        os.makedirs(self.folder)
        self._config = os.path.join(self.folder, "prometheus.yml")
        with open(self._config, "w", encoding="utf-8") as file:
            # JSON is YAML.
            json.dump({"global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
                       "rule_files": list(rules),
                       "scrape_configs": [
                           {"job_name": job, "static_configs": [{"targets": [target]}]}
                           for job, target in targets.items()]}, file)
        self._program, self._name, self._features = find(), name, features
        self._port = None
        self._process = process.start_on_free_ports(self._start, lambda _: self._is_ready(),
                                                    READY_S)

    def _start(self):
        self._port = process.free_port()
        command = [self._program, f"--config.file={self._config}",
                   f"--storage.tsdb.path={self.folder}/data",
                   f"--web.listen-address=127.0.0.1:{self._port}"]
        if self._features:
            command.append(f"--enable-feature={','.join(self._features)}")
        return process.Process(self.folder, self._name, command)

    def _get(self, path, **query):
        url = f"http://127.0.0.1:{self._port}{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=ASK_TIMEOUT_S) as answer:
            return answer.read()

    def _is_ready(self):
        try:
            self._get("/-/ready")
            return True
        except OSError:
            return False

    def query(self, promql):
        """[(labels, value)] of an instant query; a name is the label __name__."""
        answer = json.loads(self._get("/api/v1/query", query=promql))
        return [(each["metric"], float(each["value"][1])) for each in answer["data"]["result"]
                if "value" in each]

    def exemplars(self, promql, start, end):
        """[(labels of the series, labels of the exemplar, value, time)]."""
        answer = json.loads(self._get("/api/v1/query_exemplars", query=promql, start=start,
                                      end=end))
        return [(series["seriesLabels"], each["labels"], float(each["value"]),
                 float(each["timestamp"])) for series in answer["data"]
                for each in series["exemplars"]]

    def query_range(self, promql, start, end, step):
        """[(labels, [(time, value)])]; of a native histogram its count."""
        answer = json.loads(self._get("/api/v1/query_range", query=promql, start=start, end=end,
                                      step=step))
        return [(each["metric"],
                 [(float(at), float(value)) for at, value in each.get("values", ())] +
                 [(float(at), float(value["count"])) for at, value in each.get("histograms", ())])
                for each in answer["data"]["result"]]

    def rules(self):
        """As Prometheus tells them: name, type, health, lastError."""
        answer = json.loads(self._get("/api/v1/rules"))
        return [rule for group in answer["data"]["groups"] for rule in group["rules"]]

    def wait_for(self, what, promql, seconds=30):
        return process.wait_until(what, seconds, lambda: self.query(promql), [self._process])

    def stop(self):
        self._process.stop()
