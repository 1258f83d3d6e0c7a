// After a form comes back with errors, its summary is where reading goes on.
const readSummary = () => document.querySelector("[data-error-summary]")?.focus();

readSummary();
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.matches("[data-error-summary], :has([data-error-summary])")) readSummary();
});
