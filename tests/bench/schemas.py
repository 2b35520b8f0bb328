"""schemas.py - `bench schemas`: how fast, how dear and how large `longspan schemas sync` is, beside
the bare requests of a script, between two `longspan registry` of this machine."""

import json
import os
import subprocess
import time

import report

ROUNDS = 3
SUBJECTS, SUBJECTS_QUICK, VERSIONS = 10_000, 1_000, 3


class Registry:
    """`longspan registry` on a port that it chose."""

    def __init__(self, program):
        self.process = subprocess.Popen([program, "registry", "--port", "0"], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        words = self.process.stdout.readline().split()
        self.url = next(word for word in words if word.startswith("http://")).rstrip(",.;")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.wait()


def flow_file(folder, source, target):
    """Kafka is not there, and no command asks it: --without-kafka."""
    path = os.path.join(folder, "flow.properties")
    with open(path, "w", encoding="utf-8") as file:
        file.write("clusters = east, west\n"
                   "east.bootstrap.servers = 127.0.0.1:1\nwest.bootstrap.servers = 127.0.0.1:2\n"
                   "east->west.enabled = true\nschema.subject.rename = none\n"
                   f"east.schema.registry.url = {source.url}\n"
                   f"west.schema.registry.url = {target.url}\n")
    return path


def command(program, what, *flags):
    """Seconds, peak KiB and exit code of `longspan schemas ...`."""
    begun = time.monotonic()
    process = subprocess.Popen([program, "schemas", *what, "--without-kafka", *flags],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return {"seconds": time.monotonic() - begun, "peak_kb": usage.ru_maxrss,
            "code": process.returncode}


class Schemas:
    """The source, filled once; each work gets a target of its own."""

    def __init__(self, run, folder):
        self.run, self.folder = run, folder
        self.subjects = SUBJECTS_QUICK if run.options.quick else SUBJECTS
        self.size = ["--subjects", self.subjects, "--versions", VERSIONS]
        self.source = None

    def own(self, work, source, target, *more):
        return self.run.own("schema_sync", work, "--source", source.url, "--target", target.url,
                            *(more or self.size))

    def fixed_s(self):
        with Registry(self.run.program) as source, Registry(self.run.program) as target:
            self.own("fill", source, source, "--subjects", 1, "--versions", 1)
            return command(self.run.program, ["sync", flow_file(self.folder, source, target)],
                           "--yes")["seconds"]

    def work(self, name, fixed_s):
        with Registry(self.run.program) as target:
            if name != "longspan":
                return self.own(name, self.source, target)
            file = flow_file(self.folder, self.source, target)
            result = command(self.run.program, ["sync", file], "--yes")
            again = command(self.run.program, ["sync", file], "--yes")
            diff = command(self.run.program, ["diff", file])
            if (result["code"], again["code"], diff["code"]) != (0, 0, 0):
                raise RuntimeError(f"exit codes {result} {again} {diff}")
            return {"seconds": result["seconds"] - fixed_s, "peak_kb": result["peak_kb"],
                    "again_s": again["seconds"] - fixed_s, "again_kb": again["peak_kb"],
                    "diff_kb": diff["peak_kb"]}

    def full_diff_kb(self):
        """Of all that a first sync would do."""
        with Registry(self.run.program) as target:
            file = flow_file(self.folder, self.source, target)
            return command(self.run.program, ["diff", file])["peak_kb"]


def median(values):
    return sorted(values)[len(values) // 2]


def measure(run, say):
    """The tables; see README.md for the columns."""
    schemas = Schemas(run, run.folder)
    fixed = schemas.fixed_s()
    names = ["bare", "longspan", "blind", "lists"]
    seen = {name: [] for name in names}
    with Registry(run.program) as source:
        schemas.source = source
        schemas.own("fill", source, source)
        for _ in range(1 if run.options.quick else ROUNDS):
            for name in names:
                seen[name].append(schemas.work(name, fixed))
                say(f"  {name}: {json.dumps(seen[name][-1])}")
        with Registry(run.program) as target:
            counts = schemas.own("sync", source, target)
        diff_kb = schemas.full_diff_kb()
        with Registry(run.program) as target:
            duty = schemas.own("duty", source, target)
    say(f"  duty: {json.dumps(duty)}")
    return tables(schemas, seen, counts, diff_kb, duty)


def tables(schemas, seen, counts, diff_kb, duty):
    took = {name: median([each["seconds"] for each in all_of]) for name, all_of in seen.items()}
    asked = {name: all_of[0].get("source", 0) + all_of[0].get("target", 0)
             for name, all_of in seen.items()}
    asked["longspan"] = counts["source"] + counts["target"]
    rows = [[name, f"{took[name]:.1f}", f"{took[name] / took['bare']:.2f}", f"{asked[name]:,}"]
            for name in seen]
    own = seen["longspan"]
    memory = [["first sync", max(each["peak_kb"] for each in own)],
              ["second sync", max(each["again_kb"] for each in own)],
              ["diff of equal registries", max(each["diff_kb"] for each in own)],
              ["diff with an empty target", diff_kb],
              ["duty, first full comparison and ticks", duty["peak_kb"]],
              ["duty, held between ticks", duty["held_kb"]]]
    again = median([each["again_s"] for each in own])
    return "\n".join([
        f"{schemas.subjects} subjects x {VERSIONS} versions; a second sync takes {again:.1f} s", "",
        report.table(["first sync", "s", "of bare", "requests"], rows), "",
        report.table(["", "peak MiB"], [[name, f"{kb / 1024:.0f}"] for name, kb in memory]), "",
        report.table(["duty", "requests"],
                     [["full comparison that imports all", f"{duty['full']:,}"],
                      ["first tick", str(duty["first_tick"])],
                      [f"{duty['ticks']} ticks", str(duty["of_all_ticks"])],
                      ["most of one tick", str(duty["most_of_one"])],
                      ["tick that finds a new version", str(duty["new_version"])]])])
