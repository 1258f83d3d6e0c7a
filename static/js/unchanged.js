/* A stone that shows already what an answer says stays. To put it in anew, with the focus on it, takes a
   slow phone several frames, and the next tap waits. */
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { target, xhr } = detail;
  if (target.matches(".stone") && xhr.responseText.includes(target.outerHTML.split(">")[0])) detail.swapOverride = "none";
});
