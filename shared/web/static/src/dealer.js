// Dealer portal: htmx without eval, countdowns.
import htmx from "htmx.org";
import "./everywhere.js";
import "./countdown.js";

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
window.htmx = htmx;
