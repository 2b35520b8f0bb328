"""rebalance.py - `bench rebalance`: for how long records stand still while processes of a flow
come, go and die, of the partitions that stay where they are and of those that move."""

import json
import os
import subprocess
import time
from signal import SIGCONT, SIGKILL, SIGSTOP, SIGTERM

import mirrors
import report

PARTITIONS, PARTITIONS_QUICK = 1000, 100
# Records go to the first of them only, and the brokers get time to compile themselves: each fetch
# names a thousand partitions, and two brokers on one small machine that are asked for more would
# be what is measured.
WRITTEN, RATE = 50, 250
WARM_UP_S = 30
SESSION_MS = 6000
SETTLED_S = 5
PATIENCE_S = 60


class Flow:
    """The processes of one flow, and what `longspan lag` says of them."""

    def __init__(self, run, flow, alias):
        self.run, self.processes, self.trouble = run, {}, ""
        values = {**mirrors.flow_properties(flow, alias), "http.listen": "127.0.0.1:0",
                  "ownership.session.timeout.ms": SESSION_MS}
        self.file = mirrors.write_properties(f"{run.folder}/{alias}.properties", values)

    def start(self, name):
        with open(f"{self.run.folder}/{name}.log", "wb") as log:
            self.processes[name] = subprocess.Popen([self.run.program, "run", self.file],
                                                    stdout=log, stderr=log)

    def signal(self, name, number):
        self.processes[name].send_signal(number)

    def end(self, name, number):
        self.signal(name, number)
        self.processes.pop(name).wait()

    def owners(self):
        """The owner of each partition; absent where nobody's, or not known yet."""
        done = subprocess.run([self.run.program, "lag", self.file, "--json"], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            self.trouble = done.stderr.strip()
            return {}
        flow = json.loads(done.stdout)["flows"][0]
        slots = {slot["slot"]: slot["owner"]["process"] for slot in flow["slots"]
                 if "owner" in slot and "released_at_ms" not in slot["owner"]}
        return {each["partition"]: slots[each["slot"]] for each in flow["partitions"]
                if each["slot"] in slots}

    def settle(self, partitions, count):
        """Owners, once so many processes own everything."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            owners = self.owners()
            if len(owners) == partitions and len(set(owners.values())) == count:
                return owners
            time.sleep(0.3)
        raise SystemExit(f"bench: not {count} owners of {partitions} partitions in {PATIENCE_S} s, "
                         f"but {len(set(owners.values()))} of {len(owners)}; {self.trouble}")


class Load:
    """`pauses`: the load, and for how long each partition that is written to stood still."""

    def __init__(self, run, flow, target_topic):
        self.process = subprocess.Popen(
            [os.path.join(run.programs, "pauses"), "--source", flow.source, "--target", flow.target,
             "--source-topic", flow.topic, "--target-topic", target_topic, "--partitions",
             str(WRITTEN), "--rate", str(RATE), "--bytes", "100"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def take(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def longest(pauses, which):
    chosen = [pauses[p] for p in which if p < WRITTEN]
    return f"{max(chosen):,}" if chosen else "-"


def row(what, pauses, before, after):
    moved = {p for p in after if after[p] != before[p]}
    kept = set(after) - moved
    return [what, str(len(kept)), longest(pauses, kept), str(len(moved)), longest(pauses, moved)]


def measure(run, say):
    partitions = PARTITIONS_QUICK if run.options.quick else PARTITIONS
    flow = mirrors.Flow(run.env["LONGSPAN_SOURCE_BOOTSTRAP"], run.env["LONGSPAN_TARGET_BOOTSTRAP"],
                        "rebalance", "none")
    topic = "rb.rebalance"
    for bootstrap, name in ((flow.source, flow.topic), (flow.target, topic)):
        run.own("load", "--bootstrap", bootstrap, "--topic", name, "--partitions", partitions,
                "--records", 0, "--bytes", 0, "--codec", "none")
    mirror, load, rows = Flow(run, flow, "rb"), Load(run, flow, topic), []

    def step(what, count, before, act):
        load.take()
        act()
        after = mirror.settle(partitions, count)
        time.sleep(SETTLED_S)
        rows.append(row(what, load.take(), before, after))
        say("  " + " | ".join(rows[-1]))
        return after

    try:
        mirror.start("one")
        owners = mirror.settle(partitions, 1)
        time.sleep(WARM_UP_S)
        owners = step("nothing happens", 1, owners, lambda: None)
        owners = step("a second process comes", 2, owners, lambda: mirror.start("two"))
        owners = step("a third process comes", 3, owners, lambda: mirror.start("three"))
        owners = step("the third is stopped", 2, owners, lambda: mirror.end("three", SIGTERM))
        owners = step("the second is frozen", 1, owners, lambda: mirror.signal("two", SIGSTOP))
        owners = step("it goes on", 2, owners, lambda: mirror.signal("two", SIGCONT))
        step("it is killed", 1, owners, lambda: mirror.end("two", SIGKILL))
    finally:
        load.end()
        for name in list(mirror.processes):
            mirror.signal(name, SIGCONT)
            mirror.end(name, SIGTERM)
    head = ["what", "kept", "longest pause ms", "moved", "longest pause ms"]
    return (f"{partitions} partitions, {RATE} records/s to {WRITTEN} of them, so each one's are "
            f"{1000 * WRITTEN // RATE} ms apart; session timeout {SESSION_MS} ms\n\n"
            + report.table(head, rows))
