/* A line that grows takes no list of the browser's: the names that fit what is being typed stand
   below it as buttons. */
const MOST = 3;
const list = document.getElementById("names");
const names = [...list.options].map(({ value }) => value);
const plain = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

const box = document.createElement("div");
box.className = "entry__answer";
box.role = "group";
box.ariaLabel = list.dataset.label;
let line;

const wordBefore = () => line.value.slice(0, line.selectionEnd).match(/[^\s,;:]+$/u)?.[0] ?? "";
const fits = (name, word) =>
  plain(name).split(/\s/).some((part) => part.startsWith(word)) && !plain(line.value).includes(plain(name));

const take = (name) => {
  const end = line.selectionEnd;
  line.setRangeText(name, end - wordBefore().length, end, "end");
  line.focus();
  line.dispatchEvent(new Event("input", { bubbles: true }));
};

const buttonFor = (name) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--quiet";
  button.textContent = name;
  button.addEventListener("click", () => take(name));
  return button;
};

document.addEventListener("input", ({ target }) => {
  if (!target.matches("textarea[list=names]")) return;
  line = target;
  const word = plain(wordBefore());
  const found = word.length > 1 ? names.filter((name) => fits(name, word)).slice(0, MOST) : [];
  box.replaceChildren(...found.map(buttonFor));
  if (found.length) line.nextElementSibling.after(box);
  else box.remove();
});
// A tap on a name leaves the line its focus, and so the keyboard of a phone stays up.
box.addEventListener("pointerdown", (event) => event.preventDefault());
document.addEventListener("focusin", ({ target }) => {
  if (target !== line && !box.contains(target)) box.remove();
});
document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape") box.remove();
});
