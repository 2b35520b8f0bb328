// Figures as people read them. What is not known is "?" with its reason, never 0; "–" is what does
// not exist.
//
// A figure: {text, value: to sort by, range: "2 ms to 102 ms", why: the reason of a "?" or a "–"}.

import {h} from "./element.js";

const UNKNOWN = "?";
const NONE = "–";

export const count = n => Math.round(n).toLocaleString("en");
export const rate = n => (n < 10 ? n.toFixed(1) : count(n)) + "/s";
export const percent = ratio => `${+(ratio * 100).toPrecision(4)} %`;
export const share = ratio => `${+(ratio * 100).toPrecision(2)} %`;

export const notKnownOf = (n, what) =>
  `of ${count(n)} ${what}${n === 1 ? "" : "s"} it is not known`;

export const bytes = n => {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let power = 0;
  while (n >= 1024 && power < units.length - 1) [n, power] = [n / 1024, power + 1];
  return `${power === 0 || n >= 100 ? Math.round(n) : n.toFixed(1)} ${units[power]}`;
};

// "40 µs", "41 ms", "2.5 s", "3 m 20 s".
export const seconds = s => {
  const ms = Math.abs(s * 1000), sign = s < 0 ? "-" : "";
  if (ms < 0.0005) return "0 ms";
  if (ms < 0.9995) return `${sign}${Math.round(ms * 1000)} µs`;
  if (ms < 999.5) return `${sign}${Math.round(ms)} ms`;
  const whole = Math.abs(s);
  if (whole < 59.95) return `${sign}${whole.toFixed(1)} s`;
  const rounded = Math.round(whole), two = (big, unit, small, part) =>
    `${sign}${Math.floor(rounded / big)} ${unit} ${Math.floor(rounded % big / small)} ${part}`;
  if (rounded < 3600) return two(60, "m", 1, "s");
  return rounded < 86400 ? two(3600, "h", 60, "m") : two(86400, "d", 3600, "h");
};
export const milliseconds = ms => seconds(ms / 1000);

// The time of day here, "14:05:09"; another day's with its date.
export const time = (ms, now = Date.now()) => {
  const at = new Date(ms), pad = n => String(n).padStart(2, "0");
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map(pad).join(":");
  if (at.toDateString() === new Date(now).toDateString()) return clock;
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${clock}`;
};

export const figure = (value, format, why = "not known") =>
  value === undefined ? {text: UNKNOWN, why} : {text: format(value), value};
export const text = value => ({text: value, value});
export const none = why => ({text: NONE, value: -Infinity, why});

// Of {low, point, high} in seconds.
export const interval = (took, why) => {
  if (took?.point === undefined) return {text: UNKNOWN, why: why ?? "not known"};
  const made = {text: seconds(took.point), value: took.point};
  if (took.low !== undefined && took.high !== undefined) {
    made.range = `${seconds(took.low)} to ${seconds(took.high)}`;
  }
  return made;
};

// What a figure looks like, wherever it stands.
export const shown = of => {
  if (of.text === UNKNOWN) {
    const why = of.why ?? "not known";
    return h("span", {class: "unknown", title: why}, h("span", {"aria-hidden": "true", text: "?"}),
             h("span", {class: "spoken", text: `unknown: ${why}`}));
  }
  return h("span", {class: "figure", title: of.why}, h("span", {class: "point", text: of.text}),
           of.range && h("span", {class: "range", text: of.range}));
};
