/* The page that stands in for the others: what is put down on it goes the way that a stone of Today
   goes, and the worker keeps it; and all that waits here, with the reason of what was not taken. */
const { serviceWorker: worker } = navigator;
const keep = document.getElementById("keep");
const list = document.getElementById("unsent");
const item = document.getElementById("unsent-item");
const said = new Map([...document.querySelectorAll("[data-word]")].map(({ dataset, textContent }) => [
  dataset.word, textContent,
]));
const say = (word) => (document.getElementById("unsent-status").textContent = said.get(word));
const ask = (act, id) => worker.ready.then(({ active }) => active.postMessage({ act, id }));
const dateOf = (day) => new Date(`${day}T12:00`).toLocaleDateString(document.documentElement.lang, {
  weekday: "long", month: "long", day: "numeric",
});
const show = (selector, isShown) => {
  for (const element of document.querySelectorAll(selector)) element.hidden = !isShown;
};

let about;
const today = () => {
  const now = Date.now() + about.skew;
  return about.days.find(([, begins, ends]) => begins <= now && now < ends)?.[0];
};

const wordsOf = (body) => {
  const fields = new URLSearchParams(body);
  const words = ["line", "answer", "text"].map((name) => fields.get(name)).filter(Boolean);
  return words.join(" · ") || said.get(fields.get("outcome") ?? fields.get("done")) || "";
};

const drawItem = ({ id, url, body, reason }) => {
  const drawn = item.content.cloneNode(true);
  const [, day] = url.match(/days\/([\d-]+)\//);
  drawn.querySelector("b").textContent = said.get(new URLSearchParams(body).get("practice") ?? "reflection");
  drawn.querySelector("time").textContent = dateOf(day);
  drawn.querySelector(".unsent-list__words").textContent = wordsOf(body);
  if (!reason) return drawn;
  const page = new DOMParser().parseFromString(reason, "text/html").body;
  const words = page.querySelector("span") ?? page.firstChild;
  drawn.querySelector(".unsent-list__reason").hidden = drawn.querySelector(".row").hidden = false;
  drawn.querySelector(".unsent-list__reason span").textContent = words.textContent.trim();
  drawn.querySelector("[data-copy-words]").addEventListener("click", async () => {
    await navigator.clipboard.writeText(wordsOf(body));
    say("copied");
  });
  drawn.querySelector("[data-drop]").addEventListener("click", () => ask("drop", id));
  return drawn;
};

const draw = ({ act, items, about: here }) => {
  if (!act) return ask("look");
  const had = list.querySelectorAll("li").length;
  about = here;
  const day = about && today();
  keep.hidden = !day;
  document.getElementById("keep-closed").hidden = !about || Boolean(day);
  if (day) keep.querySelector("time").textContent = dateOf(day);
  show("[data-nobody]", !about);
  list.hidden = !items.length;
  list.querySelector("[data-count]").textContent = items.length;
  list.querySelector("ul").replaceChildren(...items.map(drawItem));
  if (had && !items.length) say("sent");
};

const send = async (form) => {
  const day = today();
  const fields = { enrollment: about.enrollment, practice: form.dataset.practice, done: "1" };
  const body = new URLSearchParams({ ...fields, line: form.elements.line.value.trim() });
  const headers = { "X-Account": about.account, "HX-Request": "true" };
  await fetch(`/days/${day}/entries/${crypto.randomUUID()}/`, { method: "POST", body, headers });
  form.reset();
  say("kept");
};

document.addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.target);
});

if (worker) {
  worker.addEventListener("message", ({ data }) => draw(data));
  worker.startMessages();
  addEventListener("online", () => ask("send"));
  setInterval(() => ask("send"), 30_000);
  ask("send");
  const isHere = () => fetch("/health/live").then(({ ok }) => ok, () => false);
  isHere().then((isThere) => {
    show("[data-away]", !isThere);
    show("[data-here]", isThere);
  });
}
