// Asks again and again, less often while nobody answers, and not while nobody looks. Whoever draws
// is told how old what it drew is: nothing old may look fresh.

const EVERY_MS = 2000;
const TIMEOUT_MS = 10000;
const BACK_OFF_MS = [2000, 4000, 8000, 15000, 30000];
const SHARE = 4;  // an answer that takes long is asked for less often
const SLOWEST_MS = 5000;  // so that what comes late does not look stale
const STALE_MS = 10000;

export const getJson = async path => {
  const answer = await fetch(new URL(path, document.baseURI),
                             {cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS)});
  if (!answer.ok) {
    const told = await answer.json().catch(() => ({}));
    throw Object.assign(new Error(told.error ?? `HTTP ${answer.status}`), {status: answer.status});
  }
  return answer.json();
};

export class Poll {
  // ask(): what is to be drawn. onAnswer(it); onState({isFailing, failure, answeredAt, ageMs,
  // isStale, retryMs}) each second.
  constructor({ask, onAnswer, onState}) {
    Object.assign(this, {ask, onAnswer, onState});
    this.failures = 0;
    this.answered = undefined;  // by the clock that nobody sets
    this.answeredAt = undefined;
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.now();
    });
    setInterval(() => this.tell(), 1000);
  }

  now() {
    clearTimeout(this.timer);
    if (!this.isAsking) this.turn();
  }

  async turn() {
    this.isAsking = true;
    const began = performance.now();
    let wait = EVERY_MS;
    try {
      const answer = await this.ask();
      this.answered = performance.now();
      this.answeredAt = Date.now();
      this.failures = 0;
      this.failure = undefined;
      wait = Math.min(SLOWEST_MS, Math.max(EVERY_MS, SHARE * (this.answered - began)));
      this.onAnswer(answer);
    } catch (failure) {
      if (this.failure === undefined && this.answeredAt === undefined) this.beganAt = Date.now();
      this.failure = failure;
      wait = BACK_OFF_MS[Math.min(this.failures++, BACK_OFF_MS.length - 1)];
    }
    this.isAsking = false;
    this.nextAt = performance.now() + wait;
    this.tell();
    if (!document.hidden) this.timer = setTimeout(() => this.turn(), wait);
  }

  tell() {
    const now = performance.now();
    const ageMs = this.answered === undefined ? undefined : now - this.answered;
    this.onState({failure: this.failure, answeredAt: this.answeredAt, ageMs,
                  isStale: this.failure !== undefined || !(ageMs < STALE_MS),
                  retryMs: Math.max(0, (this.nextAt ?? now) - now)});
  }
}
