// Asks before a page is left on which something was changed and not saved: <form data-unsaved>. A form that came back
// with something to correct is unsaved from the beginning: <form data-unsaved="yes">.
let unsaved = document.querySelector("form[data-unsaved='yes']") !== null;

const within = (event) => event.target instanceof Element && event.target.closest("form[data-unsaved]") !== null;

addEventListener("input", (event) => {
  if (within(event)) unsaved = true;
});
addEventListener("submit", (event) => {
  if (within(event)) unsaved = false;
});
addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});
