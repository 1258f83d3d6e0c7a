/* A stone answers the finger at once: it shows the wanted state while the post is under way and
   goes back, in words, when the post fails. A second tap within a moment is the same tap. */
const DOUBLE_TAP = 400; // milliseconds
const lastTaps = new Map();
const passing = new Set();

// The stone turns and is painted before htmx takes the post up, which is longer work than a frame of a
// slow phone has room for. A page that is hidden meanwhile paints nothing, and posts all the same.
const painted = () => Promise.race([
  new Promise((done) => requestAnimationFrame(() => setTimeout(done))),
  new Promise((done) => setTimeout(done, 100)),
]);

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[name=done]");
  if (!button || passing.delete(button)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { id, value } = button;
  if (event.timeStamp - lastTaps.get(id) < DOUBLE_TAP) return;
  lastTaps.set(id, event.timeStamp);
  if (button.matches(".stone")) button.setAttribute("aria-pressed", value === "1");
  await painted();
  // An answer to an earlier tap may have put another in its place.
  const latest = button.isConnected ? button : document.getElementById(id);
  if (!latest) return;
  latest.value = value;
  passing.add(latest);
  latest.click();
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
