/* What every htmx post needs: the CSRF token as it is now (a login in another tab renews it), and a
   word in the toast when the network gives no answer. What was typed stays on the page. */
(() => {
  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.cookie.match(/(?:^|; )(?:__Host-)?csrf=([^;]+)/);
    if (!token) return;
    event.detail.headers["X-CSRFToken"] = token[1];
    delete event.detail.parameters.csrfmiddlewaretoken;
  });

  for (const failure of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, (event) => {
      const toast = document.getElementById("toast");
      const words = document.getElementById("not-sent");
      const again = words.content.cloneNode(true);
      again.querySelector("button").addEventListener("click", () => {
        toast.replaceChildren();
        const { elt } = event.detail;
        if (elt.matches("form")) elt.requestSubmit(elt.querySelector("[name=done]"));
        else elt.dispatchEvent(new Event("change", { bubbles: true }));
      });
      toast.replaceChildren(again);
    });
  }
})();
