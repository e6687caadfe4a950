// Public pages: only what every page has.
import "./everywhere.js";
import "./try-api.js";
import "./countdown.js";
import "./code.js";
