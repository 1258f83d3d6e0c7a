/* What has the focus may go away: an entry that is removed, a toast that was answered. Then the focus
   goes on to what took its place, never to the top of the page. */
let held; // what had the focus before something went
let practice; // where that stood, when it stood in an entry
let place;
let before; // what had the focus last, outside of the toast

const entriesOf = (section) => (section ? [...section.querySelectorAll(".entry")] : []);

const hold = () => {
  held = document.activeElement;
  practice = held.closest(".practice");
  place = entriesOf(practice).indexOf(held.closest(".entry"));
};

const handOn = () => {
  if (document.activeElement !== document.body || !held || held.isConnected) return;
  const named = document.getElementById(held.closest("[data-then]")?.dataset.then);
  const entries = entriesOf(practice);
  const entry = entries[place] ?? entries.at(-1);
  const next = named ?? entry?.querySelector(".entry__line, .entry--more button") ?? before;
  next?.focus();
};

document.addEventListener("focusin", ({ target }) => {
  if (!target.closest("#toast")) before = target;
});
document.addEventListener("htmx:beforeSwap", hold);
document.addEventListener("htmx:afterSettle", handOn);
document.addEventListener("toast:clear", () => {
  hold();
  document.getElementById("toast")?.replaceChildren();
  handOn();
});
