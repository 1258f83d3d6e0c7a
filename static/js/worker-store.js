/* What the worker keeps on this device, in IndexedDB. It stands in front of worker.js, in /sw.js. */

let opened;
const open = () => (opened ??= new Promise((done, fail) => {
  const ask = indexedDB.open("offline", 1);
  ask.onupgradeneeded = () => {
    ask.result.createObjectStore("unsent", { keyPath: "id", autoIncrement: true });
    ask.result.createObjectStore("about");
  };
  ask.onsuccess = () => {
    // A newer worker may change the stores; this one opens them again then.
    ask.result.onversionchange = () => {
      ask.result.close();
      opened = undefined;
    };
    done(ask.result);
  };
  ask.onerror = () => fail(ask.error);
}).catch((error) => {
  opened = undefined;
  throw error;
}));

// Strict: on the disk, and not only on its way there, before anybody is told that it is kept.
const using = async (name, act) => {
  const transaction = (await open()).transaction(name, "readwrite", { durability: "strict" });
  const request = act(transaction.objectStore(name));
  return new Promise((done, fail) => {
    transaction.oncomplete = () => done(request.result);
    transaction.onabort = () => fail(transaction.error);
  });
};
const all = () => using("unsent", (store) => store.getAll());
const stored = (id) => using("unsent", (store) => store.get(id));
const put = (item) => using("unsent", (store) => store.put(item));
const remove = (id) => using("unsent", (store) => store.delete(id));
const about = () => using("about", (store) => store.get("here"));
const unsentOf = async (account) => (await all()).filter((item) => item.account === account);

// What is wanted now takes the place of what was wanted before. A reflection that may have arrived
// stays before the one that was written since: the server has to know it again.
const keep = async (item) => {
  const same = (await unsentOf(item.account)).filter(({ url, slot, reason }) =>
    url === item.url && slot === item.slot && !reason);
  // "One more" gets its next id from the server, and here from us.
  const isMore = same.length && /\bmore=1\b/.test(item.body);
  const url = isMore ? item.url.replace(/[\w-]{36}/, crypto.randomUUID()) : item.url;
  for (const { id, tried } of isMore ? [] : same) {
    if (!(tried && item.slot === "text")) await remove(id);
  }
  return { ...item, url, id: await put({ ...item, url }) };
};
