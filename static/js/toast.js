/* A toast that offers something leaves after a while, but not from under a finger or the focus, and
   not while words are unsaved. */
const STAY = 8000; // milliseconds
let timer;

const clear = () => document.dispatchEvent(new Event("toast:clear"));
const isHeld = (box) => box.matches(":hover, :focus-within, :has([data-try-again], [data-failed])");

const wait = () => {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const box = document.getElementById("toast");
    if (!box?.firstElementChild) return;
    if (isHeld(box)) wait();
    else clear();
  }, STAY);
};

document.addEventListener("htmx:afterSettle", wait);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") clear();
});
