// The script of every page behind the door: htmx, as the package django-htmx ships it, and ours, one
// file on the wire. The imports are put in place when static files are collected.
import "../django_htmx/htmx-2.min.js";
import "./entries.js";
import "./error-summary.js";
import "./focus.js";
import "./htmx-forms.js";
import "./lines.js";
import "./offline.js";
import "./reflection.js";
import "./toast.js";
import "./unchanged.js";
