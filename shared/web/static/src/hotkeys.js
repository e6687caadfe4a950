// Keys that pages give to links and buttons: data-hotkey follows at once, data-hotkey-focus only goes there, so that a
// key alone never decides about people.
addEventListener("keydown", (event) => {
  const held = event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]");
  if (held || document.activeElement.matches("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  if (!/^[a-z]$/.test(event.key)) return;
  const followed = document.querySelector(`[data-hotkey="${event.key}"]`);
  const focused = document.querySelector(`[data-hotkey-focus="${event.key}"]`);
  if (!followed && !focused) return;
  event.preventDefault();
  followed ? followed.click() : focused.focus();
});
