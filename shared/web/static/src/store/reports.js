// Reports about leads: what the form suggests, what its button says, and sending through this phone's outbox, so that a
// report is written down once whatever the network does.
import { say } from "../toasts.js";
import { able, add, drop, list } from "./kept.js";
import { flush } from "./outbox.js";
import { announce } from "./waiting.js";

const { root = "", person = "" } = document.documentElement.dataset;
const PROMISES = { interested: "call", no_answer: "call", appointment: "visit" };
const form = document.getElementById("follow-up");
const fresh = () =>
  crypto.randomUUID?.() ??
  "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) => (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));
const lead = (of) => of.dataset.report || location.pathname.split("/").at(-2);
const chosen = (name) => form?.querySelector(`[name=${name}]:checked`);
const beijing = (date) => new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai" }).format(date);
const later = (day, days) => new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** What the button promises: the outcome, when the next step is, and that it stays on the phone for now. */
function promise() {
  const words = form.querySelector("footer button").dataset;
  const kept = "offline" in document.documentElement.dataset && able;
  const outcome = chosen("outcome")?.value;
  if (!kept && (outcome === "won" || outcome === "lost")) return words[outcome];
  const when = planned();
  const kind = when ? (PROMISES[outcome] ?? "touch") : "plain";
  return (kept ? words[`kept${kind[0].toUpperCase()}${kind.slice(1)}`] : words[kind]).replace("%s", when);
}

function planned() {
  const next = chosen("next_step");
  if (!next) return "";
  if (next.value !== "pick") return next.dataset.says;
  const { day, clock } = form.elements;
  if (!day.value) return "";
  const known = [...form.querySelectorAll("[data-says]")].find((each) => each.value.startsWith(day.value));
  const name = known?.dataset.says.replace(/\s*\d+:\d\d$/, "") ?? day.value.slice(5).replace("-", "/");
  return `${name} ${clock.value.replace(/^0/, "") || "10:00"}`.trim();
}

function label() {
  form.querySelector("footer button").textContent = promise();
}

/** An outcome suggests when to go on; what somebody has chosen by hand stays. */
function suggest(outcome) {
  const codes = (outcome.dataset.suggests ?? "").split(" ");
  const offered = codes.map((code) => form.querySelector(`[data-code="${code}"]`)).find(Boolean);
  const now = chosen("next_step");
  if (now && !("suggested" in now.dataset)) return;
  if (now) now.checked = false;
  if (!offered) return;
  offered.checked = true;
  offered.dataset.suggested = "";
  if (offered.value === "pick" && !form.elements.day.value) {
    form.elements.day.value = later(beijing(new Date()), 1);
    form.elements.clock.value = "10:00";
  }
}

/** A form that this phone kept since yesterday: its days are counted from today. */
function renew() {
  const today = beijing(new Date());
  if (form.dataset.today === today) return;
  const weekday = (new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7;
  const days = { afternoon: 0, tomorrow: 1, in_two_days: 2, monday: 7 - weekday, in_a_week: 7 };
  for (const input of form.querySelectorAll("[data-says]")) {
    const day = later(today, days[input.dataset.code]);
    const clock = input.value.slice(11, 16);
    input.value = `${day}T${clock}:00+08:00`;
    input.dataset.says = `${Number(day.slice(5, 7))}/${Number(day.slice(8))} ${clock}`;
    input.parentElement.querySelector("small").textContent = input.dataset.says;
    if (Date.parse(input.value) < Date.now()) input.closest("label").hidden = true;
  }
}

function complain(text) {
  const place = document.getElementById("mend");
  place.hidden = false;
  place.className = "koi-note koi-note--late";
  place.textContent = text;
  place.setAttribute("role", "alert");
  place.scrollIntoView({ block: "nearest" });
}

/** What the server would ask for; better said before the report waits for it. */
function missing() {
  const outcome = chosen("outcome")?.value;
  if (!outcome) return form.dataset.choose;
  if (outcome === "lost" && !chosen("reason")) return form.dataset.reason;
  const picks = chosen("next_step")?.value === "pick" && outcome !== "lost" && outcome !== "won";
  return (outcome === "appointment" || picks) && !planned() ? form.dataset.when : "";
}

const says = (of) => {
  if (of !== form) return of.querySelector("button").textContent.trim();
  const outcome = chosen("outcome")?.closest("label").querySelector("span > span").firstChild.textContent.trim() ?? "";
  return [outcome, planned()].filter(Boolean).join(" · ");
};

async function send(of) {
  const fields = Object.fromEntries([...new FormData(of)].filter(([name]) => name !== "csrf_token"));
  const id = fields.follow_up_id;
  const mended = of.dataset.mends;
  await add(person, id, { lead: lead(of), name: of.dataset.name, says: says(of), fields });
  if (mended && mended !== id) await drop(mended);
  await flush(root);
  const left = (await list(person)).find((row) => row.id === id);
  if (!left) return location.assign(`${root}/leads/${lead(of)}`);
  if (left.state === "refused" && of === form) {
    await drop(id);
    complain([left.title, left.detail].filter(Boolean).join(" "));
    return undefined;
  }
  navigator.serviceWorker?.ready.then((worker) => worker.sync?.register("koi-outbox")).catch(() => {});
  const leaving = of === form && Boolean(navigator.serviceWorker?.controller);
  announce(left.state === "refused" ? "refused" : "kept", { leaving });
  return leaving ? location.assign(`${root}/inbox`) : undefined;
}

addEventListener("submit", async (event) => {
  const of = event.target;
  if (!(of instanceof HTMLFormElement) || !("report" in of.dataset) || !able || !person) return;
  event.preventDefault();
  const lacking = of === form ? missing() : "";
  if (lacking) return complain(lacking);
  if (of.dataset.busy) return;
  of.dataset.busy = "1";
  const button = of.querySelector("button:not([type=button])");
  button.setAttribute("aria-busy", "true");
  try {
    await send(of);
  } finally {
    delete of.dataset.busy;
    button.removeAttribute("aria-busy");
  }
});

/** Whom a form is about that was opened without network: the lists that the phone keeps say so. */
async function whose() {
  for (const page of [`${root}/inbox`, `${root}/leads`]) {
    const kept = await caches.match(page);
    const text = kept ? await kept.text() : "";
    const row = new DOMParser().parseFromString(text, "text/html").querySelector(`[data-lead="${lead(form)}"] .koi-row-main a`);
    if (row) return row.textContent.trim();
  }
  return "";
}

async function mend(id) {
  const row = (await list(person)).find((each) => each.id === id);
  if (!row) return;
  for (const [name, value] of Object.entries(row.report.fields)) {
    if (name === "follow_up_id") continue;
    const options = [...form.querySelectorAll(`[name="${name}"]`)];
    if (options[0]?.type === "radio") for (const option of options) option.checked = option.value === value;
    else if (options[0]) options[0].value = value;
  }
  form.dataset.mends = id;
  complain([row.title, row.detail].filter(Boolean).join(" "));
}

if (form) {
  if (able && person) form.dataset.sending = "own";
  renew();
  form.addEventListener("change", (event) => {
    if (event.target.name === "outcome") suggest(event.target);
    if (event.target.name === "next_step") delete event.target.dataset.suggested;
    label();
  });
  form.addEventListener("input", label);
  const again = () => {
    form.elements.follow_up_id.value = fresh(); // a form that comes back by the back button is another report
    label();
  };
  addEventListener("pageshow", again);
  addEventListener("koi:network", label);
  again();
  if (!form.dataset.report && globalThis.caches) {
    whose().then((name) => {
      form.dataset.name = name;
      if (name) document.getElementById("sheet-title").textContent = form.dataset.title.replace("%s", name);
    });
  }
  const first = chosen("outcome");
  if (first) suggest(first);
  const wanted = new URLSearchParams(location.search).get("mend");
  if (wanted && able) mend(wanted).then(label);
  label();
}
for (const each of document.querySelectorAll("form[data-report]")) if (able && person) each.dataset.sending = "own";
addEventListener("htmx:afterSwap", () => {
  for (const each of document.querySelectorAll("form[data-report]")) if (able && person) each.dataset.sending = "own";
});

// After the call what comes next is to write it down.
addEventListener("click", (event) => {
  if (!event.target.closest(".koi-actionbar a[href^='tel:']")) return;
  for (const each of document.querySelectorAll(".koi-actionbar .koi-btn")) each.classList.toggle("koi-btn--primary");
  say(document.querySelector(".koi-actionbar .koi-btn--primary")?.textContent.trim() ?? "");
});
