"""prometheus_rules.py - recording rules and alerts as Prometheus reads them."""

from alerts import ALERTS, OF_FLOW
from slo_rules import RULES

HEAD = """\
# Made by dashboards/source/generate.py from alerts.py and slo_rules.py: change it there.
# `FILE` is the properties file of `longspan run`. The external label `grafana` is the address in
# front of links to dashboards; without it they are relative.
"""
INTERVAL = "30s"


def rules_yaml():
    lines = [HEAD + "groups:"]
    for name, rules in RULES.items():
        lines += [f"- name: {name}", f"  interval: {INTERVAL}", "  rules:"]
        for record, expr in rules:
            lines += [f"  - record: {record}", *block("expr", expr, 4)]
    lines += ["- name: longspan_alerts", f"  interval: {INTERVAL}", "  rules:"]
    for alert in ALERTS:
        lines += [f"  - alert: {alert.name}", *block("expr", alert.expr, 4),
                  f"    for: {alert.lasts}", "    labels:", f"      severity: {alert.severity}",
                  "    annotations:"]
        for key, value in annotations(alert).items():
            lines += block(key, value, 6)
    return "\n".join(lines) + "\n"


def block(key, value, indent):
    """A literal block: nothing in it needs quotes."""
    space = " " * indent
    return [f"{space}{key}: |-", *(f"{space}  {line}" for line in value.split("\n"))]


def asked_of_process(alert):
    """The command with the address that it is scraped at; a series of several has any of them."""
    series, *labels = alert.told_by
    name, space, beyond = series.partition(" ")
    where, beyond = ",".join(f"{label}=%q" for label in labels), space + beyond
    values = " ".join(f"$labels.{label}" for label in labels)
    return ("longspan lag --url=http://"
            f'{{{{ with printf "{name}{{{where}}}{beyond}" {values} | query }}}}'
            '{{ . | first | label "instance" }}{{ else }}HOST:PORT{{ end }}'
            f" {OF_FLOW} --why")


def annotations(alert):
    """The runbook begins with what to type."""
    of_flow = "?var-flow={{ urlquery $labels.flow }}" if alert.has_flow else ""
    runbook = f"{alert.command}\n{alert.what}"
    if alert.told_by:
        runbook += f"\nA process that knows of it: {asked_of_process(alert)}"
    return {"summary": alert.summary, "runbook": runbook,
            "dashboard": "{{ $externalLabels.grafana }}/d/" + alert.board + of_flow}
