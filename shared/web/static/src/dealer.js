// Dealer portal: htmx, countdowns, what a phone keeps and sends by itself.
import "./everywhere.js";
import "./hypertext.js";
import "./countdown.js";
import "./store/pulse.js";
import "./store/waiting.js";
import "./store/reports.js";
import "./store/install.js";

// The chosen one of a row of filters stands where one sees it.
document.querySelector(".koi-seg [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
