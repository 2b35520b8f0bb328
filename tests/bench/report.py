"""report.py - the measurements as Markdown tables, and RESULTS.md."""

import datetime
import os
import platform


class ForwardRow:
    """One mirror in one case; `result` is what `observe` printed, None when it failed."""

    def __init__(self, size, codec, mirror, result):
        self.size, self.codec, self.mirror, self.result = size, codec, mirror, result

    @property
    def rate(self):
        return self.result["counted"] / self.result["seconds"]

    @property
    def cpu_per_million(self):
        return self.result["cpu_s"] / self.result["counted"] * 1e6

    def summary(self):
        if self.result is None:
            return f"  {self.mirror}: FAILED"
        return (f"  {self.mirror}: {self.rate:,.0f} records/s, {self.cpu_per_million:.2f} CPU s "
                f"per million, {self.result['rss_kb'] / 1024:.0f} MiB")

    def cells(self, base):
        case = [f"{self.size} B", self.codec, self.mirror]
        if self.result is None:
            return case + ["failed"] + [""] * 6
        ratio = f"{self.rate / base:.2f}" if base else ""
        return case + [f"{self.rate:,.0f}", ratio, f"{self.rate * self.size / 1e6:,.0f}",
                       f"{self.cpu_per_million:.2f}", f"{self.result['rss_kb'] / 1024:.0f}",
                       f"{self.result['start_s']:.1f}", f"{self.result['start_cpu_s']:.1f}"]


class LatencyRow:
    """One mirror at one distance; `result` is what `latency` printed."""

    def __init__(self, round_trip_ms, mirror, result):
        self.round_trip_ms, self.mirror, self.result = round_trip_ms, mirror, result

    def measured(self):
        return bool(self.result) and "p50" in self.result

    def summary(self):
        return "  " + " | ".join(self.cells())

    def cells(self):
        case = [f"{self.round_trip_ms} ms", self.mirror]
        if not self.measured():
            return case + ["failed"] + [""] * 5
        times = [f"{self.result[q]:.1f}" for q in ("p50", "p90", "p99", "max")]
        return case + times + [str(self.result["missing"]), str(self.result["repeated"])]


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(cells) + " |" for cells in rows])


def forward_table(rows):
    head = ["record", "codec", "mirror", "records/s", "of bare loop", "MB/s", "CPU s per million",
            "peak RSS MiB", "start to first record s", "CPU s until then"]
    base = {(r.size, r.codec): r.rate for r in rows if r.mirror == "bare loop" and r.result}
    return table(head, [row.cells(base.get((row.size, row.codec))) for row in rows])


def latency_table(rows):
    head = ["round trip", "mirror", "p50 ms", "p90 ms", "p99 ms", "max ms", "missing", "repeated"]
    return table(head, [row.cells() for row in rows])


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    name = names[0] if names else platform.machine()
    return (f"{os.cpu_count()} x {name}, {memory_gib:.0f} GiB, Linux {platform.release()}, "
            f"load average at the end {load:.1f}")


def section(command, body):
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    return f"## {now}: `{command}`\n\n{machine()}\n\n{body}\n"


def record(path, text):
    """The newest result stands first, under the file's own introduction."""
    with open(path, encoding="utf-8") as file:
        intro, mark, older = file.read().partition("\n## ")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{intro.rstrip()}\n\n{text}{mark}{older}")
