// fleet.mjs - the page of a fleet: a flow that runs, one whose clusters are nowhere, a wrong file.

import {Browser, check, equal, sameCount, sameRate, sameTime, say} from "./browser.mjs";

const NARROW = {width: 360, height: 740}, WIDE = {width: 1400, height: 900};
const POLLS = 3;

// Runs in the page.
const readRows = () => ({
  at: document.documentElement.dataset.drawn,
  rows: Object.fromEntries([...document.querySelectorAll("#rows tbody tr")].map(row =>
    [row.dataset.key, Object.fromEntries([...row.children].map(cell => [cell.dataset.column, {
      text: cell.querySelector(".unknown") ? "?" : cell.querySelector(".point").textContent,
      why: cell.querySelector(".unknown")?.title}]))])),
});

const sameFigure = (figure, value, same, what) => {
  if (value === undefined) return equal(figure.text, "?", what);
  return value === null ? equal(figure.text, "–", what) : same(figure, value, what);
};
const sameSpan = (figure, value, what) => sameTime(figure.text, value, what);

export class Fleet {
  static async open(url) {
    const made = new Fleet();
    made.browser = await Browser.open({}, url, "api/v1/fleet");
    return made;
  }

  async agrees() {
    for (let i = 0; i < POLLS; ++i) {
      await this.browser.redrawn();
      const {at, rows} = await this.browser.page.evaluate(readRows);
      const fleet = this.browser.answers.get(at);
      check(fleet, `no answer is of ${at}`);
      equal(Object.keys(rows).join(), fleet.rows.map(row => row.name).join(), "order");
      for (const row of fleet.rows) {
        const drawn = rows[row.name];
        sameFigure(drawn.lag, row.offset_lag, sameCount, `lag of ${row.name}`);
        sameFigure(drawn.rate, row.records_per_second, sameRate, `rate of ${row.name}`);
        sameFigure(drawn["head-age"], row.head_age_s, sameSpan, `head age of ${row.name}`);
        sameFigure(drawn["catch-up"], row.catch_up_s, sameSpan, `catch-up of ${row.name}`);
        check(drawn.why.text.includes(row.why), `${row.name}: ${drawn.why.text}`);
      }
    }
    say(`${POLLS} answers of the fleet are drawn as they are`);
  }

  // What needs somebody stands first.
  async tellsWhatIsWrong() {
    await this.browser.waitFor("a look at both", () =>
      document.querySelectorAll("#rows tbody tr").length === 2);
    const {rows} = await this.browser.page.evaluate(readRows);
    const [far, near] = Object.entries(rows);
    check(far[0].startsWith("north->south") && far[1].state.text === "cannot be seen",
          JSON.stringify(far));
    check(near[1].state.text === "running on 1", JSON.stringify(near));
    const text = id => this.browser.page.textContent(id);
    check((await text("#wrong")).includes("tasks.max"), await text("#wrong"));
    check((await text("#drift")).includes("marks.interval.ms"), await text("#drift"));
    check((await text("#verdict-text")).startsWith("2 flows: 1 cannot be seen"),
          await text("#verdict-text"));
  }

  async looks() {
    const {browser} = this, {page} = browser;
    for (const scheme of ["light", "dark"]) {
      await page.emulateMedia({colorScheme: scheme});
      for (const [name, size] of [["wide", WIDE], ["narrow", NARROW]]) {
        await page.setViewportSize(size);
        equal(await browser.overflow(), "", `${name}, too wide`);
        await browser.accessibility(`fleet, ${scheme}, ${name}`);
        await browser.picture(`fleet-${scheme}-${name}`);
      }
    }
    await page.setViewportSize(WIDE);
    browser.noProblems("errors, or requests to elsewhere");
  }

  async tellsOfTheKilled() {
    await this.browser.waitFor("the flow that does not run", () =>
      [...document.querySelectorAll("#rows td[data-column=state]")].some(cell =>
        cell.textContent.startsWith("not running")));
    say("the page of the fleet tells of the flow whose process was killed");
  }

  close() {
    return this.browser.close();
  }
}
