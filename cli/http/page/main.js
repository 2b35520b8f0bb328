// The status page: asks the process each two seconds (/api/v1/lag?detail=topics), and draws one
// answer at a time.

import {byId, h, refill, setText} from "./element.js";
import {drawMap} from "./flow_map.js";
import {milliseconds} from "./figures.js";
import {drawFreshness} from "./freshness.js";
import {drawStopped, drawTiles, drawTroubles, drawVerdict, sumsOf} from "./panels.js";
import {Poll, getJson} from "./poll.js";
import {clocksTable, eventsTable, groupsTable, partitionsTable, slosTable, topicsTable}
  from "./tables.js";
import {drawWaterfall} from "./waterfall.js";
import {wayOf} from "./way.js";

// --- what is chosen, kept in the address ---------------------------------------------------------

const chosen = {quantile: "p50_s",
                ...Object.fromEntries(new URLSearchParams(location.hash.slice(1)))};

const choose = change => {
  Object.assign(chosen, change);
  const kept = Object.entries(chosen).filter(([, value]) => value !== undefined);
  history.replaceState(null, "", `#${new URLSearchParams(kept)}`);
  poll.now();
};

// --- the last two minutes, as this page saw them -------------------------------------------------

const KEPT = 60;

class Histories {
  constructor() { this.series = new Map(); }
  add(name, values) {
    const of = this.series.get(name) ?? {};
    for (const [what, value] of Object.entries(values)) {
      of[what] = [...(of[what] ?? []), value].slice(-KEPT);
    }
    this.series.set(name, of);
  }
  of(name, what) { return this.series.get(name)?.[what] ?? []; }
  keepOnly(names) {
    for (const name of this.series.keys()) if (!names.has(name)) this.series.delete(name);
  }
}

const histories = new Histories();
let historyOf;  // which flow of which process

const remember = (lag, flow, sums) => {
  const id = `${lag.started_at_ms} ${flow.flow}`;
  if (historyOf !== id) histories.series.clear();
  historyOf = id;
  histories.add("", {rate: sums.rate, lag: sums.lag, headAge: sums.headAge});
  for (const topic of flow.topics) {
    histories.add(topic.source, {rate: topic.records_per_second, lag: topic.offset_lag});
  }
  histories.keepOnly(new Set(["", ...flow.topics.map(topic => topic.source)]));
};

// --- asking --------------------------------------------------------------------------------------

const events = {};  // the last ones, and of how many

const askEvents = async lag => {
  const total = JSON.stringify([lag.started_at_ms,
                                ...lag.flows.map(flow => [flow.flow, flow.events_total])]);
  if (total === events.total) return;
  const told = await getJson("api/v1/events").catch(failure => ({failure}));
  Object.assign(events, {total, list: told.events ?? [], failure: told.failure?.message});
};

const ask = async () => {
  const lag = await getJson("api/v1/lag?detail=topics");
  const flow = lag.flows.find(each => each.flow === chosen.flow) ?? lag.flows[0];
  let topic;
  if (flow && chosen.topic !== undefined) {
    const query = new URLSearchParams({flow: flow.flow, topic: chosen.topic});
    try {
      topic = (await getJson(`api/v1/lag?${query}`)).flows[0];
    } catch (failure) {
      if (failure.status !== 404) throw failure;
      chosen.topic = undefined;  // it is gone
    }
  }
  await askEvents(lag);
  return {lag, flow, topic};
};

let title = "longspan";

// --- drawing -------------------------------------------------------------------------------------

let whyLag = "";
const selectTopic = topic => {
  const isSame = chosen.topic === topic.source;
  choose({topic: isSame ? undefined : topic.source});
  if (!isSame) byId("way-card").scrollIntoView({block: "start"});
};

const tables = {
  topics: topicsTable(histories, () => whyLag, selectTopic),
  partitions: partitionsTable(() => whyLag), groups: groupsTable(), slos: slosTable(),
  clocks: clocksTable(), events: eventsTable(),
};
for (const [name, table] of Object.entries(tables)) byId(name).append(table.element);

const drawFlows = (lag, flow) => {
  byId("flows").hidden = lag.flows.length < 2;
  const names = lag.flows.map(each => [each.flow, each.running, each.flow === flow?.flow]);
  const field = byId("flows");
  if (JSON.stringify(names) === field.drawn) return;
  field.drawn = JSON.stringify(names);
  const focused = field.contains(document.activeElement) && document.activeElement.textContent;
  field.replaceChildren(...lag.flows.map(each => h("button", {
    type: "button", "aria-pressed": String(each.flow === flow?.flow),
    class: each.running ? "" : "bad", text: each.flow,
    onclick: () => choose({flow: each.flow, topic: undefined})})));
  [...field.children].find(button => button.textContent === focused)?.focus();
};

const drawTopicChoice = flow => {
  const select = byId("way-topic"), names = flow.topics.map(topic => topic.source).sort();
  if (document.activeElement !== select) {
    refill(select, names, () => [
      h("option", {value: "", text: "all topics"}),
      ...names.map(name => h("option", {value: `=${name}`, text: name}))]);
  }
  select.value = chosen.topic === undefined ? "" : `=${chosen.topic}`;
  for (const button of byId("quantiles").children) {
    button.setAttribute("aria-pressed", String(button.value === chosen.quantile));
  }
};

const drawWay = (flow, topic, sums) => {
  const groups = flow.groups ?? [];
  const found = topic?.topics[0];
  const way = wayOf(found ?? flow, groups, chosen.topic, chosen.quantile);
  drawMap(flow, way, sums);
  drawWaterfall(way, chosen.quantile);
  byId("partitions-card").hidden = topic === undefined;
  setText(byId("partitions-title"), topic ? `Partitions of ${chosen.topic}` : "Partitions");
  tables.partitions.update(topic?.partitions ?? []);
};

const withGroups = flow => {
  const byTopic = new Map(flow.topics.map(topic => [topic.source, []]));
  for (const group of flow.groups ?? []) {
    if (group.side === "target") byTopic.get(group.topic)?.push(group);
  }
  return flow.topics.map(topic => ({...topic, groups: byTopic.get(topic.source)}));
};

const drawFlow = (lag, flow, topic) => {
  whyLag = flow.source_trouble ? `: ${flow.source_trouble}` : "";
  const sums = sumsOf(flow);
  remember(lag, flow, sums);
  drawVerdict(flow);
  drawTroubles(flow, lag.at_ms - flow.at_ms);
  const history = Object.fromEntries(["rate", "lag", "headAge"].map(
    what => [what, histories.of("", what)]));
  drawTiles(flow, sums, history, whyLag);
  drawTopicChoice(flow);
  drawWay(flow, topic, sums);
  drawStopped(flow);
  tables.topics.update(withGroups(flow));
  for (const [name, list] of [["groups", flow.groups], ["slos", flow.slos],
                              ["clocks", flow.clocks]]) {
    byId(`${name}-card`).hidden = !(list?.length > 0);
    tables[name].update(list ?? []);
  }
  tables.events.update(events.list.filter(event => event.flow === flow.flow));
  setText(byId("events-note"), events.failure ? `not known: ${events.failure}` : "");
};

const draw = ({lag, flow, topic}) => {
  setText(byId("version"), lag.longspan_version ?? "");
  setText(byId("uptime"), lag.started_at_ms === undefined ? "" :
    `up ${milliseconds(lag.at_ms - lag.started_at_ms)}`);
  byId("ready").hidden = lag.ready;
  title = flow ? `${flow.flow} · longspan` : "longspan";
  byId("content").hidden = flow === undefined;
  byId("no-flow").hidden = flow !== undefined;
  drawFlows(lag, flow);
  if (flow) drawFlow(lag, flow, topic);
  document.documentElement.dataset.drawn = lag.at_ms;
};

const poll = new Poll({ask, onAnswer: draw, onState: state => drawFreshness(state, title)});

byId("way-topic").addEventListener("change", event =>
  choose({topic: event.target.value === "" ? undefined : event.target.value.slice(1)}));
byId("quantiles").addEventListener("click", event => {
  if (event.target.value) choose({quantile: event.target.value});
});
byId("retry-now").addEventListener("click", () => poll.now());
byId("config-card").addEventListener("toggle", async event => {
  if (!event.target.open) return;
  const told = await getJson("api/v1/config").catch(failure => ({text: failure.message}));
  setText(byId("config"), told.text);
});
poll.now();
