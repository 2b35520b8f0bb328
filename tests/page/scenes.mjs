// scenes.mjs - the status page of figures that are known: scenes.py.

import {Browser, check, equal, please, sameAsAnswer, sameHops, say} from "./browser.mjs";

const NARROW = {width: 360, height: 740}, WIDE = {width: 1400, height: 900};
const ANSWER_BYTES_MAX = 6e6, NODES_MAX = 8000, TASK_MS_MAX = 400;

const shows = async (browser, scene) => {
  await please(`show ${scene}`);
  await browser.redrawn();
  await browser.redrawn();  // what was asked before the scene changed is drawn by now
};

const rich = async browser => {
  const shown = await browser.drawn();
  sameAsAnswer(shown);
  check(sameHops(shown, "p50_s") >= 5, "hops are missing");
  check(shown.headline.includes("a transaction is open"), shown.headline);
  equal(shown.topics.orders.lag.text, "?", "a lag with an unknown part");
  check(shown.topics.orders.lag.why.includes("unreachable since"), shown.topics.orders.lag.why);
  for (const text of ["secret", "orders:1", "users:10"]) {
    check(shown.stopped.some(line => line.startsWith(text)), `${text} stands still, unseen`);
  }
  say("what is drawn is what the API said");
};

const flows = async browser => {
  const buttons = browser.page.locator("#flows button");
  equal(await buttons.count(), 2, "flows");
  await buttons.nth(1).click();
  await browser.waitFor("the second flow", () =>
    document.querySelector("#troubles").textContent.includes("No process mirrors this flow"));
  check((await browser.page.textContent("#troubles")).includes("login refused"), "no trouble");
  equal(await browser.page.textContent("#tiles [data-tile=partitions] .value"), "0", "partitions");
  await buttons.nth(0).click();
  await browser.waitFor("the first flow", () =>
    document.querySelector("#topics tbody tr[data-key=orders]"));
};

const order = page => page.$$eval("#topics tbody tr", rows => rows.map(row => row.dataset.key));

const focusOf = page => page.evaluate(() => document.activeElement.textContent);

const keyboard = async browser => {
  const {page} = browser;
  await page.focus("#topics input");
  await page.keyboard.press("Tab");
  equal(await focusOf(page), "Topic", "the first header");
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  equal(outline, "solid", "the focus");
  await page.keyboard.press("Enter");
  const [up, down] = [["orders", "secret", "users"], ["users", "secret", "orders"]];
  equal((await order(page)).join(), up.join(), "sorted by name");
  equal(await page.getAttribute("#topics th:first-child", "aria-sort"), "ascending", "aria-sort");
  await page.keyboard.press("Space");
  equal((await order(page)).join(), down.join(), "sorted by name, the other way");
  equal(await page.getAttribute("#topics th:first-child", "aria-sort"), "descending", "aria-sort");
  await browser.redrawn();
  equal(await focusOf(page), "Topic", "the focus after another answer");
  await page.focus("#topics tbody tr[data-key=orders] button");
  await page.keyboard.press("Enter");
  await browser.waitFor("partitions", () => document.querySelector("#partitions tbody tr"));
  equal(await page.textContent("#partitions-title"), "Partitions of orders", "title");
  check(page.url().includes("topic=orders"), "the address does not keep the topic");
  equal(await focusOf(page), "orders", "the focus");
  await page.selectOption("#way-topic", "");
  await page.focus("#topics input");
  await page.keyboard.type("USE");
  equal((await order(page)).join(), "users", "filtered");
  await page.fill("#topics input", "");
  say("sorted, chosen and filtered by keyboard");
};

const looks = async browser => {
  const {page} = browser;
  const brightness = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor
    .match(/\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3);
  await page.$$eval("details", all => all.forEach(each => { each.open = true; }));
  for (const scheme of ["light", "dark"]) {
    await page.emulateMedia({colorScheme: scheme});
    const bright = await brightness();
    check(scheme === "light" ? bright > 200 : bright < 60, `${scheme} is ${bright} bright`);
    for (const [name, size] of [["wide", WIDE], ["narrow", NARROW]]) {
      await page.setViewportSize(size);
      equal(await browser.overflow(), "", `${name}, too wide`);
      await browser.accessibility(`${scheme}, ${name}`);
      await browser.picture(`rich-${scheme}-${name}`);
    }
  }
  await page.emulateMedia({colorScheme: "light"});
  await page.setViewportSize(WIDE);
  say("light and dark, wide and narrow: nothing overflows, axe finds nothing");
};

const hostile = async browser => {
  await shows(browser, "hostile");
  const {page} = browser;
  await page.locator("#topics tbody tr button").first().click();
  await browser.waitFor("partitions", () => document.querySelector("#partitions tbody tr"));
  await page.click("#config-card summary");
  await page.click("#config-card summary");
  await browser.redrawn();
  const found = await page.evaluate(() => ({
    harmed: window.harmed,
    made: document.querySelectorAll("main img, main script, main b, header img").length,
    texts: ["flows", "verdict", "stopped", "topics", "partitions", "groups", "slos", "clocks",
            "events", "config"].filter(id =>
      !document.getElementById(id).textContent.includes('<img src=x onerror="window.harmed=1">')),
  }));
  equal(found.harmed, undefined, "a script of a name");
  equal(found.made, 0, "elements of a name");
  equal(found.texts.join(), "", "places without the name as it is");
  await page.setViewportSize(NARROW);
  equal(await browser.overflow(), "", "too wide by long names");
  await browser.picture("hostile-narrow");
  await page.setViewportSize(WIDE);
  await page.selectOption("#way-topic", "");
  say("HTML in names is text");
};

const large = async browser => {
  const {page} = browser;
  await page.evaluate(() => {
    window.longest = 0;
    new PerformanceObserver(list => list.getEntries().forEach(each => {
      window.longest = Math.max(window.longest, each.duration);
    })).observe({type: "longtask"});
  });
  await shows(browser, "large");
  await browser.redrawn();
  sameAsAnswer(await browser.drawn());
  const got = await page.evaluate(() => {
    const asked = performance.getEntriesByType("resource")
      .filter(each => each.name.includes("detail=topics")).at(-1);
    return {bytes: asked.decodedBodySize, sent: asked.encodedBodySize, took: asked.duration,
            longest: window.longest, nodes: document.querySelectorAll("*").length,
            rows: document.querySelectorAll("#topics tbody tr").length};
  });
  equal(got.rows, 50, "rows");
  const began = Date.now();
  await page.fill("#topics input", "table-99");
  const rows = await order(page), filterMs = Date.now() - began;
  equal(rows.length, 11, "table-99 and table-990 to -999");
  await page.fill("#topics input", "");
  await page.click("#topics .more");
  equal((await order(page)).length, 250, "rows after more are asked for");
  say(`10 000 partitions: ${got.bytes} bytes, ${got.sent} packed, in ${got.took.toFixed(0)} ms; ` +
      `${got.nodes} nodes; longest task ${got.longest} ms; filtered in ${filterMs} ms`);
  check(got.bytes < ANSWER_BYTES_MAX, `${got.bytes} bytes`);
  check(got.nodes < NODES_MAX, `${got.nodes} nodes`);
  check(got.longest < TASK_MS_MAX, `a task of ${got.longest} ms`);
};

const gone = async browser => {
  const {page} = browser;
  await shows(browser, "rich");
  browser.isKilled = true;
  await please("kill");
  await browser.waitFor("the page to say that nobody answers", () =>
    !document.getElementById("unreachable").hidden);
  const text = await page.textContent("#unreachable-text");
  check(/^Not reachable since \d\d:\d\d:\d\d \(.+\)\. What is shown is from then/.test(text), text);
  check(await page.evaluate(() => document.documentElement.classList.contains("stale") &&
    getComputedStyle(document.getElementById("content")).filter.includes("grayscale")),
        "looks fresh");
  await browser.picture("gone-wide");
  await page.setViewportSize(NARROW);
  equal(await browser.overflow(), "", "too wide");
  await browser.picture("gone-narrow");
  await please("start");
  await page.click("#retry-now");
  await browser.waitFor("the page to be fresh again", () =>
    document.getElementById("unreachable").hidden &&
    !document.documentElement.classList.contains("stale"));
  await browser.redrawn();
  browser.isKilled = false;
  say("says when nobody answers, and when somebody does again");
};

const browser = await Browser.open();
await browser.redrawn();
for (const scene of [rich, flows, keyboard, looks, hostile, large, gone]) await scene(browser);
await shows(browser, "nothing");
check(await browser.page.isVisible("#no-flow"), "nothing is said of a process without flows");
browser.noProblems("errors, or requests to elsewhere");
await browser.close();
process.exit(0);
