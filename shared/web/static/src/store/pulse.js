// New offers without a reload: a short question every fifteen seconds (every minute while the page is hidden). Says
// what changed in the title, on the first tab, on the icon of the app, and to screen readers; no sound.
import { say } from "../toasts.js";

const { root = "", person = "" } = document.documentElement.dataset;
const EVERY = 15_000;
const HIDDEN = 60_000;
const title = document.title;
const badge = document.querySelector("[data-badge]");
let mark;
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

async function look() {
  try {
    const answer = await fetch(`${root}/pulse`, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (answer.status >= 502) throw new Error("gateway");
    network(true);
    if (!answer.ok) return;
    const seen = await answer.json();
    const shown = document.getElementById("agenda")?.dataset.mark ?? mark;
    tell(seen.offers);
    if (shown !== undefined && shown !== seen.mark) document.body.dispatchEvent(new CustomEvent("koi:changed"));
    mark = seen.mark;
  } catch {
    network(false);
  }
}

if (person) {
  let last = 0;
  const turn = (force) => {
    const now = Date.now();
    if (!force && now - last < (document.hidden ? HIDDEN : EVERY)) return;
    last = now;
    if (navigator.onLine) look();
    else network(false);
  };
  tell(offers);
  if (!navigator.onLine) network(false);
  setInterval(turn, 1000);
  addEventListener("online", () => turn(true));
  addEventListener("offline", () => network(false));
  addEventListener("koi:sent", () => turn(true));
  document.addEventListener("visibilitychange", () => document.hidden || turn(true));
  if (document.getElementById("agenda")) turn(true);
}
