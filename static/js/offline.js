/* The service worker keeps what is not sent. A page asks it whether there is something of its own
   account, and fetches the script that shows it (not-sent.js) only then. */
const { account } = document.body.dataset;
const worker = account && navigator.serviceWorker;

if (worker) {
  const ask = (act) => worker.ready.then(({ active }) => active.postMessage({ act, account }));
  let draw;
  worker.addEventListener("message", async ({ data }) => {
    if (!draw && (data.items?.length || data.others)) ({ draw } = await import(data.page));
    if (draw) draw(data, ask);
    else if (!data.act) ask("look");
  });
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    detail.headers["X-Account"] = account;
  });
  worker.register("/sw.js").then(() => ask("send"), () => {});
}

// It sends one post after the other, too. Without it the page does: else the answer to an earlier tap
// may come last, and draw what was before.
let last = Promise.resolve();
document.addEventListener("htmx:beforeSend", ({ detail: { xhr } }) => {
  if (worker?.controller) return;
  xhr.send = (body) => {
    last = last.then(() => new Promise((done) => {
      xhr.addEventListener("loadend", done);
      XMLHttpRequest.prototype.send.call(xhr, body);
    })).catch(() => {});
  };
});
