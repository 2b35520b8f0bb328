// The tables of the page: what their columns are, and what each says where it is not known.

import {h, sparkline} from "./element.js";
import {count, figure, interval, milliseconds, none, notKnownOf, percent, rate, seconds, text, time}
  from "./figures.js";
import {fromCommit, latencyOf, quantile, slowestGroup, wholeWay} from "./way.js";
import {WHY_AGE} from "./panels.js";
import {Table} from "./table.js";

const WHY_RATE = "rates are known once a partition has moved for some seconds";
const WHY_NEVER = "not at this rate";
const WHY_GROUP_LAG = "where the group stands, or where the log ends, is not known of a partition";

// "active", or what is not: "1 parked, 2 paused".
export const statesOf = topic => {
  if (topic.reason) return "not mirrored";
  const states = topic.partitions_by_state;
  if (!states) return "elsewhere";
  const odd = ["parked", "paused"].filter(state => states[state] > 0)
    .map(state => `${states[state]} ${state}`);
  return odd.join(", ") || "active";
};

const partitionsOf = topic =>
  Object.values(topic.partitions_by_state ?? {}).reduce((sum, n) => sum + n, 0);
const tintOf = topic => topic.reason || topic.partitions_by_state?.parked ? "bad" :
  topic.partitions_by_state?.paused ? "warn" : "";

// What is only known of partitions of this process.
const ofPartitions = (topic, value, format, why) =>
  topic.partitions_by_state ? figure(value, format, why) : none();

const isStuck = of => of.offset_lag !== undefined && of.records_per_second !== undefined;

export const topicsTable = (histories, whyLag, onSelect) => {
  const lagWhy = topic => topic.unknown_lags > 0 ?
    `${notKnownOf(topic.unknown_lags, "partition")}${whyLag()}` : "not known";
  const toSink = topic => {
    const group = slowestGroup(topic.groups, topic.source);
    if (topic.groups.length === 0) return none("no group that is followed reads it");
    return fromCommit((group?.recent ?? group)?.end_to_end, latencyOf(topic), "p99_s");
  };
  return new Table({
    caption: "Topics", filter: "Filter topics", key: topic => topic.source, sortBy: "lag",
    onSelect, tint: tintOf, columns: [
      {id: "topic", title: "Topic", isText: true, cell: topic => text(topic.source)},
      {id: "state", title: "State", isText: true, cell: topic => text(statesOf(topic))},
      {id: "partitions", title: "Partitions", isMinor: true,
       cell: topic => ofPartitions(topic, partitionsOf(topic), count)},
      {id: "rate", title: "Mirrored",
       cell: topic => ofPartitions(topic, topic.records_per_second, rate, WHY_RATE)},
      {id: "trend", title: "Last 2 min", isMinor: true, isPlain: true,
       cell: topic => sparkline(histories.of(topic.source, "rate"), "records mirrored a second")},
      {id: "lag", title: "Lag",
       cell: topic => ofPartitions(topic, topic.offset_lag, count, lagWhy(topic))},
      {id: "lag-trend", title: "Lag, last 2 min", isMinor: true, isPlain: true,
       cell: topic => sparkline(histories.of(topic.source, "lag"), "records that wait")},
      {id: "head-age", title: "Oldest waiting",
       cell: topic => ofPartitions(topic, topic.head_age_ms, milliseconds,
                                  topic.unknown_lags > 0 ? lagWhy(topic) : WHY_AGE)},
      {id: "catch-up", title: "Catches up in", isMinor: true,
       cell: topic => topic.catch_up_ms === undefined && isStuck(topic) ? none(WHY_NEVER) :
         ofPartitions(topic, topic.catch_up_ms, milliseconds, WHY_RATE)},
      {id: "p99", title: "To target, p99",
       cell: topic => topic.partitions_by_state ?
         fromCommit(wholeWay(topic), latencyOf(topic), "p99_s") : none()},
      {id: "e2e-p99", title: "To sink, p99", cell: toSink},
    ]});
};

export const partitionsTable = whyLag => new Table({
  caption: "Partitions", key: each => String(each.partition), sortBy: "lag",
  tint: each => each.state === "parked" ? "bad" : each.state === "paused" ? "warn" : "",
  columns: [
    {id: "partition", title: "Partition", cell: each => ({text: String(each.partition),
                                                          value: each.partition})},
    {id: "state", title: "State", isText: true,
     cell: each => text(each.state + (each.reason ? `: ${each.reason}` : ""))},
    {id: "mirrored", title: "Mirrored to", isMinor: true,
     cell: each => figure(each.next_source_offset, count)},
    {id: "end", title: "Source end", isMinor: true,
     cell: each => figure(each.source_end_offset, count, `the source was not asked${whyLag()}`)},
    {id: "lag", title: "Lag", cell: each => figure(each.offset_lag, count, `not known${whyLag()}`)},
    {id: "head-age", title: "Oldest waiting",
     cell: each => figure(each.head_age_ms, milliseconds, `not known${whyLag()}`)},
    {id: "rate", title: "Mirrored", cell: each => figure(each.records_per_second, rate, WHY_RATE)},
    {id: "catch-up", title: "Catches up in", isMinor: true,
     cell: each => each.catch_up_ms === undefined && isStuck(each) ? none(WHY_NEVER) :
       figure(each.catch_up_ms, milliseconds, WHY_RATE)},
    {id: "slot", title: "Slot", isMinor: true, cell: each => figure(each.slot, count)},
  ]});

const ageOf = group => {
  if (group.unknown_lags === 0 && group.offset_lag === 0) return figure(0, seconds);
  if (!group.head_age_s && group.waits_s > 0) {
    return {text: `≥ ${seconds(group.waits_s)}`, value: group.waits_s};
  }
  if (!group.head_age_s) return figure(undefined, seconds, "of one partition it is not known");
  const [low, high] = group.head_age_s.map(age => Math.max(0, age));
  return {text: seconds(high), value: high,
          range: low === high ? undefined : `${seconds(low)} to ${seconds(high)}`};
};

export const groupsTable = () => {
  const latency = (group, member, q) => {
    if (group.side === "source") return none("what a group of the source reads is not followed");
    const of = group.recent ?? group;
    return interval(quantile(of[member], q), "no followed record was committed by it yet");
  };
  return new Table({
    caption: "Consumer groups", filter: "Filter groups", sortBy: "lag",
    key: group => `${group.group} ${group.topic} ${group.side}`,
    tint: group => group.state === "empty" && group.offset_lag > 0 ? "warn" : "",
    columns: [
      {id: "group", title: "Group", isText: true,
       cell: group => text(group.group + (group.side === "source" ? " (of the source)" : ""))},
      {id: "topic", title: "Topic", isText: true, cell: group => text(group.topic)},
      {id: "state", title: "State", isText: true, cell: group => text(group.state)},
      {id: "lag", title: "Lag", cell: group =>
        figure(group.unknown_lags === 0 ? group.offset_lag : undefined, count, WHY_GROUP_LAG)},
      {id: "head-age", title: "Oldest waiting", cell: ageOf},
      {id: "catch-up", title: "Catches up in", isMinor: true,
       cell: group => figure(group.catch_up_ms, milliseconds, "not known, or not at this rate")},
      {id: "after", title: "After the target, p99", isMinor: true,
       cell: group => latency(group, "append_to_sink_commit", "p99_s")},
      {id: "e2e-p50", title: "End to end, p50", isMinor: true,
       cell: group => latency(group, "end_to_end", "p50_s")},
      {id: "e2e-p99", title: "End to end, p99",
       cell: group => latency(group, "end_to_end", "p99_s")},
    ]});
};

const ratio = (range, why) => {
  if (!range) return figure(undefined, percent, why);
  const [low, high] = range;
  return {text: low === high ? percent(high) : `${percent(low)} to ${percent(high)}`, value: low};
};

export const slosTable = () => new Table({
  caption: "Objectives", sortBy: "left", isDescending: false,
  key: slo => `${slo.objective} ${slo.group ?? ""}`,
  tint: slo => slo.burn_rates.some(rule => rule.burns) || slo.budget_left?.[1] < 0 ? "bad" : "",
  columns: [
    {id: "objective", title: "Objective", isText: true, cell: slo => text(slo.objective)},
    {id: "up-to", title: "Up to", isText: true,
     cell: slo => text(slo.group === undefined ? "the target" : `group ${slo.group}`)},
    {id: "good", title: "Good", cell: slo => ratio(slo.compliance, "nothing was judged yet")},
    {id: "left", title: "Budget left",
     cell: slo => ratio(slo.budget_left, "nothing was judged yet")},
    {id: "burn", title: "Burn rate, 1 h", cell: slo => {
      const range = slo.burn_rates[0]?.burn_rate;
      if (!range) return figure(undefined, String, "nothing was judged in the last hour");
      const [low, high] = range.map(value => value.toPrecision(3));
      return {text: low === high ? low : `${low} to ${high}`, value: range[1]};
    }},
    {id: "judged", title: "Judged", isMinor: true, cell: slo => figure(
      slo.in_window.good + slo.in_window.bad + slo.in_window.undecided, count)},
  ]});

const CLOCK_WHY = clock => clock.trouble ?? "nobody measures it, and nothing is assumed";

export const clocksTable = () => new Table({
  caption: "Clocks", sortBy: "clock", isDescending: false, key: clock => clock.clock,
  tint: clock => clock.in_doubt || clock.stepped_ago_ms < 600000 ? "warn" : "",
  columns: [
    {id: "clock", title: "Clock", isText: true,
     cell: clock => text(clock.clock.replaceAll("_", " "))},
    {id: "ahead", title: "Ahead of ours", cell: clock => interval(
      clock.point_s === undefined ? undefined :
        {low: clock.low_s, point: clock.point_s, high: clock.high_s}, CLOCK_WHY(clock))},
    {id: "assumed", title: "Known by", isText: true, cell: clock => text(
      clock.assumed.length > 0 ? `assumed: ${clock.assumed.join(" and ")}` :
        clock.point_s === undefined ? "–" : "measured")},
    {id: "age", title: "Asked", isMinor: true, cell: clock => clock.age_ms === undefined ? none() :
      figure(clock.age_ms, ms => `${milliseconds(ms)} ago`)},
    {id: "note", title: "Note", isText: true, isMinor: true, cell: clock => text(
      [clock.in_doubt && "in doubt", clock.stepped_ago_ms !== undefined &&
        `was set ${milliseconds(clock.stepped_ago_ms)} ago`, clock.trouble]
        .filter(Boolean).join("; "))},
  ]});

export const eventsTable = () => new Table({
  caption: "Events", filter: "Filter events", sortBy: "at", rowsFirst: 15,
  key: event => `${event.flow} ${event.slot}/${event.number} ${event.kind} ` +
    `${event.topic ?? ""} ${event.text ?? ""}`,
  columns: [
    {id: "at", title: "When", isText: true, sort: event => event.at_ms,
     cell: event => h("time", {text: time(event.at_ms), datetime: new Date(event.at_ms)
       .toISOString()})},
    {id: "kind", title: "What", isText: true, cell: event => text(event.kind.replaceAll("_", " "))},
    {id: "where", title: "Where", isText: true, cell: event => text(
      event.topic === undefined ? `slot ${event.slot}` : `${event.topic}:${event.partition}`)},
    {id: "text", title: "Said", isText: true, cell: event => text(event.text ?? "")},
    {id: "number", title: "Number", isMinor: true,
     cell: event => text(`${event.slot}/${event.number}`)},
  ]});
