// Shows what waits on this phone: the list on the first page, a mark on each lead's row, and a question before signing out.
import { show } from "../toasts.js";
import { able, drop, forget, list } from "./kept.js";
import { flush } from "./outbox.js";

const { root = "", person = "" } = document.documentElement.dataset;
const parts = document.getElementById("store-parts")?.content;
const states = (entries) => entries.map((each) => `${each.id}:${each.state}`).join();
let drawn = "";
const copy = (name) => parts.querySelector(`[data-part="${name}"]`).cloneNode(true);
const clock = (at) => new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Shanghai", hour: "numeric", minute: "2-digit" }).format(at).replace(/^0/, "");

/** Say that a report was kept, or refused; on the next page where this one is left. */
export function announce(name, { leaving = false } = {}) {
  if (leaving) sessionStorage.setItem("koi-say", name);
  else show(name);
  draw();
}

function row(entry) {
  const item = copy(entry.state === "refused" ? "refused-row" : "waiting-row");
  const { name, says, lead } = entry.report;
  item.querySelector("[data-what]").textContent = name ? `${name}${item.dataset.colon}${says}` : says;
  item.querySelector("[data-when]").textContent = item.dataset.written.replace("%s", clock(entry.at));
  const why = item.querySelector("[data-why]");
  if (why) why.textContent = [entry.title, entry.detail].filter(Boolean).join(" ");
  const mend = item.querySelector("[data-mend]");
  if (mend) {
    mend.href = `${root}/leads/${lead}/follow-up?mend=${entry.id}`;
    mend.hidden = entry.code === "not_held" || entry.code === "missing";
  }
  item.querySelector("[data-drop]")?.addEventListener("click", async (event) => {
    const button = event.currentTarget;
    if (!button.dataset.sure) {
      button.dataset.sure = "1";
      button.textContent = button.dataset.really;
      return;
    }
    await drop(entry.id);
    draw();
  });
  return item;
}

/** Bring the page up to date with what waits. */
export async function draw() {
  if (!able || !person || !parts) return;
  const entries = await list(person);
  drawn = states(entries);
  const place = document.getElementById("queue");
  if (place) {
    const refused = entries.some((entry) => entry.state === "refused");
    const heading = place.querySelector("[data-title]");
    if (heading) heading.textContent = refused ? heading.dataset.refused : heading.dataset.title;
    if (refused) document.getElementById("agenda")?.before(place); // there is something to do about it
    place.hidden = entries.length === 0;
    place.querySelector("[data-count]").textContent = entries.length;
    place.querySelector("ul").replaceChildren(...entries.map(row));
  }
  for (const old of document.querySelectorAll("[data-waits]")) old.remove();
  for (const entry of entries) {
    for (const each of document.querySelectorAll(`[data-lead="${entry.report.lead}"]`)) {
      if (each.querySelector("[data-waits]")) continue;
      const tag = copy(entry.state === "refused" ? "refused-tag" : "waiting-tag");
      const side = each.querySelector(".koi-row-side");
      if (side) side.prepend(tag);
      else (each.querySelector(".koi-row-main") ?? each).append(tag);
    }
  }
}

// The service worker and other tabs send from the same list: what counts is what is left of it, not who sent it.
async function look() {
  if ((await list(person)).some((each) => each.state === "waiting")) await flush(root);
  const before = drawn;
  if (states(await list(person)) === before) return;
  await draw();
  if (before) dispatchEvent(new CustomEvent("koi:sent"));
}

let running;
const send = () => {
  if (able && person) running ??= look().finally(() => (running = undefined));
};

// Signing out: first send what waits, then ask about what is left, then forget this person on this phone.
async function leave(form) {
  await flush(root);
  const left = (await list(person)).length;
  const question = parts.querySelector("[data-part=leave]").dataset.question;
  if (left && !confirm(question.replace("%s", left))) return;
  await forget(person);
  await Promise.all((await caches.keys()).filter((name) => name.startsWith("koi-kept")).map((name) => caches.delete(name)));
  form.submit();
}

addEventListener(
  "submit",
  (event) => {
    if (!able || !person || !event.target.getAttribute("action")?.endsWith("/sign-out")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    leave(event.target);
  },
  true,
);

const said = sessionStorage.getItem("koi-say");
if (said) {
  sessionStorage.removeItem("koi-say");
  show(said);
}
draw();
send();
addEventListener("online", send);
addEventListener("koi:network", send);
addEventListener("htmx:afterSwap", draw);
document.addEventListener("visibilitychange", () => document.hidden || send());
setInterval(send, 5_000);
