// Headquarters: htmx, "/" to search, tick all rows.
import "./everywhere.js";
import "./hypertext.js";
import "./tables.js";
import "./imports.js";
import "./drafts.js";
import "./hotkeys.js";
import "./lines.js";
import "./notices.js";

addEventListener("keydown", (event) => {
  const search = document.querySelector("[data-list-search]") ?? document.getElementById("q");
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
  if (event.key === "/" && search && !typing) {
    event.preventDefault();
    search.focus();
  }
});

addEventListener("change", (event) => {
  const all = event.target.closest("[data-tick-all]");
  if (!all) return;
  for (const box of all.closest("table").querySelectorAll("tbody input[type=checkbox]")) box.checked = all.checked;
});
