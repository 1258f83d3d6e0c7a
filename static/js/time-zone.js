/* Offer the time zone that the browser runs in, where nobody has chosen one yet. */
const select = document.querySelector("select[data-detect-time-zone]");
const browsers = Intl.DateTimeFormat().resolvedOptions().timeZone;

if (select && browsers) {
  // Browsers may go by an older name, such as Asia/Calcutta, or by one that is newer than our list.
  const zone = JSON.parse(select.dataset.detectTimeZone)[browsers] ?? browsers;
  const isListed = [...select.options].some((option) => option.value === zone);
  if (!isListed) select.add(new Option(zone.replaceAll("_", " "), zone));
  select.value = zone;
}
