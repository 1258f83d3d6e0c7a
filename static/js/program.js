// What only the other pages need, beside app.js; Today, whose first visit is weighed, goes without.
import "./clipboard.js";
import "./live.js";
import "./print.js";
import "./share.js";
import "./time-zone.js";
import "./unsent.js";
