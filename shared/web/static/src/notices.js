// Headquarters: new notices without a reload. A short question every half minute (every two minutes while the page is
// hidden), answered by 304 while nothing has changed.
import { count } from "./bell.js";

const EVERY = 30_000;
const HIDDEN = 120_000;
const { bell } = document.querySelector("[data-bell]")?.dataset ?? {};
const title = document.title;
let tag;

async function look() {
  const headers = { Accept: "application/json", ...(tag && { "If-None-Match": tag }) };
  const answer = await fetch(bell, { headers, cache: "no-store" }).catch(() => undefined);
  if (!answer?.ok) return; // 304, a sign-in that has ended, no network: the next time
  tag = answer.headers.get("ETag");
  const { unread } = await answer.json();
  document.title = unread ? `(${unread > 99 ? "99+" : unread}) ${title}` : title;
  count(unread);
}

if (bell) {
  let last = Date.now();
  const turn = () => {
    const now = Date.now();
    if (now - last < (document.hidden ? HIDDEN : EVERY)) return;
    last = now;
    look();
  };
  setInterval(turn, 1000);
  document.addEventListener("visibilitychange", () => document.hidden || turn());
}
