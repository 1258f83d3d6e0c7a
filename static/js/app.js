// Today's script, whose first visit is weighed; the imports are put in place when static files are
// collected.
import "./entries.js";
import "./error-summary.js";
import "./focus.js";
import "./htmx-forms.js";
import "./lines.js";
import "./reflection.js";
import "./toast.js";
