/* What the worker keeps of this account, shown on the page that it was made on: how much, and where.
   offline.js fetches this as soon as there is something. */
let ask;
let words;
let items = [];
let others = false; // somebody else's words wait on this device, too
let isDrawn = false;
let isStale = false; // of what was sent since, the page shows nothing

const mark = document.createElement("span");
const link = document.createElement("a");
mark.className = "unsent";
mark.setAttribute("role", "status");
link.className = "alone";
link.href = "/offline/";
mark.append(link);

const formOf = (url) => document.querySelector(`form[action="${url}"]`);

// What is stored here is newer than what the server has drawn.
const overlay = ({ url, body }) => {
  const form = formOf(url);
  for (const [name, value] of form ? new URLSearchParams(body) : []) {
    const field = form.elements.namedItem(name);
    if (name === "done") {
      const stone = form.querySelector("[name=done]");
      stone.setAttribute("aria-pressed", value === "1");
      stone.value = value === "1" ? "0" : "1";
    } else if (["line", "answer", "text", "outcome"].includes(name) && field !== document.activeElement) {
      if (field) field.value = value;
    }
  }
};

// What was sent has moved more than its own stone: once all of it is through, the page is drawn anew,
// but not from under somebody who is typing. A reflection goes on from the version that was stored.
const isTyping = () => document.activeElement.matches("input, textarea") || document.querySelector(".htmx-request");
const takeVersion = (html) => {
  const version = new DOMParser().parseFromString(html, "text/html").getElementById("reflection-version");
  if (version) document.getElementById("reflection-version").value = version.value;
  if (version) document.getElementById("reflection-status").textContent = words.saved;
};
const drawSent = ({ url, html }) => {
  const isOfThisDay = document.querySelector(`form[action^="${url.slice(0, 17)}"]`);
  isStale ||= Boolean(isOfThisDay);
  if (formOf(url)) takeVersion(html);
};
const refresh = () => {
  if (isStale && !items.length && !isTyping()) location.reload();
};

const show = () => {
  const open = items.filter(({ reason }) => !reason);
  const count = new Set(open.map(({ url }) => url)).size;
  const label = count || !items.length ? words.unsent : words.refused;
  link.textContent = label.replace("{n}", count || items.length);
  if (items.length) document.querySelector(".bar > div").insertBefore(mark, document.querySelector(".menu-button"));
  else mark.remove();
  for (const field of document.querySelectorAll("[data-unsent]")) delete field.dataset.unsent;
  for (const { url, slot } of open) {
    const field = formOf(url)?.querySelector(`[name=${slot}]:not([type=radio])`);
    if (field) field.dataset.unsent = "";
    if (field && slot === "text") document.getElementById("reflection-status").textContent = words.reflection;
  }
};

export const draw = (data, asker) => {
  ask = asker;
  if (data.sent) drawSent(data.sent);
  if (!data.act) return ask("look");
  ({ items, words, others } = data);
  // Today's own style sheet, whose first visit is weighed, knows nothing of the question at the end.
  if (!isDrawn && data.sheet && !document.querySelector(`link[href="${data.sheet}"]`)) {
    document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: data.sheet }));
  }
  if (!isDrawn) items.forEach(overlay);
  isDrawn = true;
  show();
  refresh();
};

// --- As soon as it may go through, and at the end --------------------------------------------

const again = () => {
  if (items.some(({ reason }) => !reason)) ask("send");
};
addEventListener("online", again);
document.addEventListener("visibilitychange", () => document.hidden || again());
setInterval(again, 30_000);
setInterval(refresh, 3000);

const confirmLeaving = (form) => {
  const dialog = document.createElement("dialog");
  const say = document.createElement("p");
  const [stay, leave] = [document.createElement("button"), document.createElement("button")];
  dialog.className = "leaving";
  say.textContent = words.leave.replace("{n}", items.length);
  stay.textContent = words.stay;
  leave.textContent = words.delete;
  stay.className = "button";
  leave.className = "button button--secondary";
  stay.addEventListener("click", () => dialog.close());
  leave.addEventListener("click", () => end(form));
  dialog.addEventListener("close", () => dialog.remove());
  dialog.append(say, stay, leave);
  document.body.append(dialog);
  dialog.showModal();
};

const end = async (form) => {
  const wiped = new Promise((done) => {
    navigator.serviceWorker.addEventListener("message", ({ data }) => data.act === "wipe" && done());
  });
  await ask("wipe");
  await wiped;
  if (others) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "spare", value: "others" }));
  form.submit();
};

document.addEventListener("submit", (event) => {
  if (!event.target.matches('[action$="/logout/"]') || !(items.length || others)) return;
  event.preventDefault();
  document.querySelector("[popover]:popover-open")?.hidePopover();
  if (items.length) confirmLeaving(event.target);
  else end(event.target);
});
