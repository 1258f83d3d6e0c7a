/* Offer the time zone that the browser runs in, where nobody has chosen one yet. */
const select = document.querySelector("select[data-detect-time-zone]");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

if (select && zone) {
  // Browsers may use an older name, such as Asia/Calcutta; the server knows both.
  const isListed = [...select.options].some((option) => option.value === zone);
  if (!isListed) select.add(new Option(zone.replaceAll("_", " "), zone));
  select.value = zone;
}
