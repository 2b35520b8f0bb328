"""grafana.py - a board as Grafana's classic JSON: what every Grafana since 8 imports unchanged."""

from board import WIDTH, Kind, Unit, Variable
from query import Buckets, Form

SCHEMA_VERSION = 39
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
UNITS = {Unit.SECONDS: "s", Unit.BYTES: "bytes", Unit.BYTES_PER_SECOND: "Bps",
         Unit.COUNT: "short", Unit.PER_SECOND: "cps", Unit.PART: "percentunit",
         Unit.STATE: "none"}
TYPES = {Kind.LINES: "timeseries", Kind.STACK: "timeseries", Kind.STATES: "state-timeline",
         Kind.NUMBER: "stat", Kind.TABLE: "table", Kind.HEAT: "heatmap"}
LEGEND = {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []}


def board_json(board, form):
    tag = "longspan" if form == Form.CLASSIC else "longspan-native"
    suffix = "" if form == Form.CLASSIC else "-native"
    name = "" if form == Form.CLASSIC else " (native histograms)"
    return {
        "id": None, "uid": board.uid + suffix, "title": board.title + name,
        "description": board.text, "tags": [tag], "schemaVersion": SCHEMA_VERSION, "version": 1,
        "editable": False, "graphTooltip": 1, "refresh": "30s", "fiscalYearStartMonth": 0,
        "liveNow": False, "timezone": "", "weekStart": "", "timepicker": {},
        "time": {"from": "now-1h", "to": "now"},
        "annotations": {"list": [{
            "builtIn": 1, "datasource": {"type": "grafana", "uid": "-- Grafana --"},
            "enable": True, "hide": True, "iconColor": "rgba(0, 211, 255, 1)",
            "name": "Annotations & Alerts", "type": "dashboard"}]},
        "links": [{
            "type": "dashboards", "title": "longspan", "tags": [tag], "asDropdown": False,
            "includeVars": True, "keepTime": True, "targetBlank": False, "icon": "dashboard",
            "tooltip": "", "url": ""}],
        "templating": {"list": variables(board)},
        "panels": panels(board, form)}


def variables(board):
    return [{"name": "datasource", "label": "Data source", "type": "datasource",
             "query": "prometheus", "hide": 0, "includeAll": False, "multi": False, "refresh": 1,
             "regex": "", "options": [], "skipUrlSync": False}] + [
        variable(Variable("job", "longspan_ready"), ""),
        variable(Variable("instance", "longspan_ready"), 'job=~"$job"')] + [
        variable(each, matchers_before(board, each)) for each in board.variables]


def matchers_before(board, variable_):
    before = board.variables[:board.variables.index(variable_)]
    return ",".join(f'{name}=~"${name}"'
                    for name in ("job", "instance", *(each.label for each in before)))


def variable(asked, matchers):
    series = f"{asked.metric}{{{matchers}}}" if matchers else asked.metric
    question = f"label_values({series}, {asked.label})"
    out = {"name": asked.label, "label": asked.label.capitalize(), "type": "query",
           "datasource": DATASOURCE,
           "query": {"query": question, "refId": "PrometheusVariableQueryEditor-VariableQuery"},
           "refresh": 2, "sort": 1, "regex": "", "hide": 0, "multi": asked.is_multi,
           "includeAll": asked.is_multi, "options": [], "skipUrlSync": False}
    if asked.is_multi:
        out |= {"allValue": asked.all_of_them,
                "current": {"selected": True, "text": ["All"], "value": ["$__all"]}}
    return out


def panels(board, form):
    """Placed from left to right, a line a row's title."""
    out, top = [], 0
    for title, row in board.rows:
        out.append({"id": len(out) + 1, "type": "row", "title": title, "collapsed": False,
                    "gridPos": {"h": 1, "w": WIDTH, "x": 0, "y": top}, "panels": []})
        left, height, top = 0, 0, top + 1
        for panel in row:
            if left + panel.width > WIDTH:
                left, height, top = 0, 0, top + height
            place = {"h": panel.height, "w": panel.width, "x": left, "y": top}
            out.append(panel_json(board, panel, form, len(out) + 1, place))
            left, height = left + panel.width, max(height, panel.height)
        top += height
    return out


def panel_json(board, panel, form, number, place):
    out = {"id": number, "type": TYPES[panel.kind], "title": panel.title,
           "description": panel.text, "gridPos": place, "datasource": DATASOURCE,
           "targets": [target(board, panel, form, position)
                       for position in range(len(panel.asks))],
           "fieldConfig": {"defaults": defaults(panel), "overrides": []},
           "options": options(panel, form)}
    if panel.kind == Kind.TABLE:
        out["transformations"] = table_shape(panel)
        out["fieldConfig"]["overrides"] = columns(board, panel, form)
    return out


def target(board, panel, form, position):
    query, legend = panel.asks[position]
    out = {"refId": chr(ord("A") + position), "datasource": DATASOURCE, "editorMode": "code",
           "expr": query.promql(form, board.matched()), "legendFormat": legend,
           "range": panel.kind not in (Kind.TABLE, Kind.NUMBER),
           "instant": panel.kind in (Kind.TABLE, Kind.NUMBER)}
    if panel.kind == Kind.TABLE:
        out["format"] = "table"
    elif isinstance(query, Buckets):
        out["format"] = "heatmap"
    return out


def defaults(panel):
    steps = [{"color": "green", "value": None}]
    steps += [{"color": step.colour, "value": step.value} for step in panel.steps]
    out = {"unit": UNITS[panel.unit], "mappings": mappings(panel.names), "custom": custom(panel),
           "color": {"mode": "palette-classic" if panel.kind in (Kind.LINES, Kind.STACK)
                     else "thresholds"},
           "thresholds": {"mode": "absolute", "steps": steps}}
    if panel.kind == Kind.TABLE:  # columns have units and names of their own
        out |= {"unit": "none", "mappings": []}
    return out


def mappings(names):
    if not names:
        return []
    return [{"type": "value", "options": {
        str(value): {"text": text, "color": colour, "index": index}
        for index, (value, text, colour) in enumerate(names)}}]


def custom(panel):
    if panel.kind in (Kind.LINES, Kind.STACK):
        return {"drawStyle": "line", "lineWidth": 1, "showPoints": "never", "spanNulls": False,
                "fillOpacity": 30 if panel.kind == Kind.STACK else 0,
                "stacking": {"mode": "normal" if panel.kind == Kind.STACK else "none",
                             "group": "A"},
                "thresholdsStyle": {"mode": "dashed" if panel.steps else "off"}}
    if panel.kind == Kind.STATES:
        return {"fillOpacity": 70, "lineWidth": 0}
    return {}


def options(panel, form):
    if panel.kind in (Kind.LINES, Kind.STACK):
        return {"legend": LEGEND, "tooltip": {"mode": "multi", "sort": "desc"}}
    if panel.kind == Kind.STATES:
        return {"legend": LEGEND, "tooltip": {"mode": "single", "sort": "none"},
                "mergeValues": True, "showValue": "auto", "alignValue": "left", "rowHeight": 0.9}
    if panel.kind == Kind.NUMBER:
        return {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
                "colorMode": "value", "graphMode": "none", "textMode": "value",
                "justifyMode": "auto", "orientation": "auto"}
    if panel.kind == Kind.TABLE:
        return {"showHeader": True, "cellHeight": "sm"}
    return {"calculate": False, "cellGap": 1, "legend": {"show": True},
            "color": {"mode": "scheme", "scheme": "Oranges", "steps": 64, "exponent": 0.5,
                      "fill": "dark-orange", "reverse": False, "scale": "exponential"},
            "yAxis": {"unit": UNITS[panel.unit], "axisPlacement": "left", "reverse": False},
            "rowsFrame": {"layout": "auto" if form == Form.CLASSIC else "unknown"},
            "tooltip": {"mode": "single", "yHistogram": False, "showColorScale": False},
            "filterValues": {"le": 1e-9}, "exemplars": {"color": "rgba(255,0,255,0.7)"},
            "showValue": "never"}


def value_column(position):
    return f"Value #{chr(ord('A') + position)}"


def table_shape(panel):
    """All columns of the queries beside each other; no time."""
    order = list(panel.asks[0][0].leaves()[0].by)
    names = {value_column(position): legend for position, (_, legend) in enumerate(panel.asks)}
    order += list(names)
    return [{"id": "merge", "options": {}},
            {"id": "organize", "options": {
                "excludeByName": {"Time": True}, "includeByName": {},
                "indexByName": {name: index for index, name in enumerate(order)},
                "renameByName": names}}]


def columns(board, panel, form):
    out = []
    for (_, legend), unit in zip(panel.asks, panel.units, strict=True):
        properties = [{"id": "unit", "value": UNITS[unit]}]
        if unit == Unit.STATE:
            properties += [{"id": "mappings", "value": mappings(panel.names)},
                           {"id": "custom.cellOptions", "value": {"type": "color-text"}}]
        out.append({"matcher": {"id": "byName", "options": legend}, "properties": properties})
    if board.uid == "longspan-fleet":
        flow = "longspan-flow" + ("" if form == Form.CLASSIC else "-native")
        out.append({"matcher": {"id": "byName", "options": "flow"}, "properties": [
            {"id": "links", "value": [{
                "title": "${__value.text}", "targetBlank": False,
                "url": f"/d/{flow}?var-flow=${{__value.text:percentencode}}"
                       "&${datasource:queryparam}&${__url_time_range}"}]}]})
    return out
