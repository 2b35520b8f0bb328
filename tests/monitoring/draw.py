"""draw.py - dashboards as pictures, panel by panel, from what a Prometheus answered.

Not Grafana: where panels stand, what they ask and their units are the dashboard's; how they look is
drawn here. Reads one JSON object from standard input: {"data": {uid: {panel's id: [series of each
query]}}, "span", "folder"}. Needs matplotlib.
"""

import io
import json
import math
import os
import re
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.colors import LogNorm  # noqa: E402
from PIL import Image  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
DASHBOARDS = os.path.join(HERE, "..", "..", "dashboards")
DPI, UNIT_WIDTH, UNIT_HEIGHT = 72, 0.68, 0.38  # inches of a column and of a line of Grafana's
COLOURS = 48
LEGEND_MAX = 7
INK, PAPER, PANE = "#c7d0d9", "#111217", "#181b1f"
BASE = {"green": "#73bf69", "red": "#e02f44", "orange": "#ff9830", "blue": "#5794f2",
        "transparent": "#2b2f36"}
STYLE = {"text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
         "axes.facecolor": PANE, "figure.facecolor": PAPER, "axes.edgecolor": "#3a3f46",
         "grid.color": "#2c3036", "font.size": 8, "legend.frameon": False, "axes.grid": True}


def told(value, unit):
    """A number with its unit, as an axis or a cell says it."""
    if value is None or not math.isfinite(value):
        return ""
    if unit == "percentunit":
        return f"{100 * value:.3g} %"
    if unit == "s":
        for least, factor, name in ((86400, 86400, "d"), (3600, 3600, "h"), (100, 60, "min"),
                                    (1, 1, "s"), (1e-3, 1e-3, "ms"), (0, 1e-6, "µs")):
            if abs(value) >= least:
                return f"{value / factor:.3g} {name}" if value else "0"
    suffix = {"bytes": "B", "Bps": "B/s", "cps": "/s"}.get(unit, "")
    for least, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= least:
            return f"{value / least:.3g} {name}{suffix}".strip()
    return f"{value:.3g} {suffix}".strip()


def legend_of(target, labels):
    text = re.sub(r"\{\{(\w+)\}\}", lambda m: labels.get(m[1], ""), target["legendFormat"])
    return re.sub(r"\s+", " ", text).strip()


def series_of(panel, answers):
    """[(legend, times, values)]."""
    return [(legend_of(target, labels), [at for at, unused in points],
             [value for unused, value in points])
            for target, answer in zip(panel["targets"], answers, strict=True)
            for labels, points in answer]


def last(points):
    finite = [value for unused, value in points if math.isfinite(value)]
    return finite[-1] if finite else None


def names_of(panel):
    for mapping in panel["fieldConfig"]["defaults"]["mappings"]:
        return {float(value): (each["text"], each["color"])
                for value, each in mapping["options"].items()}
    return {}


def unit_of(panel):
    return panel["fieldConfig"]["defaults"]["unit"]


def since_start(axes):
    axes.xaxis.set_major_formatter(lambda value, unused: f"{value:g} s")


def draw_lines(axes, panel, answers, span):
    series = series_of(panel, answers)
    stacked = panel["fieldConfig"]["defaults"]["custom"]["stacking"]["mode"] == "normal"
    grid = sorted({at for unused, times, unused in series for at in times})
    if stacked:
        by_time = [dict(zip(times, values)) for unused, times, values in series]
        axes.stackplot([at - span[0] for at in grid],
                       [[each.get(at, 0) for at in grid] for each in by_time], alpha=0.6,
                       labels=[legend for legend, unused, unused in series])
    else:
        for legend, times, values in series:
            axes.plot([at - span[0] for at in times], values, linewidth=1.2, label=legend)
    axes.set_xlim(0, span[1] - span[0])
    since_start(axes)
    axes.margins(y=0.1)
    axes.yaxis.set_major_formatter(lambda value, unused: told(value, unit_of(panel)))
    axes.yaxis.set_major_locator(plt.MaxNLocator(5))
    handles, labels = axes.get_legend_handles_labels()
    if len(labels) > LEGEND_MAX:
        labels = [*labels[:LEGEND_MAX - 1], f"and {len(labels) - LEGEND_MAX + 1} more"]
    axes.legend(handles[:LEGEND_MAX], labels, loc="upper left", fontsize=6.5, ncols=2,
                handlelength=1.2, columnspacing=1)


def draw_states(axes, panel, answers, span):
    names = names_of(panel)
    rows = series_of(panel, answers)
    for row, (unused, times, values) in enumerate(reversed(rows)):
        for at, value in zip(times, values):
            axes.barh(row, 1.05, left=at - span[0], height=0.8,
                      color=BASE[names.get(value, ("", "transparent"))[1]], linewidth=0)
    axes.set_yticks(range(len(rows)), [legend for legend, unused, unused in reversed(rows)],
                    fontsize=6.5)
    axes.set_xlim(0, span[1] - span[0])
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.grid(False)
    for name, colour in names.values():
        axes.plot([], [], linewidth=5, color=BASE[colour], label=name)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 0.98), ncols=len(names), fontsize=6.5,
                handlelength=0.6, columnspacing=0.8, borderaxespad=0.1)
    since_start(axes)


def draw_number(axes, panel, answers):
    values = [last(points) for answer in answers for unused, points in answer]
    value = next((each for each in values if each is not None), None)
    colour = "green"
    for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]:
        if step["value"] is not None and value is not None and value >= step["value"]:
            colour = step["color"]
    axes.axis("off")
    axes.text(0.5, 0.45, told(value, unit_of(panel)) or "no value", ha="center", va="center",
              fontsize=17, color=BASE[colour], transform=axes.transAxes)


def draw_table(axes, panel, answers):
    place_of = next(each["options"]["indexByName"] for each in panel["transformations"]
                    if each["id"] == "organize")
    rows = {}
    for column, answer in enumerate(answers):
        for labels, points in answer:
            key = tuple(sorted(labels.items(), key=lambda label: place_of[label[0]]))
            cells = rows.setdefault(key, [None] * len(answers))
            cells[column] = last(points)
    columns = {each["matcher"]["options"]: {one["id"]: one["value"] for one in each["properties"]}
               for each in panel["fieldConfig"]["overrides"]}
    legends = [target["legendFormat"] for target in panel["targets"]]
    labels = [name for name, unused in next(iter(rows))]
    text = []
    for key, cells in rows.items():
        line = [value for unused, value in key]
        for legend, value in zip(legends, cells, strict=True):
            names = columns[legend].get("mappings")
            named = names and value is not None and names[0]["options"].get(str(int(value)))
            line.append(named["text"] if named else told(value, columns[legend]["unit"]))
        text.append(line)
    axes.axis("off")
    shown = sorted(text)[:9]
    height = 0.1 * (len(shown) + 1)
    table = axes.table(cellText=shown, colLabels=labels + legends, loc="upper left",
                       cellLoc="left", edges="horizontal", bbox=(0, 1 - height, 1, height))
    table.auto_set_font_size(False)
    table.set_fontsize(8)
    for cell in table.get_celld().values():
        cell.set_edgecolor("#3a3f46")


def draw_heat(axes, panel, answers, span):
    """Buckets are cumulative: differences are what fell into each."""
    rows = sorted((float(labels["le"]), dict(points)) for labels, points in answers[0])
    times = sorted({at for unused, points in rows for at in points})
    below, cells = dict.fromkeys(times, 0), []
    for unused, points in rows:
        cells.append([max(points.get(at, 0) - below[at], 0) or math.nan for at in times])
        below = {at: points.get(at, 0) for at in times}
    axes.pcolormesh([at - span[0] for at in times], range(len(rows)), cells, cmap="inferno",
                    norm=LogNorm(), shading="nearest")
    axes.set_yticks(range(0, len(rows), 3), [told(rows[i][0], unit_of(panel)) or "more"
                                             for i in range(0, len(rows), 3)])
    axes.grid(False)
    since_start(axes)


def draw_panel(axes, panel, answers, span):
    axes.set_title(panel["title"], loc="left", fontsize=9, color=INK)
    if panel["type"] == "timeseries":
        draw_lines(axes, panel, answers, span)
    elif panel["type"] == "state-timeline":
        draw_states(axes, panel, answers, span)
    elif panel["type"] == "stat":
        draw_number(axes, panel, answers)
    elif panel["type"] == "table":
        draw_table(axes, panel, answers)
    else:
        draw_heat(axes, panel, answers, span)


def place(figure, grid, lines):
    """Axes where Grafana has the panel: below its title, beside its numbers."""
    left, top = grid["x"] / 24 + 0.045, 1 - (grid["y"] + 1.1) / lines
    width, height = grid["w"] / 24 - 0.055, (grid["h"] - 1.9) / lines
    if grid["w"] <= 4:
        left, width = grid["x"] / 24 + 0.01, grid["w"] / 24 - 0.02
    return figure.add_axes((left, top - height, width, height))


def draw(board, answers, span):
    lines = 2 + max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in board["panels"])
    figure = plt.figure(figsize=(24 * UNIT_WIDTH, lines * UNIT_HEIGHT), dpi=DPI)
    figure.text(0.01, 1 - 0.7 / lines, board["title"], fontsize=13, va="center")
    for panel in board["panels"]:
        grid = panel["gridPos"] | {"y": panel["gridPos"]["y"] + 1.2}
        if panel["type"] == "row":
            figure.text(0.01, 1 - (grid["y"] + 0.5) / lines, panel["title"], fontsize=11,
                        color="#8e99a4", va="center")
            continue
        axes = place(figure, grid, lines)
        if panel["type"] == "state-timeline":
            box = axes.get_position()
            axes.set_position((box.x0 + 0.08, box.y0, box.width - 0.08, box.height))
        draw_panel(axes, panel, answers[str(panel["id"])], span)
    out = io.BytesIO()
    figure.savefig(out, format="png")
    plt.close(figure)
    return Image.open(out).convert("RGB").quantize(COLOURS)


def main():
    order = json.load(sys.stdin)
    os.makedirs(order["folder"], exist_ok=True)
    for uid, answers in order["data"].items():
        with open(os.path.join(DASHBOARDS, "grafana", f"{uid}.json"), encoding="utf-8") as file:
            board = json.load(file)
        path = os.path.join(order["folder"], f"{uid}.png")
        with plt.rc_context(STYLE):
            draw(board, answers, order["span"]).save(path, optimize=True)
        print(f"{uid}.png: {os.path.getsize(path) // 1024} KB", end="  ")


if __name__ == "__main__":
    main()
