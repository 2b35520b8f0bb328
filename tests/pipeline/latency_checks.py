"""latency_checks.py - what was seen of each table's records against what longspan tells of them."""

import re
from collections import Counter, namedtuple

from measured import QUANTILES, contradictions, quantile, rank_slack
from process import wait_until
from suite import Failed

COUNTED_TIMEOUT_S = 90
END_TO_END = "commit_to_target_append"
OWN_HOPS = ("fetched_to_produced", "produced_to_target_append")
ACROSS_SOURCE = ("connector_to_source_append", "source_append_to_fetched")
ASSUMED_S = 0.1  # clock.<domain>.max.error.ms
STALL_S = 0.1  # of a busy machine
FOLLOWED_MIN = 500  # of a loaded topic where not each record is

# Of the records of a table but its snapshot's: seconds since the commit of their change.
Truth = namedtuple("Truth", "records rows appended processed connector")


def check(pipeline):
    heartbeats = pipeline.sink.counts()[f"{pipeline.alias}.{pipeline.heartbeats}"]
    wait_until("all records being counted", COUNTED_TIMEOUT_S,
               lambda: has_counted_all(pipeline, heartbeats), [pipeline.mirror])
    lag, metrics = pipeline.lag(), pipeline.page("/metrics")
    groups = groups_of(pipeline)
    seen = pipeline.sink.finish()
    truths = {}
    for table in pipeline.cases:
        truths[table] = truth_of(pipeline, table, seen[pipeline.target_topic_of(table)])
        latency = latency_of(pipeline, lag, table)
        show(pipeline, table, (latency["sampled_total"], truths[table].records),
             latency["hops"][END_TO_END], truths[table].appended)
        check_counts(pipeline, table, truths[table], latency)
        check_end_to_end(pipeline, table, truths[table], latency)
        check_hops(pipeline, table, truths[table], latency)
    check_shifted(pipeline, lag, metrics)
    check_heartbeats(pipeline, lag, heartbeats)
    check_clocks(pipeline, lag)
    check_groups(pipeline, groups, truths)


def flow_of(lag, name):
    return next(flow for flow in lag["flows"] if flow["flow"] == name)


def latency_of_topic(lag, flow, topic):
    for each in flow_of(lag, flow)["topics"]:
        if each["source"] == topic:
            return each.get("latency")
    return None


def latency_of(pipeline, lag, table):
    return latency_of_topic(lag, pipeline.flow_of(table), pipeline.topic_of(table))


def has_counted_all(pipeline, heartbeats):
    """Records are counted when the target has acknowledged them, which may be after the sink saw
    them."""
    lag = pipeline.lag()
    for table in pipeline.cases:
        latency = latency_of(pipeline, lag, table)
        if latency is None:
            return False
        if pipeline.follows_all(table) and latency["sampled_total"] < pipeline.records_of(table):
            return False
    return heartbeats_of(pipeline, lag)["sampled_total"] >= heartbeats


def truth_of(pipeline, table, seen):
    """Puts commits and records together; what the connector tells of the commit must be true."""
    commits, turns = pipeline.tables.commits(table), Counter()
    truth = Truth(len(seen), pipeline.tables.counts[table], [], [], [])
    for each in seen:
        turn, turns[each.id] = turns[each.id], turns[each.id] + 1
        if turn == 0 and each.id <= pipeline.snapshot_rows:
            continue
        at = commits[each.id][min(turn, 1)]
        check_told(pipeline, each, at)
        truth.appended.append(tuple((time - at) / 1e6 for time in each.appended))
        truth.processed.append(tuple((time - at) / 1e6 for time in each.processed))
        if "connector_us" in each.told:
            truth.connector.append((each.told["connector_us"] - at) / 1e6)
    return truth


def check_told(pipeline, seen, commit_us):
    for name, wanted in (("commit_us", commit_us), ("commit_ms", commit_us // 1000)):
        told = seen.told.get(name, wanted)
        pipeline.suite.check(told == wanted, f"{seen.topic}: Debezium tells {name} {told} of row"
                             f" {seen.id}, Postgres {wanted}")


def milliseconds(values):
    return " ".join(f"{1000 * value:8.1f}" for value in values)


def show(pipeline, name, counts, hop, seen):
    """p50 and p99: the least and most that the witness has seen, and longspan's three."""
    shown = []
    for quantile_name in ("p50_s", "p99_s"):
        share = QUANTILES[quantile_name]
        bounds = [quantile([each[side] for each in seen], share) for side in (0, 1)]
        told = [hop[kind][quantile_name] for kind in ("low", "point", "high")]
        shown.append(f"{quantile_name[:3]} ms seen {milliseconds(bounds)}"
                     f"  told {milliseconds(told)}")
    pipeline.suite.say(f"{name:20s} {counts[0]:6d} of {counts[1]:6d}  " + "   ".join(shown))


def check_counts(pipeline, table, truth, latency):
    """Each record is counted, with its commit or with the reason why it has none."""
    check, hop = pipeline.suite.check, latency["hops"][END_TO_END]
    without = latency.get("without_commit", {})
    check(set(without) <= {"snapshot"}, f"{table}: without a commit: {without}")
    counts = {hop[kind]["count"] for kind in ("low", "point", "high")}
    check(len(counts) == 1, f"{table}: counts {counts} of the three sides")
    count = counts.pop()
    if pipeline.follows_all(table):
        check(latency["sampled_total"] == truth.records,
              f"{table}: {latency['sampled_total']} followed of {truth.records}")
        check(without == {"snapshot": pipeline.snapshot_rows}, f"{table}: left out {without}")
        check(count == len(truth.appended), f"{table}: {count} counted of {len(truth.appended)}")
        return
    # Those that are followed stand for the others.
    check(FOLLOWED_MIN <= latency["sampled_total"] < truth.records,
          f"{table}: {latency['sampled_total']} followed of {truth.records}")
    check(abs(count - len(truth.appended)) <= len(truth.appended) / 10,
          f"{table}: {count} stood for, not {len(truth.appended)}")


def check_end_to_end(pipeline, table, truth, latency):
    check, hop = pipeline.suite.check, latency["hops"][END_TO_END]
    slack = rank_slack(latency["sampled_total"], truth.records)
    wrong = contradictions(hop["low"], hop["high"], truth.appended, slack)
    check(not wrong, f"{table}, {END_TO_END}: {wrong}")
    check(hop["negative"] == 0, f"{table}: {hop['negative']} below zero")
    # What is told must not be right only because it tells nothing.
    width = hop["high"]["p50_s"] - hop["low"]["p50_s"]
    widest = ASSUMED_S + 2 * quantile([each[1] for each in truth.processed], 0.5) + STALL_S
    check(width <= widest, f"{table}: [low, high] is {width:.3f} s wide")


def check_hops(pipeline, table, truth, latency):
    """No hop is longer than the test, or below zero by more than clocks are unknown."""
    check = pipeline.suite.check
    for name, hop in latency["hops"].items():
        for quantile_name in QUANTILES if "point" in hop else ():
            point = hop["point"][quantile_name]
            check(-ASSUMED_S <= point <= pipeline.elapsed_s(),
                  f"{table}: {quantile_name} of {name} is {point}")
    for name in OWN_HOPS:
        hop = latency["hops"][name]
        check(hop["negative"] == 0 and hop["absent"] == 0 and not hop["assumed"],
              f"{table}, {name}: {hop}")
    has_append_time = pipeline.cases[table].connector == "shifted"
    for name in ACROSS_SOURCE:
        check(("point" in latency["hops"][name]) == has_append_time, f"{table}: {name}")
    if truth.connector and pipeline.follows_all(table):
        told = latency["hops"]["commit_to_connector"]["point"]["p50_s"]
        wanted = quantile(truth.connector, QUANTILES["p50_s"])
        check(abs(told - wanted) <= ASSUMED_S + 0.02 * wanted,
              f"{table}: commit to connector {told:.4f}, not {wanted:.4f}")


def sums_of(metrics, flow, topic):
    found = re.findall(r'^longspan_hop_latency_seconds_sum\{flow="(.*?)",topic="(.*?)",hop="(.*?)"'
                       r'\} (\S+)', metrics, re.MULTILINE)
    return {hop: float(value) for of, name, hop, value in found if (of, name) == (flow, topic)}


def is_source_measured(lag, flow):
    brokers = [each for each in flow_of(lag, flow).get("clocks", ())
               if each["clock"].startswith("source_broker")]
    return bool(brokers) and not any(each["assumed"] for each in brokers)


def check_shifted(pipeline, lag, metrics):
    """The wrong clock of the source's broker is nobody's latency."""
    check = pipeline.suite.check
    for table in pipeline.tables_of("shifted"):
        hops = latency_of(pipeline, lag, table)["hops"]
        for name in ACROSS_SOURCE:
            check(hops[name]["assumed"] or is_source_measured(lag, pipeline.flow_of(table)),
                  f"{table}: {name} is not marked as assumed")
            # With the shift in them one would be far below zero, and the other above the whole.
            point = hops[name]["point"]["p50_s"]
            whole = hops["connector_to_fetched"]["point"]["p50_s"]
            check(-pipeline.shift_s / 2 < point < whole + pipeline.shift_s / 2,
                  f"{table}: {name} takes {point:.3f} s, connector to fetched {whole:.3f} s")
        sums = sums_of(metrics, pipeline.flow_of(table), pipeline.topic_of(table))
        parts, whole = sum(sums[name] for name in ACROSS_SOURCE), sums["connector_to_fetched"]
        check(abs(parts - whole) <= 1e-6 * hops["connector_to_fetched"]["point"]["count"] + 1e-6,
              f"{table}: the hops' points do not add up: {parts} and {whole}")


def heartbeats_of(pipeline, lag):
    return latency_of_topic(lag, f"{pipeline.alias}->west", pipeline.heartbeats)


def check_heartbeats(pipeline, lag, seen):
    """They go on: at least those that the sink had seen before longspan was asked."""
    check, latency = pipeline.suite.check, heartbeats_of(pipeline, lag)
    counted = latency.get("without_commit", {})
    check(set(counted) == {"heartbeat"} and counted["heartbeat"] >= seen > 0,
          f"{seen} heartbeats were seen, {counted} counted")
    check("point" not in latency["hops"][END_TO_END], "heartbeats have a commit time")
    check(latency["hops"]["connector_to_fetched"]["point"]["count"] == counted["heartbeat"],
          "heartbeats do not tell their connector's time")
    pipeline.suite.say(f"{seen} heartbeats are counted as such")


def check_clocks(pipeline, lag):
    """The truth is known: they are one, but for the shifted broker's."""
    check = pipeline.suite.check
    for name in {pipeline.flow_of(table) for table in pipeline.cases}:
        clocks = flow_of(lag, name).get("clocks", [])
        for clock in clocks:
            is_shifted = (name.startswith(pipeline.shifted_alias)
                          and clock["clock"].startswith("source_broker"))
            truth = pipeline.shift_s if is_shifted else 0
            low, high = clock.get("low_s"), clock.get("high_s")
            check((low is None or low <= truth) and (high is None or high >= truth),
                  f"{name}: a clock is {truth} s ahead, not {clock}")
        check(clocks, f"{name} has no clocks")
        pipeline.suite.say(f"clocks of {name}: " + "; ".join(
            f"{each['clock']} [{each.get('low_s')}, {each.get('high_s')}]" for each in clocks))


def groups_of(pipeline):
    """{table: what is told of the sink's group}, when each record's way has ended there."""
    def asked():
        told = [each for flow in pipeline.lag()["flows"] for each in flow.get("groups", ())
                if each["group"] == pipeline.group]
        return {table: each for table in pipeline.cases for each in told
                if each["target_topic"] == pipeline.target_topic_of(table)}

    def are_whole():
        groups = asked()
        return all(count_of(groups.get(table)) >= pipeline.records_of(table)
                   - pipeline.snapshot_rows for table in pipeline.cases
                   if pipeline.follows_all(table)) and groups
    try:
        return wait_until(f"the records' ends at the group {pipeline.group}", COUNTED_TIMEOUT_S,
                          are_whole, [pipeline.mirror])
    except Failed:
        groups, lag = asked(), pipeline.lag()
        for table in pipeline.cases:
            ends = (groups.get(table) or {}).get("end_to_end", {})
            counts = {name: value for name, value in ends.items() if not isinstance(value, dict)}
            sampled = (latency_of(pipeline, lag, table) or {}).get("sampled_total")
            pipeline.suite.say(f"{table}: {count_of(groups.get(table))} ends told,"
                               f" {pipeline.records_of(table) - pipeline.snapshot_rows} wanted;"
                               f" sampled {sampled}; {counts} absent {ends.get('absent')}")
        raise


def count_of(group):
    return group["end_to_end"].get("point", {}).get("count", 0) if group else 0


def check_groups(pipeline, groups, truths):
    """The sink processes between it sees a record and asks for its position to be committed."""
    pipeline.suite.check(set(groups) == set(pipeline.cases), f"groups of {sorted(groups)} only")
    for table, group in groups.items():
        hop, truth = group["end_to_end"], truths[table].processed
        show(pipeline, f"{table} to the sink", (count_of(group), len(truth)), hop, truth)
        if pipeline.follows_all(table):
            pipeline.suite.check(count_of(group) == len(truth),
                                 f"{table}: {count_of(group)} ends of {len(truth)}")
        samples = FOLLOWED_MIN if not pipeline.follows_all(table) else len(truth)
        wrong = contradictions(hop["low"], hop["high"], truth, rank_slack(samples, len(truth)))
        pipeline.suite.check(not wrong, f"{table}, to the sink: {wrong}")
        pipeline.suite.check(hop["negative"] == 0, f"{table}: {hop['negative']} below zero")
