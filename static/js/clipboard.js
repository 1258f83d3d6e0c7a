/* Copies the words of a field (data-copy names it), says so in the section around it, and takes what
   was changed in the field into a mailto link (data-mail-body names it). Nothing leaves the page by
   itself. */
const say = (button, words) => {
  button.closest("section").querySelector("[role=status]").textContent = words;
};

for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(field.value);
    say(button, button.dataset.copied);
  } catch {
    // Without https, or not allowed: one key press is left to the person.
    field.focus();
    field.select();
    say(button, button.dataset.notCopied);
  }
});

document.addEventListener("input", ({ target }) => {
  const link = document.querySelector(`[data-mail-body="${target.id}"]`);
  if (!link) return;
  const [start] = link.href.split("&body=");
  const body = encodeURIComponent(target.value.replaceAll(/\r?\n/g, "\r\n"));
  const isTooLong = `${start}&body=${body}`.length > Number(link.dataset.mailLimit);
  if (!isTooLong) link.href = `${start}&body=${body}`;
  link.hidden = isTooLong;
  link.closest("section").querySelector("[data-mail-too-long]").hidden = !isTooLong;
});
