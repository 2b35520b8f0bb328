// How old what is shown is, and that nobody answers.

import {byId, setText} from "./element.js";
import {milliseconds, time} from "./figures.js";

// The state that Poll tells; the title of what is shown.
export const drawFreshness = ({failure, answeredAt, ageMs, isStale, retryMs}, title) => {
  document.documentElement.classList.toggle("stale", isStale);
  document.title = isStale ? `? ${title}` : title;
  setText(byId("age"), ageMs === undefined ? "" :
    ageMs < 1500 ? "now" : `${milliseconds(Math.round(ageMs / 1000) * 1000)} ago`);
  byId("unreachable").hidden = failure === undefined;
  if (failure === undefined) return;
  const since = answeredAt === undefined ? "The process has not answered yet" :
    `Not reachable since ${time(answeredAt)}`;
  const kept = answeredAt === undefined ? "" :
    ` What is shown is from then, and is not how it is now.`;
  setText(byId("unreachable-text"), `${since} (${failure.message}).${kept}`);
  setText(byId("retry"), retryMs < 500 ? "asking ..." :
    `asked again in ${Math.ceil(retryMs / 1000)} s`);
};
