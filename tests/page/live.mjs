// live.mjs - the status page of a flow on real Kafka: live.py.

import {Fleet} from "./fleet.mjs";
import {Browser, check, equal, please, sameAsAnswer, sameHops, say} from "./browser.mjs";

const POLLS = 5;
const NARROW = {width: 360, height: 740}, WIDE = {width: 1400, height: 900};

const pictures = async (browser, name) => {
  await browser.picture(`${name}-wide`);
  await browser.page.setViewportSize(NARROW);
  equal(await browser.overflow(), "", `${name}, too wide`);
  await browser.picture(`${name}-narrow`);
  await browser.page.setViewportSize(WIDE);
};

const figures = async browser => {
  await browser.waitFor("latencies up to the sink", () =>
    document.querySelector("#waterfall [data-hop=end_to_end] .range"));
  let hops = 0;
  for (let i = 0; i < POLLS; ++i) {
    await browser.redrawn();
    const shown = await browser.drawn();
    check(sameAsAnswer(shown) >= 3, "topics are missing");
    hops = sameHops(shown, "p50_s");
  }
  check(hops >= 5, `${hops} hops`);
  await browser.page.click("#quantiles button[value=p99_s]");
  await browser.redrawn();
  sameHops(await browser.drawn(), "p99_s");
  await browser.page.click("#quantiles button[value=p50_s]");
  say(`${POLLS} answers are drawn as they are, ${hops} hops with both bounds`);
};

const oneTopic = async (browser, topic) => {
  const {page} = browser;
  await page.selectOption("#way-topic", `=${topic}`);
  await browser.waitFor("its partitions", () =>
    document.querySelectorAll("#partitions tbody tr").length === 4);
  equal(await page.textContent("#partitions-title"), `Partitions of ${topic}`, "title");
  await page.selectOption("#way-topic", "");
  await browser.waitFor("all topics", () => document.querySelector("#partitions-card").hidden);
};

const told = (browser, selector, text) => browser.waitFor(`${text} in ${selector}`,
  ([where, what]) => document.querySelector(where).textContent.includes(what), [selector, text]);

const browser = await Browser.open();
const prefix = await please("prefix");
await browser.redrawn();
await figures(browser);
await oneTopic(browser, `${prefix}.orders`);
await told(browser, "#events", "partition started");
await pictures(browser, "calm");

await please("write 2000");
await please("stop-reading");
await browser.waitFor("a group that falls behind", () =>
  Number(document.querySelector("#map [data-node=Sinks] div:last-child dd").textContent
    .replaceAll(",", "")) > 2000);
await pictures(browser, "busy");
await please("read");

await please("pause");
await told(browser, "#stopped", `${prefix}.payments:1paused`);
await told(browser, `#topics tr[data-key="${prefix}.payments"]`, "2 paused");
sameAsAnswer(await browser.drawn());
await pictures(browser, "paused");
await please("resume");
await browser.waitFor("nothing that stands still", () =>
  document.querySelector("#stopped-card").hidden);

const fleet = await Fleet.open(await please("fleet"));
await fleet.agrees();
await fleet.tellsWhatIsWrong();
await fleet.looks();

await browser.page.click("#config-card summary");
await told(browser, "#config", `flow `);
browser.noProblems("errors, or requests to elsewhere");
browser.isKilled = true;
await please("kill");
await browser.waitFor("the page to say so", () => !document.querySelector("#unreachable").hidden);
await pictures(browser, "broken");
say("paused, resumed and killed: the page says so");
await fleet.tellsOfTheKilled();
await fleet.close();
await browser.close();
process.exit(0);
