"""trace_times.py - the times in longspan's spans against those of the others, and its own `lag`.

Postgres tells the commit, Debezium's spans the connector's time, the sink what it has seen and
committed: all by the clock of this machine. longspan does not know that they are one clock.
"""

from collections import namedtuple

from latency_checks import latency_of_topic
from measured import QUANTILES, off, quantile
from process import wait_until
from suite import Failed
from trace_checks import READ, ROOT, Shapes

COUNTED_TIMEOUT_S = 60
MS_US = 1000
CUT_US = 2  # Zipkin's times are cut to microseconds
ASSUMED_US = 100_000  # clock.<domain>.max.error.ms
STALL_US = 100_000  # of a busy machine

# A span's name, without the topic; where it begins and ends; its name in `lag`.
Hop = namedtuple("Hop", "word hop told")
HOPS = (Hop("capture", "commit_to_connector", "commit_to_connector"),
        Hop("poll", "connector_to_fetched", "connector_to_fetched"),
        Hop("queue", "fetched_to_produced", "fetched_to_produced"),
        Hop("send", "produced_to_target_append", "produced_to_target_append"),
        Hop("commit", "target_append_to_sink_commit", "append_to_sink_commit"))
WHOLE = Hop("mirror", "commit_to_target_append", "commit_to_target_append")


def groups_of(pipeline, lag):
    """{source topic: what `lag` tells of the sink's group}."""
    return {each["topic"]: each for flow in lag["flows"]
            for each in flow.get("groups", ()) if each["group"] == pipeline.group}


def wait_until_followed(pipeline, modes):
    """All that the group commits from now on is known when it is."""
    def are_known():
        groups = groups_of(pipeline, pipeline.lag())
        return all(groups.get(pipeline.topic_of(mode), {}).get("partitions_by_state")
                   == {"known": pipeline.partitions} for mode in modes)
    wait_until("the group's positions", COUNTED_TIMEOUT_S, are_known, [pipeline.mirror])


def wait_until_counted(pipeline, modes, rows):
    """The last of these rows' ways have ended at the group."""
    def are_counted():
        groups = groups_of(pipeline, pipeline.lag())
        return all(groups[pipeline.topic_of(mode)]["append_to_sink_commit"]
                   .get("point", {}).get("count", 0) >= rows for mode in modes)
    wait_until("the records' ends at the group", COUNTED_TIMEOUT_S, are_counted,
               [pipeline.mirror])


def hops_of(pipeline, mode, spans):
    """{word: span} of longspan's."""
    shapes = Shapes(pipeline.topic_of(mode), pipeline.target_topic_of(mode))
    return {name.split(" ")[1]: span for name, span in spans.items()
            if name.startswith("longspan: ")}, spans[shapes.sink]


def bounds(span, what):
    """(low, high): both are known here."""
    return tuple(int(span["tags"][f"longspan.{what}.{side}_us"]) for side in ("low", "high"))


def end_of(span):
    return span["timestamp"] + span.get("duration", 0)


def check(pipeline, mode, ways, spans):
    for way, each in zip(ways, spans, strict=True):
        what = f"{mode}, row {way.id}"
        hops, sink = hops_of(pipeline, mode, each)
        check_sums(pipeline, what, hops)
        check_others(pipeline, what, way, hops, each)
        if "commit" in hops:
            check_commit(pipeline, what, way.seen, hops["commit"], sink)
    all_hops = [hops_of(pipeline, mode, each)[0] for each in spans]
    check_widths(pipeline, mode, all_hops)
    check_lag(pipeline, mode, all_hops)
    pipeline.suite.say(f"{mode}: times agree with Postgres, Debezium, the sink and `lag`")


def check_sums(pipeline, what, hops):
    """One begins where the other ends; each says how long it took, at least and at most."""
    check = pipeline.suite.check
    check(hops["mirror"]["timestamp"] == hops["capture"]["timestamp"]
          and abs(end_of(hops["mirror"]) - end_of(hops["send"])) <= CUT_US,
          f"{what}: the whole is from {hops['mirror']['timestamp']} to {end_of(hops['mirror'])}")
    there = [hop for hop in HOPS if hop.word in hops]
    for before, after in zip(there, there[1:]):
        check(abs(end_of(hops[before.word]) - hops[after.word]["timestamp"]) <= CUT_US,
              f"{what}: {after.word} begins {hops[after.word]['timestamp']}, {before.word} ends"
              f" {end_of(hops[before.word])}")
    for hop in (WHOLE, *there):
        span = hops[hop.word]
        check(span["tags"]["longspan.hop"] == hop.hop, f"{what}: {hop.word} is {span['tags']}")
        for kind, point in (("start", span["timestamp"]), ("end", end_of(span)),
                            ("duration", span.get("duration", 0))):
            low, high = bounds(span, kind)
            check(low - CUT_US <= point <= high + CUT_US,
                  f"{what}: {kind} of {hop.word} is {point}, not in {low}..{high}")


def check_others(pipeline, what, way, hops, spans):
    """[low, high] holds what others know; [earliest, latest] of theirs."""
    read_at = spans[READ]["timestamp"]
    left_debezium_at = end_of(spans[ROOT])
    for word, kind, earliest, latest in (
            ("mirror", "start", way.commit_us, way.commit_us),
            ("capture", "end", read_at, read_at + MS_US),
            ("poll", "end", left_debezium_at, way.seen.seen_at),
            ("send", "start", left_debezium_at, way.seen.seen_at),
            ("send", "end", left_debezium_at, way.seen.seen_at)):
        low, high = bounds(hops[word], kind)
        pipeline.suite.check(low <= latest and high >= earliest,
                             f"{what}: {kind} of {word} in {low}..{high}, by others in"
                             f" {earliest}..{latest}")


def check_widths(pipeline, mode, all_hops):
    """What is told must not be right only because it tells nothing."""
    for hop in (WHOLE, *HOPS):
        # A group may have been done with a record at any time before it committed.
        for kind in ("start",) if hop.word == "commit" else ("start", "end"):
            told = [bounds(hops[hop.word], kind) for hops in all_hops if hop.word in hops]
            width = quantile([high - low for low, high in told], QUANTILES["p50_s"])
            pipeline.suite.check(width <= 2 * ASSUMED_US + STALL_US,
                                 f"{mode}: {kind} of {hop.word} is {width} us wide")


def check_commit(pipeline, what, seen, commit, sink):
    """The group was done with it after it had seen it and before its commit was there."""
    low, high = bounds(commit, "end")
    pipeline.suite.check(low <= seen.asked_at <= high <= seen.answered_at + ASSUMED_US,
                         f"{what}: the commit ends in {low}..{high}, seen {seen.seen_at}, asked"
                         f" {seen.asked_at}, answered {seen.answered_at}")
    pipeline.suite.check(bounds(commit, "start")[0] <= sink["timestamp"] <= high,
                         f"{what}: the sink's span begins {sink['timestamp']}, {commit['tags']}")
    tags = commit["tags"]
    pipeline.suite.check(tags["messaging.consumer.group.name"] == pipeline.group, f"{what}: {tags}")


def told_by_lag(pipeline, mode, spans):
    """{hop: what `lag` tells of it}, when it has counted as many as there are spans."""
    topic = pipeline.topic_of(mode)

    def told():
        lag = pipeline.lag()
        latency = latency_of_topic(lag, pipeline.flow, topic)
        pipeline.suite.check(latency["contradictions_total"] == 0, f"{mode}: {latency}"[:400])
        hops = {**latency["hops"], **groups_of(pipeline, lag)[topic]}
        found[:] = [(hop.word, hops[hop.told]["point"]["count"], len(spans[hop])) for hop in spans]
        is_whole = all(count == wanted for unused_word, count, wanted in found)
        return is_whole and {hop: hops[hop.told] for hop in spans}
    found = []
    try:
        return wait_until(f"{mode}: `lag` and spans", COUNTED_TIMEOUT_S, told, [pipeline.mirror])
    except Failed as late:
        raise Failed(f"{mode}: records in `lag`, and spans, are {found}") from late


def check_lag(pipeline, mode, all_hops):
    """The histograms are of the very same times."""
    spans = {hop: [hops[hop.word] for hops in all_hops if hop.word in hops]
             for hop in (WHOLE, *HOPS)}
    for hop, told in told_by_lag(pipeline, mode, spans).items():
        ours = {"point": [span.get("duration", 0) / 1e6 for span in spans[hop]],
                **{side: [bounds(span, "duration")[number] / 1e6 for span in spans[hop]]
                   for number, side in enumerate(("low", "high"))}}
        for side, seconds in ours.items():
            if side in told:
                check_quantiles(pipeline, f"{mode}, {side} of {hop.word}", seconds, told[side])


def check_quantiles(pipeline, what, seconds, told):
    for name, share in QUANTILES.items():
        ours = quantile(seconds, share)
        pipeline.suite.check(abs(told[name] - ours) <= 2 * off(ours) + CUT_US / 1e6,
                             f"{what}: {name} is {told[name]} in `lag`, {ours} of the spans")
