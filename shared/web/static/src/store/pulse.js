// New offers and notices without a reload: a short question every fifteen seconds (every half minute when nobody has
// touched the page for two minutes, every minute while it is hidden, which it then says, as nobody is there), answered by 304 while nothing has changed. Says what
// changed in the title, on the first tab, on the bell, on the icon of the app, and to screen readers; no sound.
import { count as countUnread } from "../bell.js";
import { say } from "../toasts.js";

const { root = "", person = "" } = document.documentElement.dataset;
const EVERY = 15_000;
const IDLE = 30_000;
const HIDDEN = 60_000;
const AWAY = 120_000;
const title = document.title;
const badge = document.querySelector("[data-badge]");
let mark;
let tag;
let offers = Number(badge?.textContent || 0);

function network(there) {
  const html = document.documentElement;
  const was = !("offline" in html.dataset);
  if (was === there) return;
  if (there) delete html.dataset.offline;
  else html.dataset.offline = "";
  dispatchEvent(new CustomEvent("koi:network", { detail: { there } }));
}

function tell(count) {
  document.title = count ? `(${count}) ${title}` : title;
  if (badge) {
    badge.textContent = count || "";
    badge.hidden = !count;
  }
  if (count) navigator.setAppBadge?.(count).catch(() => {});
  else navigator.clearAppBadge?.().catch(() => {});
  if (count > offers && badge) say(badge.dataset.says.replace("%s", count));
  offers = count;
}

const shownMark = () => document.getElementById("agenda")?.dataset.mark ?? mark;

async function look() {
  try {
    const same = tag && shownMark() === mark; // a page that could not be brought up to date asks in full
    const headers = { Accept: "application/json", ...(same && { "If-None-Match": tag }), ...(document.hidden && { "X-Koi-Hidden": "1" }) };
    const answer = await fetch(`${root}/pulse`, { headers, cache: "no-store" });
    if (answer.status >= 502) throw new Error("gateway");
    network(true);
    if (!answer.ok) return;
    tag = answer.headers.get("ETag");
    const seen = await answer.json();
    const shown = shownMark();
    tell(seen.offers);
    countUnread(seen.unread);
    if (shown !== undefined && shown !== seen.mark) document.body.dispatchEvent(new CustomEvent("koi:changed"));
    mark = seen.mark;
  } catch {
    network(false);
  }
}

if (person) {
  let last = 0;
  let touched = Date.now();
  const pace = (now) => (document.hidden ? HIDDEN : now - touched > AWAY ? IDLE : EVERY);
  const turn = (force) => {
    const now = Date.now();
    if (!force && now - last < pace(now)) return;
    last = now;
    if (navigator.onLine) look();
    else network(false);
  };
  tell(offers);
  if (!navigator.onLine) network(false);
  setInterval(turn, 1000);
  for (const sign of ["pointerdown", "keydown", "scroll"]) {
    addEventListener(sign, () => (touched = Date.now()), { passive: true });
  }
  addEventListener("online", () => turn(true));
  addEventListener("offline", () => network(false));
  addEventListener("koi:sent", () => turn(true));
  document.addEventListener("visibilitychange", () => document.hidden || turn(true));
  if (document.getElementById("agenda")) turn(true);
}
