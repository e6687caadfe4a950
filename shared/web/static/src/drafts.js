// Asks before a page is left on which something was changed and not saved: <form data-unsaved="no">. A form that comes
// back from the server with what is not saved yet says data-unsaved="yes".
let changed = false;
let sent = false;

const within = (event) => event.target instanceof Element && event.target.closest("form[data-unsaved]") !== null;

addEventListener("input", (event) => {
  if (within(event)) changed = true;
});
addEventListener("submit", (event) => {
  if (within(event)) sent = true;
});
addEventListener("beforeunload", (event) => {
  const waits = changed || document.querySelector("form[data-unsaved='yes']") !== null;
  if (waits && !sent) event.preventDefault();
});

// Points go up and down by the arrow keys, with Shift by ten.
addEventListener("keydown", (event) => {
  const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  const field = event.target instanceof Element && event.target.closest("input[data-step]");
  if (!step || !field || !/^\s*[-+\u2212]?\d+\s*$/.test(field.value)) return;
  event.preventDefault();
  field.value = String(Number(field.value.replace("\u2212", "-")) + step * (event.shiftKey ? 10 : 1));
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
});
