// Fragments that keep themselves fresh: <div data-poll="15" hx-get="…" hx-trigger="koi:poll">. Every so many seconds
// the element gets the event koi:poll; never while the tab is hidden, and at once when it comes back.
const due = new WeakMap();

// Somebody is being asked about a form, or one is on its way: what is in the page must stay until that is done.
const busy = (element) => document.querySelector("dialog[open]") !== null || element.querySelector("form[data-sent]") !== null;

function look() {
  if (document.hidden || !navigator.onLine) return;
  const now = Date.now();
  for (const element of document.querySelectorAll("[data-poll]")) {
    const next = due.get(element);
    if (next === undefined || now >= next) due.set(element, now + Number(element.dataset.poll) * 1000);
    if (next !== undefined && now >= next && !busy(element)) element.dispatchEvent(new CustomEvent("koi:poll"));
  }
}

look();
setInterval(look, 1000);
document.addEventListener("visibilitychange", look);

const polls = ({ detail: { elt } }) => elt?.hasAttribute("data-poll");

// A fragment that was refused leaves the page alone: somebody may be writing in it. An ended sign-in is told when they act.
addEventListener("htmx:beforeOnLoad", (event) => {
  if (polls(event) && busy(event.detail.elt)) return event.preventDefault();
  if (!polls(event) || (event.detail.xhr.status < 400 && !event.detail.xhr.getResponseHeader("HX-Redirect"))) return;
  event.preventDefault();
  if (event.detail.xhr.status < 500) event.detail.elt.removeAttribute("data-poll");
});

// What was unfolded in a fragment stays so in the one that takes its place.
let unfolded = [];
addEventListener("htmx:beforeSwap", (event) => {
  if (polls(event)) unfolded = [...event.detail.elt.querySelectorAll("details[open][id]")].map((each) => each.id);
});
addEventListener("htmx:afterSwap", () => {
  for (const id of unfolded.splice(0)) document.getElementById(id)?.setAttribute("open", "");
});

// What the reader had opened or stood on in a fragment is so in the next one too.
const FOCUSABLE = "a, button, summary, input, select";
let kept = { open: [], at: -1 };

addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  if (!target?.hasAttribute?.("data-poll")) return;
  kept = {
    open: [...target.querySelectorAll("details[open][id]")].map((each) => each.id),
    at: [...target.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement),
  };
});
addEventListener("htmx:afterSwap", ({ detail: { elt } }) => {
  for (const id of kept.open) document.getElementById(id)?.setAttribute("open", "");
  if (kept.at >= 0 && elt?.hasAttribute?.("data-poll")) elt.querySelectorAll(FOCUSABLE)[kept.at]?.focus({ preventScroll: true });
  kept = { open: [], at: -1 };
});
