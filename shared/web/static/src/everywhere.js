// Small things that work on every page; each page works without them too.
import "./sending.js";
import "./polling.js";
import { adopt, show } from "./toasts.js";

// A form that came back begins where something is wrong.
document.querySelector("main [aria-invalid='true']")?.focus();

for (const toast of document.querySelectorAll("[data-toast]")) adopt(toast);

// Only https pages get the clipboard; elsewhere, and in older in-app browsers, a selection can still be copied.
async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "visually-hidden koi-hide";
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}

// The button says it, and a toast where to go on; an icon alone becomes a tick.
function copied(button) {
  const words = button.querySelector("span");
  button.querySelector("use")?.setAttribute("href", button.querySelector("use").getAttribute("href").replace(/#.*/, "#i-check"));
  if (words) words.textContent = button.dataset.copied ?? words.textContent;
  else if (!button.querySelector("svg")) button.textContent = button.dataset.copied ?? button.textContent;
  button.classList.add(button.classList.contains("koi-iconbtn") ? "is-done" : "koi-btn--done");
  if (button.dataset.said) show("said", button.dataset.said, { stays: false });
}

addEventListener("click", async (event) => {
  const show = event.target.closest("[data-show-password]");
  if (show) {
    const field = document.getElementById(show.dataset.showPassword);
    field.type = field.type === "password" ? "text" : "password";
    show.setAttribute("aria-pressed", String(field.type === "text"));
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    const source = document.getElementById(copy.dataset.copy);
    await toClipboard(source.value ?? source.textContent.trim());
    copied(copy);
  }
  if (event.target.closest("[data-print]")) print();
});

addEventListener("change", (event) => {
  const form = event.target.closest("[data-send-on-change]")?.form;
  if (form) form.requestSubmit();
});
