// Dealer portal: htmx, countdowns.
import "./everywhere.js";
import "./hypertext.js";
import "./countdown.js";
