// After a form comes back with errors, its summary is where reading goes on. Once the form goes out
// again, Back asks for the page anew; sent a second time, the refused post would be an error page.
const summary = document.querySelector("[data-error-summary]");

if (summary) {
  summary.focus();
  addEventListener("submit", () => history.replaceState(null, "", location.href));
}
