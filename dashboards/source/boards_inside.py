"""boards_inside.py - two dashboards: who reads the copies, and the mirror itself.

Metrics of exporters of traces belong into the last row of INSIDE, once they are in METRICS.md.
"""

from board import Board, Kind, Panel, Unit, Variable, bad_above, number
from boards_flows import FLOWS, OBJECTIVE, OWNERLESS, burn_rate, kept
from query import happened, minus, quantile, since, total, worst

END = "longspan_end_to_end_latency_seconds"
END_LOW, END_HIGH = (f"longspan_end_to_end_latency_{bound}_seconds" for bound in ("low", "high"))
SINK = "longspan_sink_commit_latency_seconds"
GROUP_LAG, GROUP_AGE = "longspan_group_offset_lag_records", "longspan_group_head_age_seconds"
OFFSET = "longspan_clock_offset_seconds"
# All of them: also the objectives up to the target, whose group is empty.
GROUPS = Variable("group", "longspan_group_lag_unknown_partitions", all_of_them=".*")
LOW, POINT, HIGH = (("bound", f'="{bound}"') for bound in ("low", "point", "high"))
QUANTILES = ((0.5, "p50"), (0.9, "p90"), (0.99, "p99"))

SINKS_NOW = (
    number("Oldest record not committed", "By any group: at most, by what is known of the clocks.",
           Unit.SECONDS, worst(GROUP_AGE, "", HIGH), steps=bad_above(60, 300)),
    number("Records to read", "That groups have not committed, where known.", Unit.COUNT,
           total(GROUP_LAG)),
    number("Commit to commit, p99", "From the database's commit to the group's.", Unit.SECONDS,
           quantile(0.99, END)),
    number("Append to commit, p99", "From the append on the target to the group's commit.",
           Unit.SECONDS, quantile(0.99, SINK)),
    number("Connectors up", "Those whose heartbeats come; a late one is not counted.", Unit.COUNT,
           total("longspan_connector_up")),
    number("Lag not known", "Partitions in which a group's lag is not known.", Unit.COUNT,
           total("longspan_group_lag_unknown_partitions")),
)
SINKS_GROUPS = (
    Panel("Records to read", "On its side of the flow, by group; longspan lag FILE says more.",
          Unit.COUNT, ((total(GROUP_LAG, "flow group side"), "{{flow}} {{group}} {{side}}"),)),
    Panel("Oldest record not committed", "At least (low) and at most (high), by what is known of "
          "the clocks.", Unit.SECONDS,
          ((worst(GROUP_AGE, "flow group", LOW), "{{flow}} {{group}} low"),
           (worst(GROUP_AGE, "flow group", HIGH), "{{flow}} {{group}} high"))),
    Panel("Caught up in", "At the present rates; no value: never, or not known.", Unit.SECONDS,
          ((worst("longspan_group_catch_up_seconds", "flow group"), "{{flow}} {{group}}"),)),
    Panel("Lag not known", "Partitions in which the group's lag is not known.", Unit.COUNT,
          ((total("longspan_group_lag_unknown_partitions", "flow group side"),
            "{{flow}} {{group}} {{side}}"),)),
    Panel("Groups", "One row a group and topic.", Unit.COUNT,
          ((total(GROUP_LAG, "flow group topic side"), "records to read"),
           (worst(GROUP_AGE, "flow group topic side", HIGH), "oldest, at most"),
           (worst("longspan_group_catch_up_seconds", "flow group topic side"), "caught up in")),
          Kind.TABLE, width=24, height=7, units=(Unit.COUNT, Unit.SECONDS, Unit.SECONDS)),
)
SINKS_LATENCY = (
    Panel("End to end", "From the database's commit to the group's commit, of all chosen groups' "
          "records together.", Unit.SECONDS,
          tuple((quantile(part, END), name) for part, name in QUANTILES)),
    Panel("End to end, p99 within bounds", "Low: processed as soon as it was appended. High: at "
          "the commit.", Unit.SECONDS,
          tuple((quantile(0.99, metric, "group"), f"{{{{group}}}} {name}")
                for metric, name in ((END_LOW, "low"), (END, "point"), (END_HIGH, "high")))),
    Panel("Append to the group's commit, p99", "What the sink itself takes, by group and topic.",
          Unit.SECONDS, ((quantile(0.99, SINK, "group topic"), "{{group}} {{topic}}"),)),
    Panel("End to end, p99 by topic", "From the database's commit to the group's commit.",
          Unit.SECONDS, ((quantile(0.99, END, "group topic"), "{{group}} {{topic}}"),)),
)
SINKS_OBJECTIVES = (
    Panel("Compliance", "Part of the judged records that is not known to be bad. An empty group "
          "is the way to the target.", Unit.PART,
          ((kept("flow objective group"), "{{objective}} {{group}}"),
           (worst(OBJECTIVE, "flow objective"), "wanted by {{objective}}"))),
    Panel("Burn rate", "How many times faster than allowed the error budget is used, by what is "
          "known to be bad.", Unit.COUNT,
          ((burn_rate("flow objective group"), "{{objective}} {{group}}"),),
          steps=bad_above(1, 14.4)),
    Panel("Verdicts", "Undecided: the objective lies between the bounds of the latency. "
          "Unmeasured: records that tell no commit time; they count for nothing.",
          Unit.PER_SECOND, ((total("longspan_slo_records_total", "verdict"), "{{verdict}}"),),
          Kind.STACK, width=24, height=6),
)
SINKS_CONNECTORS = (
    Panel("Connectors", "Down: no heartbeat came for two intervals. A late one has no value.",
          Unit.STATE, ((worst("longspan_connector_up", "flow connector"), "{{connector}}"),),
          Kind.STATES, width=8, names=((0, "dead", "red"), (1, "alive", "green"))),
    Panel("Newest heartbeat", "Time since the connector wrote it.", Unit.SECONDS,
          ((since("longspan_connector_heartbeat_timestamp_seconds", "flow connector"),
            "{{connector}}"),), width=8),
    Panel("Newest change", "Time since the newest change was committed: long with a live connector "
          "is an idle database.", Unit.SECONDS,
          ((since("longspan_connector_newest_commit_timestamp_seconds", "flow connector"),
            "{{connector}}"),), width=8),
)
SINKS = Board(
    "longspan-groups", "longspan: groups and sinks",
    "Who reads the copies: how far behind, from the database's commit to the group's.",
    (FLOWS, GROUPS),
    (("Now", SINKS_NOW), ("Groups", SINKS_GROUPS), ("Latency", SINKS_LATENCY),
     ("Objectives", SINKS_OBJECTIVES), ("Connectors", SINKS_CONNECTORS)))

INSIDE_PROCESS = (
    Panel("CPU", "User and system time of the process; 1 is one core.", Unit.COUNT,
          ((total("longspan_process_cpu_seconds_total", "instance"), "{{instance}}"),), width=8),
    Panel("Memory", "Resident; memory.limit bounds most of it.", Unit.BYTES,
          ((total("longspan_process_resident_memory_bytes", "instance"), "{{instance}}"),),
          width=8),
    Panel("Up for", "Time since the process started: a saw is one that starts again and again.",
          Unit.SECONDS, ((since("longspan_process_start_time_seconds", "instance"),
                          "{{instance}}"),), width=8),
    Panel("Ready", "Whether the process' flows hold their slots, or know who does.", Unit.STATE,
          ((worst("longspan_ready", "instance"), "{{instance}}"),), Kind.STATES, width=8,
          names=((0, "not ready", "red"), (1, "ready", "green"))),
    Panel("Slots without owner", "For long: nobody mirrors their partitions. longspan events FILE.",
          Unit.COUNT, ((OWNERLESS, "{{flow}}"),), width=8),
    Panel("History not written", "longspan lag --at and --since know less of these times.",
          Unit.COUNT, ((happened("longspan_marks_dropped_total", "flow"), "{{flow}}"),), width=8),
)
INSIDE_LOAD = (
    Panel("Load", "Part of the time that the busiest thread or client spends so; 1 is all of it.",
          Unit.PART, ((worst("longspan_flow_load_ratio", "flow of"), "{{flow}} {{of}}"),)),
    Panel("Time inside longspan and the target", "From fetched to acknowledged.", Unit.SECONDS,
          tuple((quantile(part, "longspan_residence_seconds"), name)
                for part, name in QUANTILES)),
    Panel("On the way", "Fetched and not yet acknowledged; the windows bound it.", Unit.BYTES,
          ((total("longspan_flow_in_flight_bytes", "flow"), "{{flow}}"),
           (total("longspan_priority_window_bytes", "flow priority"),
            "{{flow}} window, {{priority}}"))),
    Panel("Reading stopped", "How often, because too much was on its way.", Unit.COUNT,
          ((happened("longspan_flow_backpressure_total", "flow"), "{{flow}}"),)),
)
INSIDE_PRIORITIES = (
    Panel("Read from the source", "By priority, and what throttles allow; no line where nothing "
          "bounds it.", Unit.BYTES_PER_SECOND,
          ((total("longspan_priority_read_bytes_total", "flow priority"), "{{flow}} {{priority}}"),
           (total("longspan_priority_throttle_bytes", "flow priority"),
            "{{flow}} {{priority}}, at most"))),
    Panel("Kept from reading", "Seconds a second, of all threads: by a throttle, or because high "
          "priority goes first.", Unit.PER_SECOND,
          ((total("longspan_priority_throttled_seconds_total", "flow priority"),
            "{{flow}} {{priority}} throttled"),
           (total("longspan_priority_yielded_seconds_total", "flow priority"),
            "{{flow}} {{priority}} yielded"))),
)
INSIDE_CLOCKS = (
    Panel("Clocks", "How far each is ahead of longspan's own.", Unit.SECONDS,
          ((worst(OFFSET, "flow clock instance", POINT), "{{clock}} {{instance}}"),)),
    Panel("How exactly that is known", "Between the bounds: what a latency across clocks can be "
          "wrong by.", Unit.SECONDS,
          ((minus(worst(OFFSET, "flow clock instance", HIGH),
                  worst(OFFSET, "flow clock instance", LOW)), "{{clock}} {{instance}}"),)),
    Panel("Clocks set", "longspan events FILE says which, and by how much.", Unit.COUNT,
          ((happened("longspan_clock_steps_total", "flow clock"), "{{clock}}"),), width=8),
    Panel("Did not tell their time", "Look at clock.* in cli/OPTIONS.md.", Unit.PER_SECOND,
          ((total("longspan_clock_probe_failures_total", "flow clock"), "{{clock}}"),), width=8),
    Panel("Assumed", "Nobody measures these clocks: clock.*.max.error.ms is believed.", Unit.STATE,
          ((worst("longspan_clock_offset_assumed", "flow clock"), "{{clock}}"),), Kind.STATES,
          width=8, names=((0, "measured", "green"), (1, "assumed", "orange"))),
)
INSIDE = Board(
    "longspan-inside", "longspan: the mirror's inside",
    "Processes, threads, priorities and clocks.", (FLOWS,),
    (("Processes", INSIDE_PROCESS), ("Load", INSIDE_LOAD), ("Priorities", INSIDE_PRIORITIES),
     ("Clocks", INSIDE_CLOCKS)))
