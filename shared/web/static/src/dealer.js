// Dealer portal: htmx, countdowns.
import "./everywhere.js";
import "./hypertext.js";
import "./countdown.js";

// The chosen one of a row of filters stands where one sees it.
document.querySelector(".koi-seg [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
