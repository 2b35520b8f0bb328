"""slo_rules.py - recording rules: how fast error budgets are used, over the windows of alerts.

The latency objectives are longspan's own (`slo` in the properties file); the target for replication
lag (RPO) is here: at no more than 0.1 % of times and partitions a record waits longer than 60 s.
Numerators and denominators are summed apart; there is no mean of means.
"""

from collections import namedtuple

# As lagcalc/slo.h has them: 30 days' budget is used `factor` times too fast over both windows.
BurnRule = namedtuple("BurnRule", "long short factor pages")
BURN_RULES = (BurnRule("1h", "5m", 14.4, True), BurnRule("6h", "30m", 6, True),
              BurnRule("1d", "2h", 3, False), BurnRule("3d", "6h", 1, False))
WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
RPO_SECONDS, RPO_BUDGET = 60, 0.001

BY = "flow, objective, group"
# What tells no commit time is neither good nor bad, and no part of the whole.
JUDGED = '{verdict!="unmeasured"}'
BAD_PART = "flow_objective_group:longspan_slo_bad_records_per_records:ratio_rate"
BUDGET = "flow_objective_group:longspan_slo_error_budget:ratio"
OVER = "flow:longspan_partitions_over_rpo:count"
AGED = "flow:longspan_partitions_of_known_age:count"
OVER_PART = "flow:longspan_partitions_over_rpo_per_partitions:ratio_"
RPO_TARGET, RPO_ALLOWED = "longspan:rpo_target:seconds", "longspan:rpo_error_budget:ratio"
# The greater of the two: one is not known while a partition is paused, the other is too small after
# a start.
BEHIND = ("max by (flow, topic, partition) "
          '({__name__=~"longspan_partition_head_age_seconds|longspan_partition_behind_seconds"})')


def latency_rules():
    rules = [(BUDGET, f"1 - max by ({BY}) (longspan_slo_objective_ratio)")]
    for window in WINDOWS:
        bad, judged = (f"sum by ({BY}) (rate(longspan_slo_records_total{where}[{window}]))"
                       for where in ('{verdict="bad"}', JUDGED))
        rules.append((BAD_PART + window, f"{bad}\n/ ({judged} > 0)"))
    return rules


def rpo_rules():
    rules = [(RPO_TARGET, f"vector({RPO_SECONDS})"), (RPO_ALLOWED, f"vector({RPO_BUDGET})"),
             (AGED, f"count by (flow) ({BEHIND})"),
             (OVER, f"count by (flow) ({BEHIND} > scalar({RPO_TARGET}))\n"
                    f"or 0 * count by (flow) ({BEHIND})")]
    for window in WINDOWS:
        rules.append((OVER_PART + window, f"sum_over_time({OVER}[{window}])\n"
                                          f"/ sum_over_time({AGED}[{window}])"))
    return rules


def latency_burns(rules):
    return "\nor ".join(
        f"({BAD_PART}{window.long} > {window.factor} * {BUDGET}\n"
        f"  and {BAD_PART}{window.short} > {window.factor} * {BUDGET})" for window in rules)


def rpo_burns(rules):
    return "\nor ".join(
        f"({OVER_PART}{window.long} > {window.factor} * scalar({RPO_ALLOWED})\n"
        f"  and {OVER_PART}{window.short} > {window.factor} * scalar({RPO_ALLOWED}))"
        for window in rules)


RULES = {"longspan_latency_objectives": latency_rules(), "longspan_rpo": rpo_rules()}
