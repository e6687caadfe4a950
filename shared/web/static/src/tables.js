// Lists: keys, selections that outlive a page, tidy addresses. Everything works without this too.
const ROW = ":is(tbody tr, .k-card)";
const list = () => document.querySelector("[data-list]");
const typing = () => document.activeElement.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");
const store = (place) => `koi-picked:${place.dataset.list}:${place.dataset.query}`;
const boxes = (place) => [...place.querySelectorAll(`${ROW} input[name=id]`)];

function kept(place) {
  try {
    return new Set(JSON.parse(sessionStorage.getItem(store(place)) ?? "[]"));
  } catch {
    return new Set();
  }
}

function keep(place, ids) {
  try {
    ids.size ? sessionStorage.setItem(store(place), JSON.stringify([...ids])) : sessionStorage.removeItem(store(place));
  } catch {
    // a full or forbidden store: the ticks of this page still count
  }
}

function show(place, ids) {
  const bar = place.querySelector(".k-bulk");
  if (!bar) return;
  for (const box of boxes(place)) {
    box.checked = ids.has(box.value);
    box.closest(ROW).classList.toggle("k-selected", box.checked);
  }
  const page = place.querySelector("[data-tick-page]");
  const here = boxes(place).filter((box) => box.checked).length;
  if (page) {
    page.checked = here > 0 && here === boxes(place).length;
    page.indeterminate = here > 0 && !page.checked;
  }
  place.toggleAttribute("data-some", ids.size > 0);
  const words = bar.querySelector("[data-picked]");
  const said = ids.size === 1 ? words.dataset.pickedOne : words.dataset.picked;
  words.textContent = said.replace("%(count)s", ids.size.toLocaleString("en"));
}

function turn(place, changed) {
  const ids = kept(place);
  for (const box of changed) box.checked ? ids.add(box.value) : ids.delete(box.value);
  keep(place, ids);
  show(place, ids);
}

addEventListener("change", (event) => {
  const place = event.target.closest("[data-list]");
  if (!place) return;
  if (event.target.matches("[data-tick-page]")) {
    for (const box of boxes(place)) box.checked = event.target.checked;
    turn(place, boxes(place));
  } else if (event.target.matches(`${ROW} input[name=id]`)) turn(place, [event.target]);
});

addEventListener("click", (event) => {
  const place = event.target.closest("[data-list]");
  if (place && event.target.closest("[data-pick-none]")) {
    keep(place, new Set());
    show(place, new Set());
  }
  if (event.target.closest("[data-keys]")) document.getElementById("list-keys")?.showModal();
  for (const open of document.querySelectorAll("details.k-menu[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
  const act = event.target.closest("[data-confirm-count]");
  if (place && act) {
    const all = act.form.elements.all;
    const count = all?.checked ? all.dataset.count : kept(place).size.toLocaleString("en");
    act.dataset.confirm = (count === "1" ? act.dataset.confirmOne : act.dataset.confirmCount).replace("%(count)s", count);
  }
}, true);

addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-tidy]")) {
    for (const field of form.elements) if (!field.value) field.disabled = true;
  }
  const place = form.closest("[data-list]");
  if (event.defaultPrevented || !place || !form.matches("#picked")) return; // form.id would be its fields named id
  const here = new Set(boxes(place).map((box) => box.value));
  for (const id of kept(place)) {
    if (here.has(id)) continue;
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "id", value: id });
    form.append(field);
  }
  keep(place, new Set());
});

// ── keys ──
const rows = () => [...(list()?.querySelectorAll(ROW) ?? [])];

function go(step) {
  const all = rows();
  const at = all.findIndex((row) => row.classList.contains("k-here"));
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  if (!next) return;
  all[at]?.classList.remove("k-here");
  next.classList.add("k-here");
  (next.querySelector("[data-open]") ?? next.querySelector("input"))?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

const follow = (rel) => list()?.querySelector(`.k-pager a[rel=${rel}]`)?.click();
const tick = () => {
  const box = document.querySelector(".k-here input[name=id]");
  if (box) box.click();
};
const KEYS = {
  j: () => go(1),
  ArrowDown: () => go(1),
  k: () => go(-1),
  ArrowUp: () => go(-1),
  x: tick,
  "[": () => follow("prev"),
  "]": () => follow("next"),
  "?": () => document.getElementById("list-keys")?.showModal(),
};

addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = document.querySelector("details.k-menu[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  }
  const busy = event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]");
  if (busy || typing() || !list() || document.activeElement.closest("details[open]")) return;
  if (event.key.startsWith("Arrow") && !document.querySelector(".k-here")) return; // until then arrows scroll
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

addEventListener("focusin", (event) => {
  const row = event.target.closest?.(`[data-list] ${ROW}`);
  if (!row) return;
  for (const other of rows()) other.classList.toggle("k-here", other === row);
});

// A head that stays in place and a table that scrolls sideways exclude each other: only too wide a table scrolls.
function fit() {
  for (const wrap of document.querySelectorAll(".k-list .k-table-main")) {
    wrap.classList.remove("k-too-wide");
    wrap.classList.toggle("k-too-wide", wrap.firstElementChild.offsetWidth > wrap.clientWidth);
  }
}

function begin() {
  if (!list()) return;
  show(list(), kept(list()));
  fit();
}

addEventListener("resize", fit);
document.readyState === "loading" ? addEventListener("DOMContentLoaded", begin) : begin();
addEventListener("pageshow", begin);
