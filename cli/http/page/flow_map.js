// The map: who hands changes to whom, how long that takes, and who of them is in trouble.

import {byId, h, refill} from "./element.js";
import {bytes, count, figure, milliseconds, rate, share, shown} from "./figures.js";

const WORST_FIRST = ["bad", "warn", "good", "unknown"];
const worst = states => WORST_FIRST.find(state => states.includes(state)) ?? "unknown";

const LIVENESS = {alive: "good", late: "warn", dead: "bad", unknown: "unknown"};

const newest = (connectors, member) => {
  const times = connectors.map(each => each[member]).filter(at => at !== undefined);
  return times.length > 0 ? Math.max(...times) : undefined;
};

const database = flow => {
  const at = newest(flow.connectors ?? [], "newest_commit_at_us") ??
    (flow.recent_latency ?? flow.latency)?.newest_commit_at_us;
  const ago = at === undefined ? undefined : Math.max(0, flow.at_ms - at / 1000);
  return {name: "Database", state: at === undefined ? "unknown" : "good", lines: [
    ["newest commit", figure(ago, ms => `${milliseconds(ms)} ago`,
                             "no commit time was read yet")]]};
};

const connector = flow => {
  const all = flow.connectors ?? [];
  const beat = newest(all, "heartbeat_at_ms");
  const ago = beat === undefined ? undefined : Math.max(0, flow.at_ms - beat);
  const liveness = worst(all.map(each => LIVENESS[each.liveness]));
  const word = all.find(each => LIVENESS[each.liveness] === liveness)?.liveness;
  return {name: "Connector", state: liveness, lines: [
    [all.length > 1 ? `${all.length} connectors` : "liveness",
     figure(word === "unknown" ? undefined : word, String,
            "no heartbeats of it are mirrored here")],
    ["heartbeat", figure(ago, ms => `${milliseconds(ms)} ago`, "none was seen")]]};
};

const cluster = (flow, side, title) => {
  const trouble = flow[`${side}_trouble`], silent = flow[`${side}_silent_ms`];
  const load = flow.load ?? {}, throttled = load[`${side}_throttle_ratio`];
  const state = trouble !== undefined ? "bad" : silent > 5000 ? "bad" :
    !flow.running ? "unknown" : throttled > 0.1 ? "warn" : "good";
  const lines = [["round trip", figure(load[`${side}_round_trip_ms`], milliseconds,
                                       "it was not measured yet")]];
  if (throttled > 0) lines.push(["throttles", figure(throttled, share)]);
  if (silent > 0) lines.push(["silent for", figure(silent, milliseconds)]);
  return {name: title, kind: `${side} cluster`, state, trouble, lines};
};

const mirror = (flow, sums) => {
  const held = flow.slots.filter(slot => slot.owner && !slot.owner.released_at_ms).length;
  const load = flow.load ?? {}, cpu = load.shard_cpu_ratio;
  const state = !flow.running || sums.states.parked > 0 ? "bad" : cpu > 0.85 ? "warn" : "good";
  return {name: "longspan", kind: "mirror", state,
          trouble: flow.running ? undefined : "not running", lines: [
    ["mirrors", figure(sums.rate, rate, sums.whyRate)],
    ["slots here", figure(flow.slots_total, all => `${held} of ${all}`)],
    ["busiest thread", figure(cpu, share)],
    ["in flight", figure(load.in_flight_bytes, bytes)]]};
};

const sinks = flow => {
  const groups = (flow.groups ?? []).filter(group => group.side === "target");
  const names = new Set(groups.map(group => group.group));
  const isStopped = groups.some(group => group.state === "empty" && group.offset_lag > 0);
  const isKnown = groups.length > 0 && groups.every(
    group => group.unknown_lags === 0 && group.offset_lag !== undefined);
  const lag = isKnown ? groups.reduce((sum, group) => sum + group.offset_lag, 0) : undefined;
  const why = groups.length > 0 ? "the lag of one of them is not known" :
    "no consumer group of the target is followed";
  return {name: "Sinks", kind: "consumer groups",
          state: isStopped ? "warn" : isKnown ? "good" : "unknown", lines: [
    ["groups", figure(groups.length > 0 ? names.size : undefined, count, why)],
    ["lag", figure(lag, count, why)]]};
};

const STATE_TEXT = {good: "fine", warn: "look here", bad: "in trouble", unknown: "not known"};

const node = of => h("li", {class: `node is-${of.state}`, "data-node": of.name},
  h("h3", {}, h("span", {class: "name", text: of.name}),
    h("span", {class: "dot", title: STATE_TEXT[of.state]}),
    h("span", {class: "spoken", text: STATE_TEXT[of.state]})),
  of.kind && h("p", {class: "kind", text: of.kind}),
  h("dl", {}, of.lines.map(([term, value]) => h("div", {}, h("dt", {text: term}),
                                                h("dd", {}, shown(value))))),
  of.trouble && h("p", {class: "trouble", text: of.trouble}));

const arrow = of => h("li", {class: `arrow ${of.isPart ? "part" : ""}`, "data-hop": of.name,
                             title: of.title},
  h("span", {class: "spoken", text: `${of.title}: `}),
  of.isPart ? h("span", {class: "merged", text: "part of the next"}) : shown(of.figure),
  h("span", {class: "shaft", "aria-hidden": "true"}));

const hopTo = (way, to) => way.hops.find(hop => hop.to === to && hop.from !== to) ??
  {name: `to_${to}`, title: `to ${to}`, isPart: true};

export const drawMap = (flow, way, sums) => {
  const [source, target] = flow.flow.split("->");
  const nodes = [database(flow), connector(flow), cluster(flow, "source", source ?? "source"),
                 mirror(flow, sums), cluster(flow, "target", target ?? "target"), sinks(flow)];
  const arrows = ["connector", "source", "longspan", "target", "sinks"].map(to => hopTo(way, to));
  refill(byId("map"), [nodes, arrows], () =>
    nodes.flatMap((each, i) => i === 0 ? [node(each)] : [arrow(arrows[i - 1]), node(each)]));
};
