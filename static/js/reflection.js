/* A save whose answer was lost may be stored. It is sent once more as it was, which the server knows
   again, and only then what was written since: otherwise that would meet its own beginning and take
   it for another tab's. */
let lost; // the text that was sent
const isReflection = (event) => event.detail.elt.id === "reflection-text";

document.addEventListener("htmx:configRequest", (event) => {
  if (isReflection(event) && lost !== undefined) event.detail.parameters.text = lost;
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (!isReflection(event)) return;
  const { elt, xhr, requestConfig } = event.detail;
  if (!xhr.status || xhr.status >= 500) {
    lost = requestConfig.parameters.text;
  } else if (lost !== undefined && [200, 409, 422].includes(xhr.status)) {
    const isOld = lost !== elt.value;
    lost = undefined;
    if (isOld) elt.dispatchEvent(new Event("change", { bubbles: true }));
  }
});
