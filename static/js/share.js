/* Hands the words of a field (data-share names it) to the device's own share sheet. Where there is
   none, there is no button. Nothing is sent or logged by the page. */
for (const button of document.querySelectorAll("[data-share]")) button.hidden = !navigator.share;

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-share]");
  if (!button) return;
  try {
    await navigator.share({ text: document.getElementById(button.dataset.share).value });
  } catch (error) {
    // Closing the sheet is an answer too.
    if (error.name === "AbortError") return;
    button.closest("section").querySelector("[role=status]").textContent = button.dataset.notShared;
  }
});
