// The page of a fleet: a row a flow, what needs somebody first, and where the files differ.

import {byId, h, refill, setText} from "./element.js";
import {count, figure, milliseconds, none, rate, seconds, text} from "./figures.js";
import {drawFreshness} from "./freshness.js";
import {Poll, getJson} from "./poll.js";
import {Table} from "./table.js";

// In the order of urgency, as the rows come.
const STATES = {not_seen: "bad", not_running: "bad", critical: "bad", warning: "warn", fine: ""};
const URGENCY = Object.keys(STATES).reverse();
const TOLD = {not_seen: "cannot be seen", not_running: "not running", critical: "critical",
              warning: "warning", fine: "fine"};
const LATE = 3;  // a look that comes so many times later than it should

let now = 0, everyMs = 0;
const ageOf = row => {
  const ageMs = Math.max(0, now - row.looked_at_ms);
  return ageMs < LATE * (everyMs + row.took_ms) ? "" :
    `, as of ${milliseconds(Math.round(ageMs / 1000) * 1000)} ago`;
};

const stateOf = row => {
  if (row.state === "not_seen") return "cannot be seen";
  if (row.state !== "not_running") return `running on ${count(row.processes)}`;
  return row.not_running_ms === undefined ? "not running" :
    `not running for ${milliseconds(row.not_running_ms)}`;
};
const whyOf = row => row.cause === undefined ? row.why :
  `${row.cause.replaceAll("_", " ")}: ${row.why}`;

// null: there is none.
const told = (row, value, format, whyNone, whyUnknown) =>
  value === null ? none(whyNone) :
    figure(value, format, row.state === "not_seen" ? row.why : whyUnknown);

const topicsOf = row => row.topics === row.mirrored_topics ? count(row.topics) :
  `${count(row.mirrored_topics)} of ${count(row.topics)}`;

const table = new Table({
  caption: "Flows", filter: "Filter flows", key: row => row.name, sortBy: "state",
  tint: row => STATES[row.state], columns: [
    {id: "flow", title: "Flow", isText: true, cell: row => text(row.name)},
    {id: "state", title: "State", isText: true, sort: row => URGENCY.indexOf(row.state),
     cell: row => text(stateOf(row) + ageOf(row))},
    {id: "why", title: "Why", isText: true, cell: row => text(whyOf(row))},
    {id: "topics", title: "Topics", isMinor: true,
     cell: row => row.topics === undefined ? figure(undefined, count, row.why) :
       {text: topicsOf(row), value: row.mirrored_topics}},
    {id: "rate", title: "Mirrored", cell: row =>
      told(row, row.records_per_second, rate, "nothing is mirrored",
           "rates are known once a partition has moved for some seconds")},
    {id: "lag", title: "Lag", cell: row =>
      told(row, row.offset_lag, count, "nothing is mirrored", "of a topic it is not known")},
    {id: "head-age", title: "Oldest waiting", cell: row =>
      told(row, row.head_age_s, seconds, "nothing waits", "of a topic it is not known")},
    {id: "catch-up", title: "Catches up in", isMinor: true, cell: row =>
      told(row, row.catch_up_s, seconds, "nothing waits", "not known, or not at this rate")},
    {id: "worst", title: "Worst topic", isText: true, isMinor: true,
     cell: row => row.worst_topic === undefined ? none("nothing waits") : text(row.worst_topic)},
    {id: "file", title: "File", isText: true, isMinor: true,
     cell: row => text(row.file.split("/").pop())},
  ]});
byId("rows").append(table.element);

const drawVerdict = ({rows, waiting}) => {
  const counts = Object.keys(STATES).map(state =>
    [state, rows.filter(row => row.state === state).length]).filter(each => each[1] > 0);
  const worst = counts[0]?.[0] ?? "fine";
  byId("verdict").className = `card ${STATES[worst] || "good"}`;
  const all = rows.length + waiting;
  const parts = counts.map(([state, n]) => `${count(n)} ${TOLD[state]}`);
  if (waiting > 0) parts.push(`${count(waiting)} not looked at yet`);
  const flows = `${count(all)} flow${all === 1 ? "" : "s"}`;
  setText(byId("verdict-text"), parts.length === 0 ? flows : `${flows}: ${parts.join(", ")}`);
};

const drawFiles = ({wrong_files: wrong, drift}) => {
  byId("wrong-card").hidden = wrong.length === 0;
  refill(byId("wrong"), wrong, () => wrong.flatMap(file =>
    file.errors.map(error => h("li", {text: error}))));
  byId("drift-card").hidden = drift.length === 0;
  refill(byId("drift"), drift, () => drift.map(each => h("li", {},
    h("p", {}, h("strong", {text: each.what})),
    h("ul", {class: "evidence"}, each.values.map(value => h("li", {},
      h("code", {text: value.value === "" ? "(nothing)" : value.value}),
      ` in ${value.where.join(", ")}`))))));
};

const draw = fleet => {
  now = fleet.at_ms;
  everyMs = fleet.every_ms;
  setText(byId("looked"), `clusters are looked at each ${milliseconds(everyMs)}`);
  setText(byId("version"), fleet.longspan_version);
  byId("content").hidden = false;
  drawVerdict(fleet);
  table.update(fleet.rows);
  drawFiles(fleet);
  document.documentElement.dataset.drawn = fleet.at_ms;
};

const poll = new Poll({ask: () => getJson("api/v1/fleet"), onAnswer: draw,
                       onState: state => drawFreshness(state, "longspan fleet")});
byId("retry-now").addEventListener("click", () => poll.now());
poll.now();
