// The first step of an import: a file dropped where the field is, its name, and how far the upload is.
const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

addEventListener("change", ({ target }) => {
  const place = target.closest?.("[data-drop]");
  if (!place || target.type !== "file") return;
  const [file] = target.files;
  const name = place.querySelector("[data-drop-name]");
  name.textContent = file ? `${file.name} · ${size(file.size)}` : name.dataset.empty;
  place.classList.toggle("k-drop-full", Boolean(file));
});

for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
  addEventListener(kind, (event) => {
    const place = event.target.closest?.("[data-drop]");
    if (kind === "dragover" || kind === "drop") event.preventDefault(); // a file beside the field must not replace the page
    place?.classList.toggle("k-drop-over", kind === "dragenter" || kind === "dragover");
    if (kind !== "drop" || !place || !event.dataTransfer.files.length) return;
    const field = place.querySelector("input[type=file]");
    field.files = event.dataTransfer.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

addEventListener("htmx:xhr:progress", ({ target, detail }) => {
  const bar = target.closest?.("[data-upload]")?.querySelector("[data-drop-bar]");
  if (!bar || !detail.lengthComputable) return;
  bar.hidden = false;
  bar.value = (100 * detail.loaded) / detail.total;
});
