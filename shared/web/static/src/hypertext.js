// htmx without eval and without styles of its own. A refusal is a whole page: it takes the place of this one,
// but for what stands in a [data-quiet].
import htmx from "htmx.org";

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
// what a chart gives its box is no attribute to carry over: the policy forbids styles in attributes
htmx.config.attributesToSettle = ["class", "width", "height"];
window.htmx = htmx;

addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status < 400) return;
  if (event.detail.requestConfig.elt.closest("[data-quiet]")) return; // a preview: the page with what is written stays
  event.detail.shouldSwap = true;
  event.detail.target = document.body;
  event.detail.swapOverride = "innerHTML";
});

// Forms that htmx sends by itself carry the page's token too.
addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector("input[name=csrf_token]");
  if (token) event.detail.headers["X-CSRFToken"] = token.value;
});
