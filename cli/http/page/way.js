// The way of a change, database to sink, as the API tells it: one row a hop, each [low, point,
// high] of a quantile.

import {interval, none} from "./figures.js";

const HOPS = [
  {name: "commit_to_connector", from: "database", to: "connector", title: "commit → connector"},
  {name: "connector_to_source_append", from: "connector", to: "source",
   title: "connector → source log"},
  {name: "source_append_to_fetched", from: "source", to: "longspan", title: "source log → fetched"},
  {name: "connector_to_fetched", from: "connector", to: "longspan", title: "connector → fetched"},
  {name: "fetched_to_produced", from: "longspan", to: "longspan", title: "inside longspan"},
  {name: "produced_to_target_append", from: "longspan", to: "target",
   title: "produced → target log"},
];
const WHOLE = "commit_to_target_append";

// Why records tell no commit time: NoCommit of lagcalc/stamps.
const REASONS = {
  snapshot: "they are of a snapshot", incremental_snapshot: "they are of an incremental snapshot",
  non_transactional_message: "their time is that of the transaction before",
  truncate: "a TRUNCATE changes no row", missing: "no change events, or without one",
  no_schema: "their Avro schema is not known here", unreadable: "they cannot be read",
  over_limit: "they are too large to be read", heartbeat: "they are heartbeats",
  tombstone_without_delete: "tombstones whose deletes were not seen",
};

// {low, point, high} of a LATENCY of the API; absent where nothing was measured.
export const quantile = (took, q) => took?.point && {
  low: took.low?.[q], point: took.point[q], high: took.high?.[q],
};

// What is of the last minutes; else what was since the start, which is said.
export const latencyOf = of => of.recent_latency ?? of.latency;
const groupLatency = group => group.recent ?? group;
export const wholeWay = topic => latencyOf(topic)?.hops?.[WHOLE];

const mostFrequent = reasons =>
  Object.entries(reasons ?? {}).sort((a, b) => b[1] - a[1])[0]?.[0];

// Why what begins at the commit is not known.
const whyNoCommit = latency => {
  if (latency === undefined) return "no record was followed yet";
  const reason = mostFrequent(latency.without_commit);
  if (reason === undefined) return "no record that was followed has this measured";
  return `records without a commit time: ${REASONS[reason] ?? reason.replaceAll("_", " ")}`;
};

// A time that begins at the commit. Where all that came tells no commit time, there is none.
export const fromCommit = (took, latency, q) => {
  const why = whyNoCommit(latency);
  if (took?.point) return interval(quantile(took, q));
  const untold = Object.values(latency?.without_commit ?? {}).reduce((sum, n) => sum + n, 0);
  const isNone = untold > 0 && !(took?.one_sided > 0) && !(took?.absent > untold);
  return isNone ? none(why) : interval(undefined, why);
};

// Of the groups that read copies, of one topic or of all; the one whose p99 is greatest.
export const slowestGroup = (groups, topic) => {
  const of = groups.filter(group => group.side === "target" &&
    (topic === undefined || group.topic === topic) &&
    groupLatency(group).append_to_sink_commit?.point);
  const p99 = group => groupLatency(group).end_to_end?.point?.p99_s ??
    groupLatency(group).append_to_sink_commit.point.p99_s;
  return of.sort((a, b) => p99(b) - p99(a))[0];
};

const whyNoHop = latency => latency === undefined ? "no record was followed yet" :
  "of no record that was followed both ends of this hop are known";

// {hops: [{name, title, from, to, took, figure}], wholes: [the same], isAssumed, isOld}
export const wayOf = (of, groups, topic, q) => {
  const latency = latencyOf(of), hops = latency?.hops ?? {};
  const isCombined = !hops.source_append_to_fetched?.point && hops.connector_to_fetched?.point;
  const row = hop => {
    const took = quantile(hops[hop.name], q);
    return {...hop, took, figure: hop.from === "database" ?
      fromCommit(hops[hop.name], latency, q) : interval(took, whyNoHop(latency))};
  };
  const leftOut = isCombined ? ["connector_to_source_append", "source_append_to_fetched"] :
    ["connector_to_fetched"];
  const rows = HOPS.filter(hop => !leftOut.includes(hop.name)).map(row);
  const group = slowestGroup(groups, topic);
  const sink = group && groupLatency(group);
  const hasGroups = groups.some(each => each.side === "target");
  const noGroup = hasGroups ?
    "no group has committed behind a followed record yet" : "no group is followed";
  const toSink = took => ({took: quantile(took, q), figure: took?.point ?
    interval(quantile(took, q)) : hasGroups ? interval(undefined, noGroup) : none(noGroup)});
  rows.push({name: "append_to_sink_commit", from: "target", to: "sinks",
             title: group ? `target log → ${group.group}` : "target log → sink",
             ...toSink(sink?.append_to_sink_commit)});
  const wholes = [{name: WHOLE, title: "commit → target log", took: quantile(hops[WHOLE], q),
                   figure: fromCommit(hops[WHOLE], latency, q)},
                  {name: "end_to_end", title: group ? `commit → ${group.group}` : "commit → sink",
                   ...toSink(sink?.end_to_end),
                   ...group && {figure: fromCommit(sink.end_to_end, latency, q)}}];
  const used = [...rows.map(each => hops[each.name]), hops[WHOLE], sink?.end_to_end];
  return {hops: rows, wholes, group, isCombined: Boolean(isCombined),
          isAssumed: used.some(each => each?.assumed && each.point),
          isOld: latency !== undefined && of.recent_latency === undefined};
};
