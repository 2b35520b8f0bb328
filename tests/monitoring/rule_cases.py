"""rule_cases.py - for each alert, series at which it fires and series at which it does not.

A case is (minutes, {series: values}, labels): at that time the alert fires once with these labels,
or with None not at all. Values are Prometheus' `start+stepxtimes`, one a minute; in LONG cases,
which ask for no window below half an hour, one each ten minutes.
"""

FLOW = 'flow="east->west"'
OF_FLOW = {"flow": "east->west"}
TARGET = 'job="longspan",instance="a:9464"'
HOUR, DAY = 60, 1440
LONG = 7 * HOUR


def of(metric, *labels):
    return f"{metric}{{{','.join((TARGET, FLOW, *labels))}}}"


def slots(slots_, owned, running="1x9"):
    return {of("longspan_flow_slots"): slots_, of("longspan_flow_owned_slots"): owned,
            of("longspan_flow_running"): running}


def event(kind, values, started="0x60"):
    """Of a process that has run since 1970, unless told otherwise."""
    return {of("longspan_events_total", f'kind="{kind}"'): values,
            f"longspan_process_start_time_seconds{{{TARGET}}}": started}


def partition(**values_of):
    return {of(metric, 'topic="orders"', 'partition="0"'): values
            for metric, values in values_of.items()}


def counter(metric, label, values):
    return {of(metric, label): values,
            f"longspan_process_start_time_seconds{{{TARGET}}}": "-86400x60"}


def judged(bad, good):
    labels = ('objective="orders:p99<2s@30d"', 'group="warehouse"')
    return {of("longspan_slo_objective_ratio", *labels): "0.99x6000",
            of("longspan_slo_records_total", *labels, 'verdict="bad"'): bad,
            of("longspan_slo_records_total", *labels, 'verdict="good"'): good,
            # Counts for nothing.
            of("longspan_slo_records_total", *labels, 'verdict="unmeasured"'): "0+9999x6000"}


OBJECTIVE = OF_FLOW | {"objective": "orders:p99<2s@30d", "group": "warehouse"}


def ages(late, on_time="0x6000"):
    """Two partitions."""
    return {of("longspan_partition_head_age_seconds", 'topic="orders"', 'partition="0"'): late,
            of("longspan_partition_head_age_seconds", 'topic="orders"', 'partition="1"'): on_time}


PAGED, TICKET = {"severity": "page"}, {"severity": "ticket"}
CASES = {
    "LongspanAbsent": (
        (5, {"up": "1x9"}, PAGED),
        (5, {f"longspan_ready{{{TARGET}}}": "0x9"}, None)),
    "LongspanNotReady": (
        (8, {f"longspan_ready{{{TARGET}}}": "0x9"}, TICKET | {"instance": "a:9464"}),
        (8, {f"longspan_ready{{{TARGET}}}": "0x4 1x4"}, None)),
    "LongspanFlowNotRunning": (
        (5, {of("longspan_flow_running"): "0x9"}, PAGED | OF_FLOW),
        # Another process runs it.
        (5, {of("longspan_flow_running"): "0x9",
             'longspan_flow_running{instance="b:9464",flow="east->west"}': "1x9"}, None)),
    "LongspanFlowGone": (
        (12, {of("longspan_flow_running"): "1x3 _x20",
             'longspan_flow_running{instance="b:9464",flow="west->east"}': "1x20"},
         PAGED | OF_FLOW),
        # Another process runs it.
        (12, {of("longspan_flow_running"): "1x3 _x20",
             'longspan_flow_running{instance="b:9464",flow="east->west"}': "1x20"}, None),
        # It is dead for hours, and still is.
        (90, {of("longspan_flow_running"): "1x3 _x90"}, PAGED | OF_FLOW),
        # It was taken out of its file long ago.
        (2 * DAY, {of("longspan_flow_running"): "1x3 _x300"}, None)),
    "LongspanSpansDropped": (
        (9, {f'longspan_dropped_spans_total{{{TARGET},reason="full"}}': "0x5 3x5"},
         TICKET | {"instance": "a:9464", "reason": "full"}),
        (9, {f'longspan_dropped_spans_total{{{TARGET},reason="full"}}': "3x9"}, None)),
    "LongspanSlotsWithoutOwner": (
        (5, slots("16x9", "12x9"), PAGED | OF_FLOW),
        (5, slots("16x9", "12x1 16x8"), None),
        (5, slots("16x9", "0x9", "0x9"), None)),  # that is LongspanFlowNotRunning
    "LongspanClusterTrouble": (
        (5, {of("longspan_flow_trouble", 'side="source"'): "1x9"},
         PAGED | OF_FLOW | {"side": "source"}),
        (5, {of("longspan_flow_trouble", 'side="source"'): "0x2 1x1 0x6"}, None)),
    "LongspanHistoryNotWritten": (
        (9, counter("longspan_marks_dropped_total", "", "0x5 1x5"), TICKET | OF_FLOW),
        (9, counter("longspan_marks_dropped_total", "", "7x9"), None)),
    "LongspanPartitionParked": (
        (5, {of("longspan_flow_partitions", 'state="parked"'): "1x9"}, PAGED | OF_FLOW),
        (5, {of("longspan_flow_partitions", 'state="parked"'): "0x9",
             of("longspan_flow_partitions", 'state="paused"'): "3x9"}, None)),
    "LongspanRecordsLost": (
        (9, event("source_expired", "0x5 1x5", "-86400x60"),
         PAGED | OF_FLOW | {"kind": "source_expired"}),
        # Noticed before the first scrape.
        (1, event("source_truncated", "1x9"), PAGED | OF_FLOW | {"kind": "source_truncated"}),
        (9, event("source_expired", "1x9", "-86400x60"), None),
        (9, event("slot_taken", "0x5 1x5"), None)),
    "LongspanTargetSurprise": (
        (9, event("written_twice", "0x5 1x5", "-86400x60"),
         TICKET | OF_FLOW | {"kind": "written_twice"}),
        (9, event("written_twice", "4x9", "-86400x60"), None)),
    "LongspanRecordsRefused": (
        (9, counter("longspan_refused_records_total", 'topic="orders"', "0x5 3x5"),
         TICKET | OF_FLOW | {"topic": "orders"}),
        (9, counter("longspan_refused_records_total", 'topic="orders"', "3x9"), None)),
    "LongspanLagUnknown": (
        (18, partition(longspan_partition_state="0x20"), TICKET | OF_FLOW),
        (18, partition(longspan_partition_state="0x20",
                       longspan_partition_behind_seconds="_x9 0x9"), None),
        (18, partition(longspan_partition_state="1x20"), None)),  # paused by command
    "LongspanConnectorDead": (
        (5, {of("longspan_connector_up", 'connector="shop"'): "1x1 0x9"},
         PAGED | OF_FLOW | {"connector": "shop"}),
        # Late is not dead: no series.
        (5, {of("longspan_connector_up", 'connector="shop"'): "1x1 _x9"}, None)),
    "LongspanGroupBehind": (
        (15, {of("longspan_group_head_age_seconds", 'group="g"', 'bound="low"'): "301x20"},
         TICKET | OF_FLOW | {"group": "g"}),
        # It may be, but that is not certain.
        (15, {of("longspan_group_head_age_seconds", 'group="g"', 'bound="low"'): "299x20",
              of("longspan_group_head_age_seconds", 'group="g"', 'bound="high"'): "999x20"},
         None)),
    "LongspanClockStep": (
        (9, counter("longspan_clock_steps_total", 'clock="database"', "0x5 1x5"),
         TICKET | OF_FLOW | {"clock": "database"}),
        (20, counter("longspan_clock_steps_total", 'clock="database"', "0x5 1x20"), None)),
    "LongspanCritical": (
        (8, {of("longspan_cause", 'cause="hung_transaction"'): "3x9"},
         PAGED | OF_FLOW | {"cause": "hung_transaction"}),
        (8, {of("longspan_cause", 'cause="parked_partition"'): "3x9",  # has an alert of its own
             of("longspan_cause", 'cause="own_throttle"'): "2x9"}, None)),
    "LongspanSchemaRegistryTrouble": (
        (8, {of("longspan_schema_trouble"): "1x9"}, TICKET | OF_FLOW),
        (8, {of("longspan_schema_trouble"): "1x4 0x4"}, None)),
    "LongspanSchemasDiffer": (
        (18, {of("longspan_schema_differences"): "1x20"}, TICKET | OF_FLOW),
        (18, {of("longspan_schema_differences"): "0x20"}, None)),
    "LongspanLatencyBurnsFast": (
        # A fifth is bad where a hundredth may be.
        (70, judged("0+20x70", "0+80x70"), PAGED | OBJECTIVE),
        # It was so an hour ago, and is over.
        (100, judged("0+20x60 1200x60", "0+80x120"), None),
        # Seven times too fast pages only after hours, five times does not.
        (LONG, judged("0+7x42", "0+93x42"), PAGED | OBJECTIVE),
        (LONG, judged("0+5x42", "0+95x42"), None)),
    "LongspanLatencyBurnsSlowly": (
        (2 * DAY, judged("0+4x288", "0+96x288"), TICKET | OBJECTIVE),
        (4 * DAY, judged("0+2x576", "0+98x576"), TICKET | OBJECTIVE),
        (4 * DAY, judged("0+1x576", "0+101x576"), None)),
    "LongspanRpoBurnsFast": (
        # One partition of two is late for three minutes.
        (10, ages("0x5 120x9"), PAGED | OF_FLOW),
        # For as long as that, but over for more than half an hour.
        (50, ages("0x5 120x5 0x60"), None),
        (10, ages("59x20"), None),
        # Paused: only the other one is known.
        (10, partition(longspan_partition_behind_seconds="0x5 120x9"), PAGED | OF_FLOW)),
    "LongspanRpoBurnsSlowly": (
        # One of two partitions, ten minutes in every hundred, where one of a thousand may be.
        (2 * DAY, ages(" ".join(["0x8 61x0"] * 29)), TICKET | OF_FLOW),
        (2 * DAY, ages("60x288"), None)),
}
