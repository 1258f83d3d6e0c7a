// One file on the wire: the imports are put in place when static files are collected.
import "./entries.js";
import "./error-summary.js";
import "./focus.js";
import "./htmx-forms.js";
import "./lines.js";
import "./print.js";
import "./reflection.js";
import "./time-zone.js";
import "./toast.js";
