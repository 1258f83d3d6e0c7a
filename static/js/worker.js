/* The service worker. It keeps the page that stands in for the others when there is no connection,
   and nothing else of ours; and it keeps what somebody checks off until the server has said yes.
   /sw.js sets SETUP and imports worker-store.js before. docs/offline.md says why it does what it does. */
const { SETUP } = self;
const SHELL = `shell ${SETUP.version} ${SETUP.shell.join(" ")}`;
const KEPT = /^\/days\/[\d-]{10}\/(entries\/[\w-]{36}|reflection)\/$/;
const WANTED = ["done", "line", "answer", "outcome", "text"]; // what a post may change
const PATIENCE = 10_000; // milliseconds for one answer

// --- Sending: one thing after the other, whichever tab or worker asks ----------------------------

const live = new Set(); // ids whose page waits for the answer
const inTurn = (act) => navigator.locks.request("send", act);

const ask = async (url, options) => {
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(url, { redirect: "manual", ...options, signal });
    const { status, ok, type, headers } = answer;
    return { status, ok, isRedirect: type === "opaqueredirect", headers, text: await answer.text() };
  } catch {
    return { status: 0 }; // no connection, or none that carried the whole answer
  }
};

// Whose browser it is now, and a token to post with. Where nobody is logged in, nothing is shown of
// whoever was, until they are again.
const whoIsHere = async () => {
  const answer = await ask(SETUP.account);
  if (answer.isRedirect) await using("about", (store) => store.delete("here"));
  if (!answer.ok) return undefined;
  const here = JSON.parse(answer.text);
  // Clocks of phones are wrong: the server's says which day it is.
  const skew = Date.parse(answer.headers.get("Date")) - Date.now() || 0;
  await using("about", (store) => store.put({ ...here, token: "", skew, at: Date.now() }, "here"));
  return here;
};

const post = (item, token) => ask(item.url, {
  method: "POST",
  body: item.body,
  headers: {
    "Content-Type": "application/x-www-form-urlencoded",
    "HX-Request": "true",
    "HX-Current-URL": item.page,
    "X-CSRFToken": token,
  },
});
const isRefused = ({ status }) => status >= 400 && status < 500 && ![401, 403, 408, 429].includes(status);

// Says what came back; what was saved is no longer kept.
const send = async (item, token) => {
  await put({ ...item, tried: true });
  let answer = await post(item, token);
  if (answer.status === 403) {
    const here = await whoIsHere(); // a login in another tab has made another token
    if (here?.account === item.account) answer = await post(item, here.token);
  }
  if (answer.ok) {
    await remove(item.id);
    const version = answer.text.match(/name="version" value="(\d+)"/)?.[1];
    for (const later of version ? await unsentOf(item.account) : []) {
      if (later.url === item.url) await put({ ...later, body: withVersion(later.body, version) });
    }
  }
  return answer;
};
const withVersion = (body, version) => {
  const fields = new URLSearchParams(body);
  fields.set("version", version);
  return fields.toString();
};

// True while it is worth to go on with the next one.
const sendKept = async (item, token) => {
  const answer = await send(item, token);
  // Not theirs any more, if somebody else has logged in meanwhile: then it waits for its owner.
  const isNo = isRefused(answer) && (await whoIsHere())?.account === item.account;
  if (isNo) await put({ ...item, tried: true, reason: answer.text });
  if (answer.ok) await tell({ url: item.url, html: answer.text });
  return answer.ok || isNo;
};

const sendAll = () => inTurn(async () => {
  if (!(await all()).length) return;
  const here = await whoIsHere();
  if (!here) return;
  for (const { id } of await unsentOf(here.account)) {
    const item = await stored(id); // as it is by now
    if (item && !item.reason && !live.has(id) && !(await sendKept(item, here.token))) break;
  }
}).then(() => tell());

// --- A post of the page: kept first, then sent --------------------------------------------------

const keepAndSend = async ({ request, clientId }) => {
  const body = await request.clone().text();
  const headers = Object.fromEntries(request.headers);
  const slot = WANTED.filter((name) => new URLSearchParams(body).has(name)).join();
  const account = headers["x-account"];
  const page = headers["hx-current-url"] ?? "";
  const { pathname: url } = new URL(request.url);
  let item;
  try {
    item = await keep({ account, url, slot, body, page, at: Date.now() });
  } catch {
    return fetch(request); // no room to keep it: the page says itself what becomes of it
  }
  live.add(item.id);
  const answer = await inTurn(async () => {
    for (const earlier of await unsentOf(account)) {
      const isBefore = earlier.url === url && earlier.id < item.id && !earlier.reason;
      if (isBefore && !(await sendKept(earlier, headers["x-csrftoken"]))) return { status: 0 };
    }
    // By now something newer may have taken its place.
    const latest = await stored(item.id);
    return latest ? send(latest, headers["x-csrftoken"]) : { status: 204, ok: true, text: null };
  }).finally(() => live.delete(item.id));
  if (isRefused(answer)) {
    // Its page says so, with the words still in it; where there is none any more, the list does.
    if (await self.clients.get(clientId)) await remove(item.id);
    else await put({ ...item, tried: true, reason: answer.text });
  }
  if (!answer.ok) await self.registration.sync?.register("send").catch(() => {});
  await tell();
  if (answer.ok || isRefused(answer)) {
    return new Response(answer.text || null, { status: answer.status, headers: answer.headers });
  }
  // Kept. The page need not do anything, but may have a word to say.
  if (answer.status !== 401) return new Response(null, { status: 204 });
  return new Response(answer.text, { headers: { "HX-Retarget": "#toast", "HX-Reswap": "innerHTML" } });
};

// --- The pages --------------------------------------------------------------------------------

const load = async ({ request, preloadResponse }) => {
  try {
    const answer = (await preloadResponse) ?? (await fetch(request));
    if (![502, 504].includes(answer.status)) return answer; // of a proxy without us behind it
  } catch { /* no connection */ }
  return (await caches.match(SETUP.offline)) ?? Response.error();
};

// The pages are told that something changed, and ask for what is theirs.
const tell = async (sent) => {
  for (const client of await self.clients.matchAll()) client.postMessage({ sent });
};

const answerTo = async (client, { act, account: asked, id }) => {
  const here = await about();
  const account = asked ?? here?.account;
  const ours = async () => (account ? unsentOf(account) : []);
  if (act === "drop") for (const item of await ours()) if (item.id === id) await remove(id);
  if (act === "wipe") {
    for (const { id: each } of await ours()) await remove(each);
    await using("about", (store) => store.delete("here"));
  }
  const isOld = !here || here.account !== asked || Date.now() - here.at > 6 * 3600_000;
  if (act === "send" && isOld) await inTurn(whoIsHere);
  if (act === "send") await sendAll();
  const others = (await all()).some((item) => item.account !== account);
  const { page, sheet, words } = SETUP;
  client.postMessage({ act, page, sheet, words, items: await ours(), others, about: await about() });
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.method === "POST" && KEPT.test(pathname) && request.headers.has("X-Account")) {
    const answer = keepAndSend(event);
    event.waitUntil(answer.catch(() => {})); // a page that is closed meanwhile does not end it
    event.respondWith(answer);
  } else if (request.method === "GET" && request.mode === "navigate") {
    event.respondWith(load(event));
  } else if (request.method === "GET" && SETUP.shell.includes(pathname)) {
    event.respondWith(caches.match(pathname).then((found) => found ?? fetch(request)));
  }
});
self.addEventListener("message", (event) => event.waitUntil(answerTo(event.source, event.data)));
self.addEventListener("sync", (event) => event.waitUntil(sendAll()));

self.addEventListener("install", (event) => {
  self.skipWaiting();
  // Without cookies, so that it is the same for everybody.
  const requests = SETUP.shell.map((path) => new Request(path, { credentials: "omit" }));
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(requests)));
});
self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name !== SHELL) await caches.delete(name);
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
})()));
