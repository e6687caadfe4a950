// Writing content at headquarters: files that go up at once, variables by a click, places that are dragged.
const form = document.getElementById("asset-form");

// ── lists of boxes: narrowed while typing, what is ticked counted ──
addEventListener("input", ({ target }) => {
  const list = target.dataset?.narrow && document.getElementById(target.dataset.narrow);
  if (!list) return;
  const words = target.value.trim().toLowerCase();
  for (const label of list.children) label.hidden = !label.textContent.toLowerCase().includes(words) && !label.querySelector(":checked");
});
function countTicks(list) {
  const said = list.parentElement.querySelector("[data-ticked]");
  const ticked = list.querySelectorAll(":checked").length;
  said.textContent = ticked ? said.dataset.ticked.replace("%s", ticked) : "";
}
for (const list of document.querySelectorAll(".k-ticks")) {
  list.addEventListener("change", () => countTicks(list));
  countTicks(list);
}

const look = (element) => element.dispatchEvent(new CustomEvent("koi:look", { bubbles: true }));

// ── files: kept as soon as they are chosen, so that no other mistake in the form loses them ──
for (const box of form?.querySelectorAll("[data-upload]") ?? []) {
  const field = box.querySelector("input[type=file]");
  const kept = box.querySelector("input[type=hidden]");
  const said = box.querySelector(".k-upload-said");
  const tell = (text, bad = false) => {
    said.textContent = text;
    said.classList.toggle("k-field-error", bad);
    said.classList.toggle("k-meta", !bad);
  };
  field.addEventListener("change", (event) => {
    const file = field.files[0];
    if (!file) return;
    event.stopPropagation(); // the preview asks for it once it has arrived
    if (file.size > Number(box.dataset.most)) {
      field.value = "";
      tell(box.dataset.heavy.replace("%s", (file.size / 2 ** 20).toFixed(1)), true);
      return;
    }
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("file", file);
    request.open("POST", box.dataset.to);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/problem+json");
    request.setRequestHeader("X-CSRFToken", form.querySelector("[name=csrf_token]").value);
    request.upload.addEventListener("progress", ({ loaded, total }) =>
      tell(box.dataset.going.replace("%s", Math.round((100 * loaded) / total))),
    );
    request.addEventListener("load", () => {
      box.removeAttribute("aria-busy");
      if (request.status !== 200) {
        field.value = "";
        tell(request.response?.title ?? box.dataset.failed, true);
        return;
      }
      kept.value = request.response.id;
      field.value = "";
      box.querySelector(".k-field-error:not(.k-upload-said)")?.remove();
      tell(box.dataset.there.replace("%s", file.name));
      look(kept);
    });
    request.addEventListener("error", () => {
      box.removeAttribute("aria-busy");
      tell(box.dataset.failed, true); // the file stays chosen: it still goes with the form
    });
    box.setAttribute("aria-busy", "true");
    request.send(body);
  });
  for (const name of ["dragenter", "dragover"]) box.addEventListener(name, () => box.classList.add("is-over"));
  for (const name of ["dragleave", "drop"]) box.addEventListener(name, () => box.classList.remove("is-over"));
}

// ── the text: variables, what is left of its length, a better variable for one that does not exist ──
function put(field, text, from, to) {
  field.focus();
  field.setRangeText(text, from, to, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

addEventListener("click", (event) => {
  const insert = event.target.closest("[data-insert]");
  if (insert) {
    const field = document.getElementById(insert.dataset.into);
    put(field, insert.dataset.insert, field.selectionStart, field.selectionEnd);
  }
  const replace = event.target.closest("[data-replace]");
  if (replace) {
    const field = document.getElementById(replace.dataset.into);
    const wrong = new RegExp(`[{｛] *${replace.dataset.replace.replace(/[^\p{L}\p{N}]/gu, "\\$&")} *[}｝]`, "u").exec(field.value);
    if (wrong) put(field, `{${replace.dataset.with}}`, wrong.index, wrong.index + wrong[0].length);
  }
});

addEventListener("input", ({ target }) => {
  const count = target.dataset?.count && document.getElementById(target.dataset.count);
  if (count) count.textContent = `${[...target.value].length} / ${count.dataset.most}`;
});

// ── places: dragged, by their corner made larger, or moved with the arrow keys ──
const LEAST = { code: 22, name: 24 };
const MOST = { code: 60, name: 100 };
const round = (number) => Math.round(number * 10) / 10;
const tall = (name, width) => (name === "code" ? width : Math.max(9, width * 0.26));
const limit = (number, least, most) => Math.min(Math.max(number, least), Math.max(least, most));

function place(group, { x, y, width }) {
  const { place: name, shape } = group.dataset;
  const height = 100 * Number(shape);
  width = limit(width, LEAST[name], Math.min(MOST[name], 100 - (x < 0 ? 0 : x)));
  x = limit(x, 0, 100 - width);
  y = limit(y, 0, height - tall(name, width));
  const [box, grip] = group.children;
  const set = (rect, values) => Object.entries(values).forEach(([key, value]) => rect.setAttribute(key, value));
  set(box, { x, y, width, height: tall(name, width) });
  set(grip, { x: x + width - 4, y: y + tall(name, width) - 4 });
  form.elements[`${name}_left`].value = round(x);
  form.elements[`${name}_top`].value = round((100 * y) / height);
  form.elements[`${name}_width`].value = round(width);
}

const placeOf = (group) => {
  const at = (key) => Number(group.firstElementChild.getAttribute(key));
  return { x: at("x"), y: at("y"), width: at("width") };
};

addEventListener("pointerdown", (event) => {
  const group = event.target.closest?.("[data-place]");
  if (!group) return;
  event.preventDefault();
  group.focus();
  const svg = group.ownerSVGElement;
  const scale = 100 / svg.getBoundingClientRect().width;
  const from = placeOf(group);
  const grows = event.target.classList.contains("k-grip");
  const move = ({ clientX, clientY }) => {
    const right = (clientX - event.clientX) * scale;
    const down = (clientY - event.clientY) * scale;
    place(group, grows ? { ...from, width: from.width + right } : { ...from, x: from.x + right, y: from.y + down });
  };
  const stop = () => {
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", stop);
    removeEventListener("pointercancel", stop);
    look(form.elements.code_left);
  };
  addEventListener("pointermove", move);
  addEventListener("pointerup", stop);
  addEventListener("pointercancel", stop);
});

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
let later;
addEventListener("keydown", (event) => {
  const group = event.target.closest?.("[data-place]");
  const step = STEPS[event.key];
  if (!group || !step) return;
  event.preventDefault();
  const { x, y, width } = placeOf(group);
  place(group, event.shiftKey ? { x, y, width: width + step[0] + step[1] } : { x: x + step[0], y: y + step[1], width });
  clearTimeout(later);
  later = setTimeout(() => look(form.elements.code_left), 500);
});
// the preview is drawn anew: the box that was held keeps the focus
let held;
addEventListener("htmx:beforeSwap", () => (held = document.activeElement?.dataset?.place));
addEventListener("htmx:afterSwap", () => held && document.querySelector(`[data-place="${held}"]`)?.focus());
