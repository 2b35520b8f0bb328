"""alerts.py - what wakes somebody, and what makes a ticket: one row each.

`command` is what to type first, then `what` says what it means and what to do. FILE is the
properties file that `longspan run` was started with. Some of it only a process knows: `told_by` is
a series of such a one and the labels that it shares with the alert; the runbook then names its
address, too. `datadog` is the same question as a monitor.
"""

from dataclasses import dataclass

from slo_rules import BURN_RULES, RPO_SECONDS, latency_burns, rpo_burns

PAGE, TICKET = "page", "ticket"
OF_FLOW = "--flow='{{ $labels.flow }}'"
LOST = ("source_expired", "source_truncated", "target_truncated", "deletes_may_be_lost",
        "expired_at_target", "batch_unreadable", "record_skipped")
SURPRISES = ("unexpected_target_offset", "tail_mismatch", "written_twice")
# Causes that have an alert of their own.
KNOWN_CAUSES = ("target_unreachable", "source_unreachable", "not_running", "parked_partition",
                "connector_dead")


@dataclass(frozen=True)
class Alert:
    name: str
    severity: str
    expr: str
    lasts: str  # before it fires
    summary: str
    command: str
    what: str
    board: str
    datadog: str = ""  # empty: there is no such question there
    above: float = 0   # the monitor's threshold
    told_by: tuple = ()  # (series, label, ...)
    has_flow: bool = True
    is_silence: bool = False  # Datadog: no data is as bad


def happened(metric, by, where, minutes):
    """Increases, and all of a young process: it may have noticed something before its first scrape.
    """
    series = f"{metric}{{{where}}}" if where else metric
    return (f"sum by ({by}) (increase({series}[{minutes}m])) > 0\n"
            f"or sum by ({by}) ({series} and on (job, instance)\n"
            f"  time() - longspan_process_start_time_seconds < {60 * minutes}) > 0")


def kinds(names):
    return 'kind=~"' + "|".join(names) + '"'


def datadog_kinds(names):
    return "kind IN (" + ",".join(names) + ")"


PROCESSES = (
    Alert("LongspanAbsent", PAGE, "absent(longspan_ready)", "2m",
          "No longspan is scraped",
          "longspan lag FILE", "It asks the clusters themselves and says since when nothing runs. "
          "Start one with longspan run FILE, or mend the scraping.", "longspan-fleet",
          has_flow=False),
    Alert("LongspanNotReady", TICKET, "min by (instance) (longspan_ready) == 0", "5m",
          "{{ $labels.instance }} does not know who holds its flows' slots",
          "longspan events FILE --since=15m", "Look for a cluster that cannot be reached and for "
          "processes that start again and again.", "longspan-inside",
          "min(last_5m):1 - min:longspan.ready{*} by {endpoint}", has_flow=False,
          is_silence=True),
    Alert("LongspanFlowNotRunning", PAGE, "max by (flow) (longspan_flow_running) == 0", "2m",
          "No process owns a slot of {{ $labels.flow }}",
          "longspan run FILE", "Nothing is mirrored. Where a process runs, its log and "
          "longspan events FILE say why it owns nothing.", "longspan-flow",
          "min(last_5m):1 - max:longspan.flow_running{*} by {flow}", is_silence=True),
    # Processes of other flows are scraped: LongspanAbsent says nothing. Silent after its day.
    Alert("LongspanFlowGone", PAGE,
          "max by (flow) (max_over_time(longspan_flow_running[1d]))\n"
          "unless on (flow) max by (flow) (longspan_flow_running)", "2m",
          "Nothing runs {{ $labels.flow }}, or nobody scrapes what does",
          f"longspan lag FILE {OF_FLOW}", "It asks the clusters themselves and says since when "
          "nothing runs. Start one with longspan run FILE, or mend the scraping; silence it after "
          "a flow was taken out of its file on purpose: it fires for a day.", "longspan-fleet"),
    Alert("LongspanSlotsWithoutOwner", PAGE,
          "min by (flow) (longspan_flow_slots - longspan_flow_owned_slots) > 0\n"
          "and on (flow) max by (flow) (longspan_flow_running) == 1", "2m",
          "{{ $value }} slots of {{ $labels.flow }} have no owner",
          f"longspan events FILE {OF_FLOW} --since=15m", "Their partitions are not mirrored. After "
          "ownership.session.timeout.ms another process takes them; look for one that starts "
          "again and again.", "longspan-inside",
          "min(last_5m):max:longspan.flow_slots{*} by {flow} - "
          "min:longspan.flow_owned_slots{*} by {flow}"),
    Alert("LongspanClusterTrouble", PAGE, "max by (flow, side) (longspan_flow_trouble) == 1",
          "2m", "The {{ $labels.side }} of {{ $labels.flow }} cannot be reached or used",
          f"longspan lag FILE {OF_FLOW} --why", "It names the cluster and what is wrong with it. "
          "The mirror goes on by itself.", "longspan-flow",
          "min(last_5m):max:longspan.flow_trouble{*} by {flow,side}"),
    Alert("LongspanSpansDropped", TICKET,
          "sum by (instance, reason) (increase(longspan_dropped_spans_total[15m])) > 0", "0m",
          "{{ $value }} spans of {{ $labels.instance }} did not reach their collector: "
          "{{ $labels.reason }}",
          "longspan run FILE --check-config", "It says where spans are sent. Traces have gaps; the "
          "mirror is not touched. full, tried: the collector is down or slow; refused, rejected, "
          "large: its log says why.", "longspan-inside",
          "sum(last_15m):sum:longspan.dropped_spans.count{*} by {endpoint,reason}.as_count()",
          has_flow=False),
    Alert("LongspanHistoryNotWritten", TICKET,
          happened("longspan_marks_dropped_total", "flow", "", 30), "0m",
          "History of {{ $labels.flow }} could not be written",
          f"longspan lag FILE {OF_FLOW} --since=1h", "It shows what is missing. Look whether the "
          "target takes writes to the marks topic.", "longspan-inside",
          "sum(last_30m):sum:longspan.marks_dropped.count{*} by {flow}.as_count()"),
)
RECORDS = (
    Alert("LongspanPartitionParked", PAGE,
          'sum by (flow) (longspan_flow_partitions{state="parked"}) > 0', "2m",
          "{{ $value }} partitions of {{ $labels.flow }} cannot go on",
          f"longspan lag FILE {OF_FLOW} --partitions", "It names the reason of each, and the ways "
          "out. Once the reason is gone the partition is tried again by itself, within 5 minutes.",
          "longspan-flow",
          "min(last_5m):sum:longspan.flow_partitions{state:parked} by {flow}"),
    Alert("LongspanRecordsLost", PAGE,
          happened("longspan_events_total", "flow, kind", kinds(LOST), 15), "0m",
          "{{ $labels.flow }}: {{ $labels.kind }}",
          f"longspan events FILE {OF_FLOW} --since=1h", "The event names the topic, the partition "
          "and the offsets. on.data.loss decides whether the partition waits for "
          "longspan resume FILE --accept-loss=EVENT.", "longspan-flow",
          f"sum(last_15m):sum:longspan.events.count{{{datadog_kinds(LOST)}}} "
          "by {flow,kind}.as_count()"),
    Alert("LongspanTargetSurprise", TICKET,
          happened("longspan_events_total", "flow, kind", kinds(SURPRISES), 15), "0m",
          "{{ $labels.flow }}: {{ $labels.kind }}",
          f"longspan verify FILE {OF_FLOW} --last=100000", "The target holds what is not a copy of "
          "ours, or holds it twice; longspan events FILE names the offsets.", "longspan-flow",
          f"sum(last_15m):sum:longspan.events.count{{{datadog_kinds(SURPRISES)}}} "
          "by {flow,kind}.as_count()"),
    Alert("LongspanRecordsRefused", TICKET,
          happened("longspan_refused_records_total", "flow, topic", "", 15), "0m",
          "The target refused records of {{ $labels.topic }}",
          f"longspan dlq list FILE {OF_FLOW} --topic='{{{{ $labels.topic }}}}'", "They were left "
          "out, as on.record.refused says; with dlq they can be replayed once the cause is gone.",
          "longspan-flow",
          "sum(last_15m):sum:longspan.refused_records.count{*} by {flow,topic}.as_count()"),
    Alert("LongspanLagUnknown", TICKET,
          "count by (flow) ((longspan_partition_state == 0)\n"
          "  unless on (flow, topic, partition) longspan_partition_head_age_seconds\n"
          "  unless on (flow, topic, partition) longspan_partition_behind_seconds) > 0", "15m",
          "Of {{ $value }} partitions of {{ $labels.flow }} nobody knows how late they are",
          f"longspan lag FILE {OF_FLOW} --partitions", "What would be lost with the source is not "
          "known for them, and the RPO alerts leave them out.", "longspan-flow",
          "min(last_15m):sum:longspan.flow_lag_unknown_partitions{*} by {flow}"),
)
BESIDE = (
    Alert("LongspanConnectorDead", PAGE,
          "max by (flow, connector) (longspan_connector_up) == 0", "1m",
          "No heartbeat comes from connector {{ $labels.connector }}",
          f"longspan lag FILE {OF_FLOW} --why", "Nothing new reaches the source's topics. Look at "
          "the tasks of the connector with this topic.prefix (curl "
          "http://CONNECT-WORKER:8083/connectors/NAME/status) and restart them.",
          "longspan-groups",
          "min(last_5m):1 - max:longspan.connector_up{*} by {flow,connector}",
          told_by=("longspan_connector_up == 0", "flow", "connector")),
    Alert("LongspanGroupBehind", TICKET,
          'max by (flow, group) (longspan_group_head_age_seconds{bound="low"}) > 300', "10m",
          "Group {{ $labels.group }} is {{ $value | humanizeDuration }} behind, at least",
          f"longspan lag FILE {OF_FLOW} --why", "It says whether the sink is stopped, rebalancing "
          "or slow, or whether the mirror is what it waits for.", "longspan-groups",
          "min(last_10m):max:longspan.group_head_age_seconds{bound:low} by {flow,group}", 300,
          told_by=('longspan_group_head_age_seconds > 300', "flow", "group")),
    Alert("LongspanClockStep", TICKET,
          happened("longspan_clock_steps_total", "flow, clock", "", 10), "0m",
          "Clock {{ $labels.clock }} of {{ $labels.flow }} was set",
          f"longspan events FILE {OF_FLOW} --since=30m", "The event says by how much. Latencies "
          "before it do not compare; look at time synchronisation there (chronyc tracking).",
          "longspan-inside",
          "sum(last_10m):sum:longspan.clock_steps.count{*} by {flow,clock}.as_count()"),
    Alert("LongspanCritical", PAGE,
          f'max by (flow, cause) (longspan_cause{{cause!~"{"|".join(KNOWN_CAUSES)}"}}) >= 3',
          "5m", "{{ $labels.flow }} is late: {{ $labels.cause }}",
          f"longspan lag FILE {OF_FLOW} --why", "It shows what was found with its numbers, and the "
          "command that helps; dashboards/CAUSES.md lists all causes.", "longspan-flow",
          "min(last_5m):max:longspan.cause{"
          + " AND ".join(f"!cause:{cause}" for cause in KNOWN_CAUSES) + "} by {flow,cause}", 2,
          told_by=("longspan_cause >= 3", "flow", "cause")),
    Alert("LongspanSchemaRegistryTrouble", TICKET,
          "max by (flow) (longspan_schema_trouble) == 1", "5m",
          "A schema registry of {{ $labels.flow }} does not answer as it should",
          f"longspan schemas diff FILE {OF_FLOW}", "It says which one and what it answers. Records "
          "with schemas that the target lacks wait for schema.gate.timeout.ms.", "longspan-flow",
          "min(last_5m):max:longspan.schema_trouble{*} by {flow}"),
    Alert("LongspanSchemasDiffer", TICKET,
          "max by (flow) (longspan_schema_differences) > 0", "15m",
          "{{ $value }} differences between the schema registries of {{ $labels.flow }}",
          f"longspan schemas diff FILE {OF_FLOW}", "No sync can end them: it gives a reason each.",
          "longspan-flow", "min(last_15m):max:longspan.schema_differences{*} by {flow}"),
)


def burns(prefix, expr, what, command, board, told_by=()):
    """The SRE workbook's: two windows page, two make a ticket."""
    out = []
    for severity, speed in ((PAGE, "Fast"), (TICKET, "Slowly")):
        rules = [rule for rule in BURN_RULES if rule.pages == (severity == PAGE)]
        windows = " or ".join(f"{rule.factor} times within {rule.long}" for rule in rules)
        out.append(Alert(f"{prefix}Burns{speed}", severity, expr(rules), "0m",
                         f"{what}: its error budget burns too fast ({windows})", command,
                         "Of the month's budget 2 % went within an hour, or 5 % within six. After "
                         "the repair it goes on for up to half an hour."
                         if severity == PAGE else
                         "Of the month's budget 10 % went within one day, or within three. After "
                         "the repair it goes on for hours.",
                         board, told_by=told_by))
    return tuple(out)


OBJECTIVES = (
    *burns("LongspanLatency", latency_burns,
           "{{ $labels.flow }} {{ $labels.objective }} {{ $labels.group }}",
           f"longspan lag FILE {OF_FLOW} --why", "longspan-groups",
           ("longspan_slo_objective_ratio", "flow", "objective", "group")),
    *burns("LongspanRpo", rpo_burns,
           f"{{{{ $labels.flow }}}}: records older than {RPO_SECONDS} s are not mirrored",
           f"longspan lag FILE {OF_FLOW} --partitions", "longspan-flow"),
)
ALERTS = (*PROCESSES, *RECORDS, *BESIDE, *OBJECTIVES)
