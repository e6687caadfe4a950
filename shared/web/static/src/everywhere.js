// Small things that work on every page; each page works without them too.

// A second press sends nothing twice: the form is marked when it leaves.
addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (question && !confirm(question)) {
    event.preventDefault();
    return;
  }
  if (form.dataset.sent === "1") {
    event.preventDefault();
    return;
  }
  if (event.defaultPrevented || form.method === "get") return;
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 4000); // an answer that is a download leaves the page where it is
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

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
