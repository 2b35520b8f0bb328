// What is no table: the verdict, the figures of the whole flow, what stands still.

import {byId, h, refill, sparkline} from "./element.js";
import {count, figure, milliseconds, none, notKnownOf, rate, shown} from "./figures.js";
import {fromCommit, latencyOf, slowestGroup, wholeWay} from "./way.js";

// --- the verdict ---------------------------------------------------------------------------------

const TITLES = {keeping_up: "Keeping up", catching_up: "Catching up", database_idle: "Idle"};
const titleOf = cause => TITLES[cause] ??
  cause.replaceAll("_", " ").replace(/^./, first => first.toUpperCase());
const gradeOf = cause => ({warning: "warn", critical: "bad"})[cause.severity] ??
  (cause.cause in TITLES ? "good" : "info");

const evidence = cause => h("ul", {class: "evidence"}, cause.evidence.map(each =>
  h("li", {}, h("code", {text: each.name}),
    ` ${typeof each.value === "number" ? +each.value.toPrecision(4) : each.value}`)));

const fine = cause => [
  cause.confidence, cause.because_of && `because of ${cause.because_of.replaceAll("_", " ")}`,
  cause.eta_ms !== undefined && `over in ${milliseconds(cause.eta_ms)}`,
  cause.more > 0 && `and ${cause.more} more like it`].filter(Boolean).join(", ");

const nextOf = cause => cause.next && cause.next !== "nothing" && !cause.because_of ?
  h("p", {class: "next", text: cause.next}) : undefined;

const other = cause => h("li", {class: gradeOf(cause)},
  h("p", {}, h("strong", {text: titleOf(cause.cause)}), `: ${cause.what} `,
    h("span", {class: "dim", text: `(${fine(cause)})`})), evidence(cause), nextOf(cause));

const firstOf = flow => {
  if (flow.why?.length > 0) return flow.why[0];
  const isAsked = flow.why !== undefined;
  return {cause: isAsked ? "nothing_found" : "not_known", severity: "unknown", confidence: "",
          evidence: [], what: isAsked ? "no cause is found, and not all could be looked for" :
            "nobody looked for causes yet"};
};

export const drawVerdict = flow => {
  const first = firstOf(flow), rest = (flow.why ?? []).slice(1), unknown = flow.why_unknown ?? [];
  byId("verdict").className = `card ${gradeOf(first)}`;
  refill(byId("verdict-text"), first, () => [
    h("p", {class: "headline"}, h("strong", {text: titleOf(first.cause)}), ` ${first.what}`),
    nextOf(first)]);
  refill(byId("verdict-evidence"), first.evidence, () => [
    h("p", {class: "dim", text: fine(first)}), evidence(first)]);
  refill(byId("verdict-others"), rest, () => rest.map(other));
  byId("verdict-more").textContent = rest.length > 0 ?
    `Evidence, and ${rest.length} more that ${rest.length > 1 ? "were" : "was"} found` : "Evidence";
  refill(byId("verdict-unknown"), unknown, () => unknown.length === 0 ? [] :
    [`Neither found nor ruled out: ${unknown.map(each => each.replaceAll("_", " ")).join(", ")}.`]);
};

// What may be wrong with the whole flow, in its own words.
export const drawTroubles = (flow, staleMs) => {
  const since = flow.not_running_since_ms;
  const lines = [
    !flow.running && `No process mirrors this flow${since === undefined ? "" :
      `: since ${milliseconds(flow.at_ms - since)}`}.`,
    flow.source_trouble && `Source: ${flow.source_trouble}`,
    flow.target_trouble && `Target: ${flow.target_trouble}`,
    flow.schema_trouble && `Schemas: ${flow.schema_trouble}`,
    flow.lost_partitions > 0 && `${flow.lost_partitions} partitions are not known: this process ` +
      "lost its slots and has none yet.",
    staleMs > 15000 && `What is known of this flow is ${milliseconds(staleMs)} old.`,
  ].filter(Boolean);
  refill(byId("troubles"), lines, () => lines.map(text => h("li", {text})));
};

export const WHY_AGE = "of a partition that is not read it is not known";

// --- the figures of the flow ---------------------------------------------------------------------

// Absent where it is of one topic.
const fold = (topics, member, with_) => topics.reduce((sum, topic) =>
  sum === undefined || topic[member] === undefined ? undefined : with_(sum, topic[member]), 0);

export const sumsOf = flow => {
  const topics = flow.topics.filter(topic => topic.partitions_by_state);
  const states = {active: 0, paused: 0, parked: 0};
  for (const topic of topics) {
    for (const [state, n] of Object.entries(topic.partitions_by_state)) states[state] += n;
  }
  const add = (a, b) => a + b;
  const unknownRates = topics.filter(topic => topic.records_per_second === undefined).length;
  return {states, unknownLags: fold(topics, "unknown_lags", add),
          lag: fold(topics, "offset_lag", add), rate: fold(topics, "records_per_second", add),
          headAge: fold(topics, "head_age_ms", Math.max),
          partitions: states.active + states.paused + states.parked,
          whyRate: `${notKnownOf(unknownRates, "topic")} yet`};
};

const tile = (name, title, value, line, note) => h("li", {class: "tile", "data-tile": name},
  h("p", {class: "name", text: title}), h("p", {class: "value"}, shown(value)), line,
  (value.why ?? note) && h("p", {class: "note", text: value.why ?? note}));

const tiles = (flow, sums, history, whyLag) => {
  const why = `${notKnownOf(sums.unknownLags, "partition")}${whyLag}`;
  const latency = latencyOf(flow), group = slowestGroup(flow.groups ?? []);
  const hasGroups = (flow.groups ?? []).some(each => each.side === "target");
  const stopped = ["parked", "paused"].filter(state => sums.states[state] > 0)
    .map(state => `${sums.states[state]} ${state}`).join(", ");
  return [
    tile("rate", "Mirrored", figure(sums.rate, rate, sums.whyRate),
         sparkline(history.rate, "records mirrored a second, last two minutes")),
    tile("lag", "Records waiting", figure(sums.lag, count, why),
         sparkline(history.lag, "records waiting, last two minutes")),
    tile("head-age", "Oldest waiting", figure(sums.headAge, milliseconds,
                                              sums.unknownLags > 0 ? why : WHY_AGE),
         sparkline(history.headAge, "age of the oldest, last two minutes")),
    tile("p99", "To the target, p99", fromCommit(wholeWay(flow), latency, "p99_s")),
    tile("e2e-p99", "To the slowest sink, p99", hasGroups ? fromCommit(
      (group?.recent ?? group)?.end_to_end, latency, "p99_s") : none("no group is followed"),
         undefined, group && `group ${group.group}`),
    tile("partitions", "Partitions here", figure(sums.partitions, count), undefined,
         stopped || "all active"),
  ];
};

export const drawTiles = (flow, sums, history, whyLag) =>
  byId("tiles").replaceChildren(...tiles(flow, sums, history, whyLag));

// --- what stands still ---------------------------------------------------------------------------

const wordOf = each => each.state === "active" ? "waits" : each.state;

export const drawStopped = flow => {
  const lost = flow.topics.filter(topic => topic.reason);
  const waiting = flow.partitions, more = flow.partitions_not_shown ?? 0;
  byId("stopped-card").hidden = lost.length + waiting.length === 0;
  refill(byId("stopped"), [lost.map(topic => [topic.source, topic.reason]), more,
                           waiting.map(({topic, partition, state, reason}) =>
                             [topic, partition, state, reason])],
  () => [
    ...lost.map(topic => h("li", {class: "bad"}, h("strong", {text: topic.source}),
                           h("span", {class: "word", text: "not mirrored"}),
                           h("span", {text: topic.reason}))),
    ...waiting.map(each => h("li", {class: {parked: "bad", paused: "warn"}[each.state] ?? ""},
                             h("strong", {text: `${each.topic}:${each.partition}`}),
                             h("span", {class: "word", text: wordOf(each)}),
                             h("span", {text: each.reason ?? "for no reason that is told"}))),
    more > 0 && h("li", {class: "dim", text: `and ${count(more)} more`}),
  ].filter(Boolean));
};
