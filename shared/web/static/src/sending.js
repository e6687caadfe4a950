// Sending a form: the question before what cannot be taken back, one press for many, and a lost connection that loses
// nothing. Before a form leaves the page the way to Koi is tried; when there is none, the page stays as it is.
//   data-confirm="Recall 2 leads?"   the question, on the form or the button
//   data-confirm-more="…"            one sentence more below it
//   data-confirm-verb="Recall"       what the button in the dialog says; else the pressed button's own words
//   data-sending="own"               the form is sent by a script of its own
import { part, show } from "./toasts.js";

const WAIT_MS = 6000;
const AGAIN_MS = 10_000; // an answer that is a download leaves the page where it is
const passing = new WeakSet();

const alive = `${document.documentElement.dataset.root ?? ""}/healthz`;

/** Whether Koi answers. A refusal is an answer; silence and a gateway's 502 are none. */
export async function reaches() {
  if (!navigator.onLine) return false;
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), WAIT_MS);
  try {
    const answer = await fetch(alive, { method: "HEAD", cache: "no-store", credentials: "omit", signal: stop.signal });
    return answer.status < 500;
  } catch {
    return false;
  } finally {
    clearTimeout(late);
  }
}

const stop = (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
};

const byScript = (form) => form.hasAttribute("hx-post") || form.hasAttribute("hx-get") || form.dataset.sending === "own";

/** Submit for real: past this file, through the form's checks and its other listeners. */
function pass(form, button) {
  passing.add(form);
  if (form.requestSubmit) return form.requestSubmit(button);
  if (button?.name) {
    const choice = document.createElement("input");
    Object.assign(choice, { type: "hidden", name: button.name, value: button.value });
    form.append(choice);
  }
  form.submit();
}

async function send(form, button) {
  if (form.dataset.sent) return;
  form.dataset.sent = "1";
  button?.setAttribute("aria-busy", "true");
  const way = await reaches();
  if (way) pass(form, button);
  else lost(form, button);
  setTimeout(() => free(form), way ? AGAIN_MS : 0);
}

function free(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}

function lost(form, button) {
  const toast = show("lost");
  const text = toast.querySelector("[data-text]");
  if (navigator.onLine) text.textContent = text.dataset.silent;
  addEventListener("online", () => (text.textContent = text.dataset.back), { once: true });
  toast.querySelector("[data-again]").addEventListener("click", () => {
    toast.remove();
    if (form.isConnected) send(form, button);
  });
}

function ask(form, button, question) {
  const words = { ...form.dataset, ...button?.dataset };
  const dialog = part("ask");
  const more = dialog.querySelector("[data-more]");
  const yes = dialog.querySelector("[data-yes]");
  dialog.querySelector("[data-question]").textContent = question;
  more.textContent = words.confirmMore ?? "";
  more.hidden = !words.confirmMore;
  yes.textContent = words.confirmVerb ?? (button?.textContent ?? "").trim().replace(/…$/, "");
  if (/danger/.test(button?.className ?? "")) yes.className = yes.dataset.danger;
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    const agreed = dialog.returnValue === "yes";
    dialog.remove();
    button?.focus();
    if (!agreed) return;
    if (byScript(form)) pass(form, button);
    else send(form, button);
  });
  dialog.showModal();
}

addEventListener(
  "submit",
  (event) => {
    const { target: form, submitter: button } = event;
    if (form.getAttribute("method") === "dialog") return;
    if (passing.delete(form)) return;
    const question = button?.dataset.confirm ?? form.dataset.confirm;
    if (question && window.HTMLDialogElement) {
      stop(event);
      ask(form, button, question);
    } else if (question && !confirm(question)) {
      stop(event);
    } else if ((form.getAttribute("method") ?? "get").toLowerCase() === "post" && !byScript(form)) {
      stop(event);
      send(form, button);
    }
  },
  true,
);

addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) free(form);
});

// what htmx sends is not tried first: it tells us when it did not arrive
addEventListener("htmx:sendError", ({ detail: { elt } }) => {
  if (elt instanceof HTMLFormElement) lost(elt);
});
