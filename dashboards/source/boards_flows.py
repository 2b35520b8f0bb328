"""boards_flows.py - two dashboards: all flows beside each other, and one flow."""

from board import Board, Kind, Panel, Unit, Variable, bad_above, number
from query import (Buckets, Less, Seen, Top, happened, how_many, least, minus, quantile, ratio,
                   since, total, worst)

RECORDS, BYTES = "longspan_mirrored_records_total", "longspan_mirrored_bytes_total"
LAG, AGE = "longspan_partition_offset_lag_records", "longspan_partition_head_age_seconds"
BEHIND = "longspan_partition_behind_seconds"
LATENCY = "longspan_mirror_latency_seconds"
HOP, HOP_LOW, HOP_HIGH = (f"longspan_hop_latency_{bound}seconds" for bound in ("", "low_", "high_"))
JUDGED = "longspan_slo_records_total"
OBJECTIVE = "longspan_slo_objective_ratio"
WITHIN = ("hop", '="commit_to_target_append"')

SEVERITIES = ((0, "no", "transparent"), (1, "info", "blue"), (2, "warning", "orange"),
              (3, "critical", "red"))
TROUBLE = ((0, "answers", "green"), (1, "trouble", "red"))
LOSSES = ("kind", '=~"source_expired|source_truncated|target_truncated|deletes_may_be_lost|'
                  'expired_at_target|batch_unreadable|record_skipped|records_left_out|'
                  'loss_accepted"')


def bad_part(by):
    """Of what was judged: unmeasured is what tells no commit time."""
    return ratio(total(JUDGED, by, ("verdict", '="bad"')),
                 total(JUDGED, by, ("verdict", '!="unmeasured"')))


def burn_rate(by):
    """1 uses up exactly the error budget within the objective's window."""
    return ratio(bad_part(by), Less(worst(OBJECTIVE, by)))


def kept(by):
    return Less(bad_part(by))


FLOWS = Variable("flow", "longspan_flow_running")
ONE_FLOW = Variable("flow", "longspan_flow_running", is_multi=False)
TOPICS = Variable("topic", "longspan_partition_state")
OWNERLESS = minus(worst("longspan_flow_slots", "flow"), least("longspan_flow_owned_slots", "flow"))

FLEET_NOW = (
    number("Processes ready", "Processes whose flows hold their slots, or know who does.",
           Unit.COUNT, total("longspan_ready")),
    number("Flows that run", "Flows of which some process owns slots.", Unit.COUNT,
           how_many("longspan_flow_running", "flow")),
    number("Oldest record not mirrored", "What would be lost if every source died now (RPO).",
           Unit.SECONDS, worst(AGE), steps=bad_above(10, 60)),
    number("Records to mirror", "Offset lag of all partitions where it is known.", Unit.COUNT,
           total(LAG)),
    number("Parked partitions", "They cannot go on: longspan lag FILE says why.", Unit.COUNT,
           total("longspan_flow_partitions", "", ("state", '="parked"')), steps=bad_above(1)),
    number("Sides in trouble", "Clusters that cannot be reached or used.", Unit.COUNT,
           how_many("longspan_flow_trouble", "flow side"), steps=bad_above(1)),
)
FLEET_TABLE = Panel(
    "Flows", "One row a flow; the flow's name opens its own dashboard.", Unit.COUNT,
    ((total(RECORDS, "flow"), "records/s"), (total(BYTES, "flow"), "bytes/s"),
     (total(LAG, "flow"), "lag in records"), (worst(AGE, "flow"), "oldest not mirrored"),
     (worst(BEHIND, "flow"), "behind, by one clock"),
     (quantile(0.99, LATENCY, "flow"), "mirror p99"),
     (quantile(0.99, HOP, "flow", WITHIN), "commit to target p99"),
     (worst("longspan_cause", "flow"), "worst cause"),
     (total("longspan_flow_partitions", "flow", ("state", '="parked"')), "parked")),
    Kind.TABLE, width=24, height=7,
    units=(Unit.PER_SECOND, Unit.BYTES_PER_SECOND, Unit.COUNT, Unit.SECONDS, Unit.SECONDS,
           Unit.SECONDS, Unit.SECONDS, Unit.STATE, Unit.COUNT), names=SEVERITIES)
FLEET_OVER_TIME = (
    Panel("Oldest record not mirrored", "What would be lost if a flow's source died (RPO): by the "
          "record's own time, and by longspan's clock alone. The one is not known while a "
          "partition is paused, the other is too small after a start.",
          Unit.SECONDS, ((worst(AGE, "flow"), "{{flow}}"),
                         (worst(BEHIND, "flow"), "{{flow}} by one clock"))),
    Panel("Mirror latency, p99", "From the record's timestamp to the target's acknowledgement, "
          "of all topics' records together.",
          Unit.SECONDS, ((quantile(0.99, LATENCY, "flow"), "{{flow}}"),)),
    Panel("Records mirrored", "Acknowledged by the target.", Unit.PER_SECOND,
          ((total(RECORDS, "flow"), "{{flow}}"),)),
    Panel("Bytes mirrored", "Their keys, values and headers.", Unit.BYTES_PER_SECOND,
          ((total(BYTES, "flow"), "{{flow}}"),)),
    Panel("Burn rate", "How many times faster than allowed an objective's error budget is used, by "
          "what is known to be bad: longspan lag FILE. An empty group is the way to the target.",
          Unit.COUNT, ((burn_rate("flow objective group"), "{{flow}} {{objective}} {{group}}"),),
          steps=bad_above(1, 14.4)),
    Panel("Records to mirror", "Offset lag, of partitions where it is known.", Unit.COUNT,
          ((total(LAG, "flow"), "{{flow}}"),)),
)
FLEET_STATES = (
    Panel("Why flows are late", "What was found, at its worst: longspan lag FILE --why.",
          Unit.STATE, ((worst("longspan_cause", "flow cause"), "{{flow}} {{cause}}"),),
          Kind.STATES, width=24, height=14, names=SEVERITIES),
    Panel("Clusters", "Whether each side of a flow can be reached and used.", Unit.STATE,
          ((worst("longspan_flow_trouble", "flow side"), "{{flow}} {{side}}"),), Kind.STATES,
          names=TROUBLE),
    Panel("Running", "Whether some process owns slots of the flow; start one: longspan run FILE.",
          Unit.STATE, ((worst("longspan_flow_running", "flow"), "{{flow}}"),), Kind.STATES,
          names=((0, "stopped", "red"), (1, "runs", "green"))),
    Panel("Slots without owner", "For long: nobody mirrors their partitions. longspan events FILE.",
          Unit.COUNT, ((OWNERLESS, "{{flow}}"),), width=8),
    Panel("Partitions not known about", "Their lag or head age has no series.", Unit.COUNT,
          ((total("longspan_flow_lag_unknown_partitions", "flow"), "{{flow}} lag"),
           (total("longspan_flow_head_age_unknown_partitions", "flow"), "{{flow}} head age")),
          width=8),
    Panel("Topics not mirrored", "They match the filters and are refused: longspan lag FILE.",
          Unit.COUNT, ((worst("longspan_flow_not_mirrored_topics", "flow"), "{{flow}}"),),
          width=8),
)
FLEET = Board(
    "longspan-fleet", "longspan: fleet of flows",
    "All flows beside each other: who is late, by how much, and why.", (FLOWS,),
    (("Now", (*FLEET_NOW, FLEET_TABLE)), ("Over time", FLEET_OVER_TIME),
     ("States", FLEET_STATES)))

FLOW_NOW = (
    number("Oldest record not mirrored", "What would be lost if the source died now (RPO).",
           Unit.SECONDS, worst(AGE), steps=bad_above(10, 60)),
    number("Records to mirror", "Offset lag of partitions where it is known.", Unit.COUNT,
           total(LAG)),
    number("Caught up in", "At the present rates; no value: never, or not known.", Unit.SECONDS,
           worst("longspan_partition_catch_up_seconds")),
    number("Mirror latency, p99", "From the record's timestamp to the target's acknowledgement.",
           Unit.SECONDS, quantile(0.99, LATENCY)),
    number("Parked partitions", "They cannot go on: longspan lag FILE says why.", Unit.COUNT,
           total("longspan_flow_partitions", "", ("state", '="parked"')), steps=bad_above(1)),
    number("Schema differences", "Between the registries, that no sync can end: "
           "longspan schemas diff FILE.", Unit.COUNT, worst("longspan_schema_differences"),
           steps=bad_above(1)),
)
FLOW_LATENCY = (
    Panel("Mirror latency", "From the record's timestamp to the target's acknowledgement: how many "
          "records a second took how long.", Unit.SECONDS, ((Buckets(LATENCY), "{{le}}"),),
          Kind.HEAT),
    Panel("Mirror latency, quantiles", "Of all chosen topics' records together.", Unit.SECONDS,
          tuple((quantile(part, LATENCY), name)
                for part, name in ((0.5, "p50"), (0.9, "p90"), (0.99, "p99")))),
    Panel("Hops, p99", "Time between waypoints, by sampled records. Hops between clocks may be "
          "below zero.", Unit.SECONDS, ((quantile(0.99, HOP, "hop"), "{{hop}}"),)),
    Panel("Database commit to target, p99 within bounds", "The truth lies between low and high, by "
          "what is known of the clocks.", Unit.SECONDS,
          tuple((quantile(0.99, metric, "", WITHIN), name)
                for metric, name in ((HOP_LOW, "low"), (HOP, "point"), (HOP_HIGH, "high")))),
    Panel("Inside longspan and the target, p99", "From fetched to acknowledged, by topic.",
          Unit.SECONDS, ((quantile(0.99, "longspan_residence_seconds", "topic"), "{{topic}}"),)),
    Panel("Below zero", "Records acknowledged before their own timestamp, and hops below zero: "
          "clocks differ.", Unit.PER_SECOND,
          ((total("longspan_negative_latency_records_total", "topic"), "{{topic}}"),
           (total("longspan_negative_hop_records_total", "hop"), "hop {{hop}}")), width=6),
    Panel("No commit time", "Sampled records that tell none, by the reason.", Unit.PER_SECOND,
          ((total("longspan_commit_unknown_records_total", "reason"), "{{reason}}"),), width=6),
)
FLOW_LAG = (
    Panel("Oldest record not mirrored", "By topic.", Unit.SECONDS,
          ((worst(AGE, "topic"), "{{topic}}"),)),
    Panel("Behind, by one clock", "Time since the source's end was where the mirror is now; no "
          "other clock is needed.", Unit.SECONDS, ((worst(BEHIND, "topic"), "{{topic}}"),)),
    Panel("Records to mirror", "Offset lag, by topic.", Unit.COUNT,
          ((total(LAG, "topic"), "{{topic}}"),)),
    Panel("Caught up in", "At the present rates; no value: never, or not known.", Unit.SECONDS,
          ((worst("longspan_partition_catch_up_seconds", "topic"), "{{topic}}"),)),
    Panel("Worst partitions", "The twenty with the most records to mirror.", Unit.COUNT,
          ((Top(20, total(LAG, "topic partition")), "lag in records"),
           (worst(AGE, "topic partition"), "oldest not mirrored"),
           (worst("longspan_partition_state", "topic partition"), "state")), Kind.TABLE,
          width=24, units=(Unit.COUNT, Unit.SECONDS, Unit.STATE),
          names=((0, "active", "green"), (1, "paused", "blue"), (2, "parked", "red"))),
)
FLOW_WHY = (
    Panel("Why it is late", "What was found: longspan lag FILE --why.", Unit.STATE,
          ((worst("longspan_cause", "cause"), "{{cause}}"),), Kind.STATES, width=24, height=14,
          names=SEVERITIES),
    Panel("Losses and surprises", "Events: longspan events FILE names the ranges.", Unit.COUNT,
          ((happened("longspan_events_total", "kind", LOSSES), "{{kind}}"),)),
    Panel("All events", "What processes noticed: longspan events FILE.", Unit.COUNT,
          ((Seen(happened("longspan_events_total", "kind")), "{{kind}}"),)),
)
FLOW_RECORDS = (
    Panel("Records mirrored", "Acknowledged by the target, by topic.", Unit.PER_SECOND,
          ((total(RECORDS, "topic"), "{{topic}}"),), Kind.STACK),
    Panel("Bytes mirrored", "Their keys, values and headers.", Unit.BYTES_PER_SECOND,
          ((total(BYTES, "topic"), "{{topic}}"),), Kind.STACK),
    Panel("Partitions", "By state.", Unit.COUNT,
          ((total("longspan_flow_partitions", "state"), "{{state}}"),), Kind.STACK, width=8),
    Panel("Refused by the target", "Left out by on.record.refused: longspan dlq list FILE.",
          Unit.PER_SECOND, ((total("longspan_refused_records_total", "topic"), "{{topic}}"),),
          width=8),
    Panel("Written twice", "Second copies found on the target.", Unit.PER_SECOND,
          ((total("longspan_written_twice_records_total", "topic"), "{{topic}}"),), width=8),
)
FLOW_SCHEMAS = (
    Panel("Schema versions imported", "Into the target's registry.", Unit.PER_SECOND,
          ((total("longspan_schema_imported_versions_total"), "versions"),), width=6),
    Panel("Schema registries", "Whether both answer as they should.", Unit.STATE,
          ((worst("longspan_schema_trouble", "flow"), "registries"),), Kind.STATES, width=6,
          names=TROUBLE),
    Panel("Compared as a whole", "Time since the registries were last made equal.", Unit.SECONDS,
          ((since("longspan_schema_synced_timestamp_seconds", "flow"), "{{flow}}"),), width=6),
    Panel("Schema gate", "Partitions that wait for a schema, how often that began, and records "
          "that went on without.", Unit.COUNT,
          ((total("longspan_schema_gate_waiting_partitions"), "waiting"),
           (happened("longspan_schema_gate_holds_total"), "began to wait"),
           (happened("longspan_schema_gate_unknown_records_total"), "went on without")), width=6),
)
FLOW = Board(
    "longspan-flow", "longspan: one flow",
    "One flow: its latency hop by hop, its lag by topic, and why it is late.",
    (ONE_FLOW, TOPICS),
    (("Now", FLOW_NOW), ("Latency", FLOW_LATENCY), ("Lag", FLOW_LAG), ("Why", FLOW_WHY),
     ("Records", FLOW_RECORDS), ("Schemas", FLOW_SCHEMAS)))
