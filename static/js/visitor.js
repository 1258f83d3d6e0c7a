// The script of the pages in front of the door, which have no htmx.
import "./error-summary.js";
import "./htmx-forms.js";
import "./time-zone.js";
