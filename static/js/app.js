// One file on the wire: the imports are put in place when static files are collected.
import "./entries.js";
import "./error-summary.js";
import "./htmx-forms.js";
import "./time-zone.js";
import "./toast.js";
