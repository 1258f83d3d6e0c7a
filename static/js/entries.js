/* A stone answers the finger at once: it shows the wanted state while the post is under way and
   goes back, in words, when the post fails. A second tap within a moment is the same tap. */
const DOUBLE_TAP = 400; // milliseconds
const lastTaps = new Map();

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.name !== "done") return;
  const isDouble = event.timeStamp - lastTaps.get(button.id) < DOUBLE_TAP;
  if (isDouble) {
    event.preventDefault();
    event.stopImmediatePropagation();
  } else {
    lastTaps.set(button.id, event.timeStamp);
  }
}, true);

// Enter on an outcome submits its form by the button that saves, but the outcome goes by itself.
document.addEventListener("htmx:confirm", (event) => {
  if (event.detail.triggeringEvent?.submitter?.name === "save") event.preventDefault();
});

const stoneOf = (event) => {
  const form = event.detail.elt;
  const asked = event.detail.requestConfig?.parameters.done;
  return asked ? form.querySelector(".stone") : null;
};

document.addEventListener("htmx:beforeRequest", (event) => {
  const stone = stoneOf(event);
  if (!stone) return;
  const placed = event.detail.requestConfig.parameters.done === "1";
  stone.setAttribute("aria-pressed", placed);
  stone.value = placed ? "0" : "1";
});

for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    const stone = stoneOf(event);
    if (!stone) return;
    const wanted = event.detail.requestConfig.parameters.done;
    stone.setAttribute("aria-pressed", wanted === "0");
    stone.value = wanted;
    lastTaps.delete(stone.id);
  });
}
