/* A stone answers the finger at once: it shows the wanted state while the post is under way and
   goes back, in words, when the post fails. A second tap within a moment is the same tap. */
(() => {
  const DOUBLE_TAP = 400; // milliseconds
  const lastTap = new WeakMap();

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || button.name !== "done") return;
    const place = button.closest("section") || document.body;
    if (event.timeStamp - (lastTap.get(place)?.[button.id] ?? -DOUBLE_TAP) < DOUBLE_TAP) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    lastTap.set(place, { ...lastTap.get(place), [button.id]: event.timeStamp });
  }, true);

  const stoneOf = (event) => {
    const form = event.detail.elt;
    const asked = event.detail.requestConfig?.parameters.done;
    return form.matches("form.entry") && asked ? form.querySelector(".stone") : null;
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
    });
  }
})();
