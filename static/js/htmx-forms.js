/* What a post needs: the CSRF token as it is now, because a login in another tab renews it. And what
   a post that was not answered leaves: words on the page that are not saved. The toast says so and
   offers to try again; fields also go by themselves, as soon as one thing gets through again. */
const unsent = new Set(); // fields, buttons, and the forms of taps
const underWay = new Set();
const token = () => document.cookie.match(/(?:^|; )(?:__Host-)?csrf=([^;]+)/)?.[1];

document.addEventListener("submit", (event) => {
  const field = event.target.elements.csrfmiddlewaretoken;
  if (field && token()) field.value = token();
}, true);

document.addEventListener("htmx:configRequest", (event) => {
  if (!token()) return;
  event.detail.headers["X-CSRFToken"] = token();
  delete event.detail.parameters.csrfmiddlewaretoken;
});

const send = (elt) => {
  if (underWay.has(elt)) return;
  if (!elt.isConnected || (elt.type === "radio" && !elt.checked)) {
    unsent.delete(elt);
    return;
  }
  underWay.add(elt);
  // A click, because htmx goes by it to know the button.
  if (elt.matches("form")) elt.querySelector("[name=done]").click();
  else if (elt.matches("button")) elt.click();
  else elt.dispatchEvent(new Event("change", { bubbles: true }));
};
const sendFields = () => [...unsent].filter((elt) => !elt.matches("form, button")).forEach(send);

// Refused, and so it would be again.
const isRefused = ({ status }) => status && status < 500 && ![401, 403, 429].includes(status);

const keep = (event) => {
  const { elt, xhr } = event.detail;
  underWay.delete(elt);
  if (isRefused(xhr)) {
    unsent.delete(elt);
    return;
  }
  const toast = document.getElementById("toast");
  const words = document.getElementById("not-sent").content.cloneNode(true);
  if (toast.contains(elt)) {
    elt.dataset.failed = "";
    if (!xhr.status) toast.querySelector("span").replaceWith(words.querySelector("span"));
    return;
  }
  unsent.add(elt);
  const again = words.querySelector("button");
  again.dataset.tryAgain = "";
  again.addEventListener("click", () => [...unsent].forEach(send));
  if (xhr.status) toast.append(again);
  else toast.replaceChildren(words);
};
for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(failure, keep);
}

// An Undo that failed stays in the toast, to be pressed again: only the words beside it change.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!detail.isError || isRefused(detail.xhr)) return;
  const words = detail.requestConfig.elt.closest("#toast")?.querySelector("span");
  if (words) Object.assign(detail, { target: words, swapOverride: "outerHTML" });
});

document.addEventListener("htmx:afterRequest", (event) => {
  underWay.delete(event.detail.elt);
  if (!event.detail.successful) return;
  unsent.delete(event.detail.elt);
  sendFields();
  if (!unsent.size && document.querySelector("#toast [data-try-again]")) {
    document.dispatchEvent(new Event("toast:clear"));
  }
});
window.addEventListener("online", sendFields);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) sendFields();
});
