// Small things that work on every page; each page works without them too.
import "./sending.js";
import "./polling.js";
import { adopt } from "./toasts.js";

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
    copy.textContent = copy.dataset.copied ?? copy.textContent;
    copy.classList.add("koi-btn--done");
  }
  if (event.target.closest("[data-print]")) print();
});

addEventListener("change", (event) => {
  const form = event.target.closest("[data-send-on-change]")?.form;
  if (form) form.requestSubmit();
});
