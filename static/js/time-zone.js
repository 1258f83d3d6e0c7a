/* Offer the time zone that the browser runs in, where nobody has chosen one yet. */
(() => {
  const select = document.querySelector("select[data-detect-time-zone]");
  if (!select) return;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = [...select.options].some((option) => option.value === zone);
  if (!known && zone) select.add(new Option(zone.replaceAll("_", " "), zone));
  if (zone) select.value = zone;
  select.dispatchEvent(new Event("change", { bubbles: true }));
})();
