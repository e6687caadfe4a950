// Notes that float: those the page came with, and those that scripts say. What they look like comes from the page's
// <template id="koi-parts">, so each portal has its own words and classes.
const READ_S = 8;
const DECIDE_S = 20; // with something to press

const parts = document.getElementById("koi-parts")?.content;
let voice;

/** A copy of one of the page's prepared parts. */
export const part = (name) => parts.querySelector(`[data-part="${name}"]`).cloneNode(true);

/** Say something to screen readers: what stands in a page from the start is not announced. */
export function say(text) {
  if (!voice) {
    voice = document.createElement("div");
    voice.className = "visually-hidden koi-hide";
    voice.setAttribute("role", "status");
    document.body.append(voice);
  }
  setTimeout(() => (voice.textContent = text), 250);
}

/** Give a toast of the page its cross and its time; while it is pointed at, or the page is hidden, time stands still. */
export function adopt(toast, { stays = false } = {}) {
  toast.append(part("close"));
  toast.querySelector("[data-close]").addEventListener("click", () => toast.remove());
  say(toast.querySelector("[data-text]").textContent);
  if (stays) return;
  let left = toast.querySelector("form") ? DECIDE_S : READ_S;
  const seconds = toast.querySelector("[data-seconds]");
  const tick = setInterval(() => {
    const waiting = document.hidden || toast.matches(":hover, :focus-within") || toast.querySelector("[data-sent]");
    if (!waiting) left -= 1;
    if (seconds) seconds.textContent = seconds.dataset.seconds.replace("%s", left);
    if (left > 0 && toast.isConnected) return;
    clearInterval(tick);
    toast.remove();
  }, 1000);
}

/** Show one of the prepared toasts; it stays until it is closed, unless told otherwise. */
export function show(name, text, { stays = true } = {}) {
  document.querySelector(`.is-from-${name}`)?.remove();
  const toast = part(name);
  toast.classList.add(`is-from-${name}`);
  if (text) toast.querySelector("[data-text]").textContent = text;
  let place = document.querySelector("[data-toasts]");
  if (!place) {
    place = part("toasts");
    document.body.append(place);
  }
  place.append(toast);
  adopt(toast, { stays });
  return toast;
}
