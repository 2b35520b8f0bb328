// browser.mjs - one page of Chromium that notes what must not happen, and reads what is drawn.

import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import {pathToFileURL} from "node:url";

const {CHROMIUM, MODULES, PAGE_URL, PICTURES} = process.env;
const {chromium} = await import(pathToFileURL(path.join(MODULES, "playwright-core", "index.mjs")));
// Without the network flags Chromium looks for Google's hosts.
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
               "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const WAIT_MS = 20000;

export const say = text => console.log(text);

export const check = (isTrue, what) => {
  if (!isTrue) throw new Error(what);
};

export const equal = (shown, wanted, what) =>
  check(shown === wanted,
        `${what}: ${JSON.stringify(shown)} is shown, not ${JSON.stringify(wanted)}`);

const lines = readline.createInterface({input: process.stdin})[Symbol.asyncIterator]();

// Done by the test in Python; its answer.
export const please = async what => {
  console.log(`@${what}`);
  return (await lines.next()).value;
};

export class Browser {
  // `answers`: part of the address that the page asks for what it draws.
  static async open(settings = {}, url = PAGE_URL, answers = "detail=topics") {
    const made = new Browser();
    Object.assign(made, {url, asked: answers});
    made.chromium = await chromium.launch({executablePath: CHROMIUM, args: FLAGS});
    made.page = await made.chromium.newPage({viewport: {width: 1400, height: 900},
                                             colorScheme: "light", ...settings});
    made.watch();
    await made.page.goto(url);
    return made;
  }

  watch() {
    this.problems = [];
    this.answers = new Map();  // by at_ms
    this.isKilled = false;
    this.page.on("pageerror", error => this.problems.push(String(error.stack ?? error)));
    this.page.on("console", message => {
      if (["error", "warning"].includes(message.type()) && !this.isKilled) {
        this.problems.push(`console: ${message.text()} ${message.location().url}`);
      }
    });
    this.page.on("request", request => {
      if (!request.url().startsWith(`${this.url}/`)) this.problems.push(`asked ${request.url()}`);
    });
    this.page.on("response", async answer => {
      if (!answer.url().includes(this.asked)) return;
      const lag = await answer.json().catch(() => undefined);
      if (lag) this.answers.set(String(lag.at_ms), lag);
    });
  }

  waitFor(what, isThere, argument) {
    return this.page.waitForFunction(isThere, argument, {timeout: WAIT_MS}).catch(async () => {
      await this.picture("failed");
      throw new Error(`not within ${WAIT_MS / 1000} s: ${what}; ${this.problems.join("; ")}`);
    });
  }

  // Until another answer is drawn.
  async redrawn() {
    await this.page.evaluate(() => { document.documentElement.dataset.drawn = ""; });
    await this.waitFor("another answer", () => document.documentElement.dataset.drawn !== "");
  }

  // What stands on the page, and the answer that it was drawn from.
  async drawn() {
    const shown = await this.page.evaluate(readPage);
    const lag = this.answers.get(shown.at);
    check(lag, `no answer is of ${shown.at}`);
    const name = shown.flow ?? lag.flows[0].flow;
    return {...shown, lag, flow: lag.flows.find(each => each.flow === name) ?? lag.flows[0]};
  }

  // What makes the page wider than the window; empty: nothing.
  async overflow() {
    return this.page.evaluate(() => {
      const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
      const widest = [...document.querySelectorAll("main *")].filter(each =>
        each.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5);
      return over <= 0 ? "" : `${over} px: ${widest.map(each => each.outerHTML.slice(0, 80))
        .slice(0, 3).join(" ")}`;
    });
  }

  async picture(name) {
    if (!PICTURES) return;
    fs.mkdirSync(PICTURES, {recursive: true});
    await this.page.screenshot({path: path.join(PICTURES, `${name}.png`), fullPage: true});
  }

  // What axe-core finds, colours included.
  async accessibility(what) {
    const source = fs.readFileSync(path.join(MODULES, "axe-core", "axe.min.js"), "utf8");
    await this.page.evaluate(source);
    const {violations} = await this.page.evaluate(() => window.axe.run());
    const told = violations.map(each => `${each.id}: ${each.nodes[0].html.slice(0, 160)} ` +
      `${each.nodes[0].any[0]?.message ?? ""}`);
    check(told.length === 0, `accessibility, ${what}:\n  ${told.join("\n  ")}`);
  }

  noProblems(what) {
    check(this.problems.length === 0, `${what}:\n  ${this.problems.join("\n  ")}`);
  }

  close() {
    return this.chromium.close();
  }
}

// Runs in the page, at one moment.
function readPage() {
  const figure = node => node && {
    text: node.querySelector(".unknown") ? "?" :
      node.querySelector(".point")?.textContent ?? node.textContent,
    range: node.querySelector(".range")?.textContent,
    why: node.querySelector(".unknown")?.title,
  };
  const named = (nodes, name, of) =>
    Object.fromEntries([...nodes].map(node => [name(node), of(node)]));
  const rows = id => named(document.querySelectorAll(`#${id} tbody tr`), row => row.dataset.key,
    row => named(row.children, cell => cell.dataset.column, figure));
  const all = selector => document.querySelectorAll(selector);
  return {
    at: document.documentElement.dataset.drawn,
    flow: document.querySelector("#flows button[aria-pressed=true]")?.textContent,
    tiles: named(all("#tiles .tile"), tile => tile.dataset.tile,
                 tile => figure(tile.querySelector(".value"))),
    hops: named(all("#waterfall li"), row => row.dataset.hop,
                row => figure(row.querySelector(".took"))),
    arrows: named(all("#map .arrow"), row => row.dataset.hop, figure),
    topics: rows("topics"), groups: rows("groups"), slos: rows("slos"),
    headline: document.querySelector(".headline")?.textContent,
    stopped: [...all("#stopped li")].map(item => item.textContent),
  };
}

// --- figures, read back --------------------------------------------------------------------------

const UNITS = {"µs": 1e-6, ms: 0.001, s: 1, m: 60, h: 3600, d: 86400};

// [seconds, half of the last digit] of "3 m 20 s", "40 µs".
const timeOf = text => {
  const parts = text.replace(/^-/, "").matchAll(/([\d.]+) (µs|ms|s|m|h|d)/g);
  let value = 0, step = 0;
  for (const [, digits, unit] of parts) {
    value += digits * UNITS[unit];
    step = UNITS[unit] / 10 ** (digits.split(".")[1]?.length ?? 0);
  }
  return [text.startsWith("-") ? -value : value, step / 2];
};

export const sameTime = (text, seconds, what) => {
  const [value, error] = timeOf(text);
  check(Math.abs(value - seconds) <= error * 1.01, `${what}: ${text} is shown for ${seconds} s`);
};

export const sameCount = (figure, value, what) => {
  if (value === undefined) return equal(figure.text, "?", what);
  return equal(figure.text, Math.round(value).toLocaleString("en"), what);
};

export const sameRate = (figure, value, what) => {
  if (value === undefined) return equal(figure.text, "?", what);
  const shown = Number(figure.text.replace(/\/s$/, "").replaceAll(",", ""));
  return check(Math.abs(shown - value) <= 0.51, `${what}: ${figure.text} is shown for ${value}`);
};

// A LATENCY of the API; where it has no point, nothing may look like a figure.
export const sameLatency = (figure, took, quantile, what) => {
  if (!took?.point) return check(["?", "–"].includes(figure.text), `${what}: ${figure.text}`);
  sameTime(figure.text, took.point[quantile], what);
  if (!took.low || !took.high) return equal(figure.range, undefined, what);
  const [low, high] = figure.range.split(" to ");
  sameTime(low, took.low[quantile], `${what}, low`);
  return sameTime(high, took.high[quantile], `${what}, high`);
};

const TILES = {lag: "offset_lag", rate: "records_per_second"};
const latencyOf = of => of.recent_latency ?? of.latency;

// Everything that both have.
export const sameAsAnswer = shown => {
  const {flow} = shown;
  const here = flow.topics.filter(topic => topic.partitions_by_state);
  for (const [tile, member] of Object.entries(TILES)) {
    const parts = here.map(topic => topic[member]);
    const sum = parts.includes(undefined) ? undefined : parts.reduce((a, b) => a + b, 0);
    (tile === "lag" ? sameCount : sameRate)(shown.tiles[tile], sum, `tile ${tile}`);
  }
  const hops = latencyOf(flow)?.hops ?? {};
  sameLatency(shown.tiles.p99, hops.commit_to_target_append, "p99_s", "tile p99");
  for (const [name, row] of Object.entries(shown.topics)) {
    const topic = flow.topics.find(each => each.source === name);
    check(topic, `${name} is no topic`);
    if (!topic.partitions_by_state) continue;
    sameCount(row.lag, topic.offset_lag, `lag of ${name}`);
    sameRate(row.rate, topic.records_per_second, `rate of ${name}`);
    if (topic.head_age_ms === undefined) equal(row["head-age"].text, "?", `head age of ${name}`);
    else sameTime(row["head-age"].text, topic.head_age_ms / 1000, `head age of ${name}`);
    sameLatency(row.p99, latencyOf(topic)?.hops.commit_to_target_append, "p99_s", `p99 of ${name}`);
  }
  for (const group of flow.groups ?? []) {
    const row = shown.groups[`${group.group} ${group.topic} ${group.side}`];
    check(row, `group ${group.group} is not shown`);
    sameCount(row.lag, group.unknown_lags === 0 ? group.offset_lag : undefined, group.group);
    if (group.side === "source") equal(row["e2e-p99"].text, "–", group.group);
    sameLatency(row["e2e-p99"], (group.recent ?? group).end_to_end, "p99_s", group.group);
  }
  return Object.keys(shown.topics).length;
};

// Of all topics together.
export const sameHops = (shown, quantile) => {
  const {hops} = latencyOf(shown.flow) ?? {hops: {}};
  let count = 0;
  for (const [name, figure] of Object.entries(shown.hops)) {
    if (!(name in hops)) continue;
    sameLatency(figure, hops[name], quantile, name);
    if (shown.arrows[name]?.text) equal(shown.arrows[name].text, figure.text, `arrow ${name}`);
    count += hops[name].point ? 1 : 0;
  }
  return count;
};
