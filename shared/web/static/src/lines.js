// A button with data-add-line="name of a text field" puts its data-line there as a line of its own, once.
addEventListener("click", (event) => {
  const button = event.target.closest("[data-add-line]");
  const field = button && document.getElementById(button.dataset.addLine);
  if (!field) return;
  const lines = field.value.split("\n").map((line) => line.trim()).filter(Boolean);
  if (!lines.includes(button.dataset.line)) lines.push(button.dataset.line);
  field.value = lines.join("\n");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
