#include "cli/http/index_page.h"

namespace longspan {

// Text from topics and brokers enters the document through textContent only, never as HTML.
const std::string_view kIndexPage = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>longspan</title>
<style>
:root { color-scheme: light dark; --dim: #767676; --line: #8884; --bad: #c62828; }
@media (prefers-color-scheme: dark) { :root { --dim: #9a9a9a; --bad: #ff8a80; } }
body { font: 14px/1.45 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 80rem; padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; margin-top: 1.6rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child, td.text, th.text { text-align: left; }
th { color: var(--dim); font-weight: 500; }
.bad { color: var(--bad); } .dim { color: var(--dim); }
.wide { overflow-x: auto; }
</style>
</head>
<body>
<h1>longspan <span id="version" class="dim"></span></h1>
<p id="status" class="dim" role="status">reading /api/v1/lag ...</p>
<main id="flows"></main>
<h2>Endpoints</h2>
<ul>
<li><a href="/metrics">/metrics</a>: Prometheus</li>
<li><a href="/healthz">/healthz</a>: 200 while every thread turns</li>
<li><a href="/readyz">/readyz</a>: 200 when the flows hold their slots</li>
<li><a href="/api/v1/flows">/api/v1/flows</a>: each flow in short</li>
<li><a href="/api/v1/lag">/api/v1/lag</a>: everything known of each partition</li>
<li><a href="/api/v1/events">/api/v1/events</a>: what happened</li>
</ul>
<script>
"use strict";
const ROWS_MAX = 500;
const UNKNOWN = "\u2013";
const element = (tag, text, cls) => {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (cls) made.className = cls;
  return made;
};
const number = n => n === undefined ? UNKNOWN : Math.round(n).toLocaleString("en");
const duration = ms => {
  if (ms === undefined) return UNKNOWN;
  if (ms < 1000) return ms + " ms";
  const s = ms / 1000;
  if (s < 60) return s.toFixed(1) + " s";
  if (s < 3600) return Math.floor(s / 60) + " m " + Math.floor(s % 60) + " s";
  return Math.floor(s / 3600) + " h " + Math.floor(s % 3600 / 60) + " m";
};
const COLUMNS = [
  ["partition", p => p.topic + ":" + p.partition],
  ["state", p => p.state + (p.reason ? ": " + p.reason : ""), "text"],
  ["mirrored to", p => number(p.next_source_offset)],
  ["source end", p => number(p.source_end_offset)],
  ["lag, records", p => number(p.offset_lag)],
  ["head age", p => duration(p.head_age_ms)],
  ["records/s", p => number(p.records_per_second)],
  ["catch-up", p => duration(p.catch_up_ms)],
];
const table = partitions => {
  const made = element("table");
  const head = made.createTHead().insertRow();
  for (const [title, , cls] of COLUMNS) head.append(element("th", title, cls));
  const body = made.createTBody();
  for (const p of partitions) {
    const row = body.insertRow();
    for (const [, value, cls] of COLUMNS) row.append(element("td", value(p), cls));
    if (p.state === "parked") row.className = "bad";
  }
  const wide = element("div", undefined, "wide");
  wide.append(made);
  return wide;
};
const worst = (a, b) => (b.head_age_ms ?? Infinity) - (a.head_age_ms ?? Infinity) ||
  (b.offset_lag ?? Infinity) - (a.offset_lag ?? Infinity) || 0;
const show = flow => {
  const part = element("section");
  part.append(element("h2", flow.flow));
  if (!flow.running) {
    const since = flow.not_running_since_ms;
    const when = since === undefined ? "" : " since " + new Date(since).toISOString();
    part.append(element("p", "not running" + when, "bad"));
  }
  for (const side of ["source", "target"]) {
    const trouble = flow[side + "_trouble"];
    if (trouble !== undefined) part.append(element("p", side + ": " + trouble, "bad"));
  }
  for (const topic of flow.topics.filter(t => t.reason)) {
    part.append(element("p", "not mirrored: " + topic.source + ": " + topic.reason, "bad"));
  }
  const all = flow.partitions;
  const shown = all.length <= ROWS_MAX ? all : [...all].sort(worst).slice(0, ROWS_MAX);
  part.append(table(shown));
  if (shown.length < all.length) {
    part.append(element("p", `the worst ${shown.length} of ${all.length} partitions`, "dim"));
  }
  return part;
};
const refresh = async () => {
  const status = document.getElementById("status");
  try {
    const answer = await fetch("/api/v1/lag", {signal: AbortSignal.timeout(10000)});
    if (!answer.ok) throw new Error("HTTP " + answer.status);
    const lag = await answer.json();
    document.getElementById("version").textContent = lag.longspan_version ?? "";
    document.getElementById("flows").replaceChildren(...lag.flows.map(show));
    const at = new Date(lag.at_ms).toISOString();
    status.textContent = (lag.ready ? "ready" : "not ready") + ", " + at;
    status.className = lag.ready ? "dim" : "bad";
  } catch (failure) {
    status.textContent = "no answer: " + failure.message;
    status.className = "bad";
  }
  setTimeout(refresh, 2000);
};
refresh();
</script>
</body>
</html>
)html";

}  // namespace longspan
