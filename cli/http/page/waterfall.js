// The hops one below the other: the bar is the point, where it lies on the way; the thin line what
// it may be.

import {byId, h, refill, svg} from "./element.js";
import {seconds, shown} from "./figures.js";

const WIDTH = 1000;  // of the drawing, in its own units

// [from, to] in seconds that everything fits in.
const extentOf = rows => {
  const ends = rows.flatMap(row => [row.begin, row.begin + row.took.point,
                                    row.begin + (row.took.low ?? row.took.point),
                                    row.begin + (row.took.high ?? row.took.point)]);
  const low = Math.min(0, ...ends), high = Math.max(...ends, low + 1e-6);
  return [low, high];
};

const placed = way => {
  let begin = 0;
  const rows = way.hops.map(row => {
    const at = begin;
    if (row.took) begin += Math.max(0, row.took.point);
    return {...row, begin: at};
  });
  return [...rows, ...way.wholes.map(row => ({...row, begin: 0, isWhole: true}))];
};

const bar = (row, [low, high]) => {
  const x = at => ((at - low) / (high - low) * WIDTH).toFixed(1);
  const drawn = svg("svg", {class: "bar", viewBox: `0 0 ${WIDTH} 20`, preserveAspectRatio: "none",
                            "aria-hidden": "true"});
  drawn.append(svg("line", {class: "zero", x1: x(0), x2: x(0), y1: 0, y2: 20}));
  const {point} = row.took, from = Math.min(0, point), size = Math.abs(point);
  if (row.took.low !== undefined && row.took.high !== undefined) {
    const [a, b] = [row.begin + row.took.low, row.begin + row.took.high];
    drawn.append(svg("rect", {class: "may", x: x(a), y: 3, height: 14, rx: 2,
                              width: Math.max(2, (b - a) / (high - low) * WIDTH).toFixed(1)}));
  }
  drawn.append(svg("rect", {class: "is", x: x(row.begin + from), y: 6, height: 8, rx: 1,
                            width: Math.max(3, size / (high - low) * WIDTH).toFixed(1)}));
  return drawn;
};

const line = (row, extent) => h("li", {class: row.isWhole ? "whole" : "", "data-hop": row.name},
  h("span", {class: "name", text: row.title}),
  h("span", {class: "took"}, shown(row.figure)),
  row.took ? bar(row, extent) : h("span", {class: "why", text: row.figure.why}));

const notesOf = way => [
  way.isCombined && "When the source's log took a record is not known (CreateTime): its hop is " +
    "part of the one before.",
  way.isAssumed && "Clocks that nobody measures are assumed within clock.*.max.error.ms of ours.",
  way.isOld && "Nothing came in the last minutes: this is since the start.",
].filter(Boolean);

export const drawWaterfall = (way, quantileName) => {
  const rows = placed(way), extent = extentOf(rows.filter(row => row.took));
  refill(byId("waterfall"), [rows, quantileName], () => rows.map(row => line(row, extent)));
  const isEmpty = rows.every(row => !row.took);
  refill(byId("waterfall-scale"), [extent, isEmpty], () => isEmpty ? [] : [
    h("span", {text: seconds(extent[0])}), h("span", {text: seconds(extent[1])})]);
  refill(byId("waterfall-notes"), notesOf(way), () => notesOf(way).map(text => h("p", {text})));
};
