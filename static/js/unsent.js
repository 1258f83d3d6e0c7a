/* A plain form sent without a connection: the browser's own page would take the place of the words.
   They stay, and the toast offers to try again. What htmx sends has htmx-forms.js. */
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || navigator.onLine || form.method !== "post") return;
  event.preventDefault();
  const words = document.getElementById("not-sent").content.cloneNode(true);
  const again = words.querySelector("button");
  again.dataset.tryAgain = "";
  again.addEventListener("click", () => form.requestSubmit(submitter));
  document.getElementById("toast").replaceChildren(words);
});
