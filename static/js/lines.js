/* A line grows with its words. It comes as an input, which saves on Enter without a script, too; what
   stands in its place here is one line as well: it takes no line end. */
const grow = () => {
  for (const input of document.querySelectorAll(".entry input.input--ruled")) {
    const line = document.createElement("textarea");
    for (const { name, value } of input.attributes) line.setAttribute(name, value);
    line.rows = 1;
    line.value = input.value;
    const hadFocus = input === document.activeElement;
    input.replaceWith(line);
    if (hadFocus) line.focus();
  }
};

const isLine = (field) => field.matches(".entry textarea");

document.addEventListener("beforeinput", (event) => {
  if (event.inputType !== "insertLineBreak" || !isLine(event.target)) return;
  event.preventDefault();
  event.target.dispatchEvent(new Event("change", { bubbles: true }));
});
document.addEventListener("input", ({ target }) => {
  // Pasted
  if (isLine(target) && target.value.includes("\n")) target.value = target.value.replace(/\s*\n\s*/g, " ");
}, true);

// Before htmx looks at the new fields: it starts when all scripts have run, and again after a swap.
grow();
document.addEventListener("htmx:afterSwap", grow);
