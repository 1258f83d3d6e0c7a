/* A stone that shows already what an answer says stays. To put it in anew, with the focus on it, takes a
   slow phone several frames, and the next tap waits. */
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const [tag] = detail.target.outerHTML.match(/^<button class="stone".+?>/) ?? [];
  if (tag && detail.xhr.responseText.includes(tag)) detail.swapOverride = "none";
});
