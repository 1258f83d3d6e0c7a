// Asks again every 15 seconds for what [data-live] shows, while somebody looks at it. What does not
// get through is no news and asked again; what is refused says so once, in the toast.
const EVERY = 15_000; // milliseconds
const live = () => document.querySelector("[data-live]");
const ask = () => {
  if (!document.hidden) live()?.dispatchEvent(new Event("live"));
};

if (live()) {
  setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);
}

const isOurs = ({ target }) => target.matches?.("[data-live]");
for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  // Before htmx-forms.js, which keeps words that were not sent: here are none.
  document.addEventListener(failure, (event) => {
    if (isOurs(event)) event.stopPropagation();
  }, true);
}
document.addEventListener("htmx:beforeSwap", ({ target, detail }) => {
  if (!isOurs({ target: detail.requestConfig.elt }) || !detail.isError) return;
  if (detail.xhr.status >= 500) detail.shouldSwap = false;
  else delete detail.requestConfig.elt.dataset.live;
});
