// Reports that wait on this phone for the network: sealed with a key that never leaves the browser, each for the person
// who wrote it. Whoever signs in next can neither read nor send them. Used by pages and by the service worker.
const DAYS = 14;
const tell = (request) =>
  new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });

/** Whether this browser can keep reports: only https pages get keys. */
export const able = Boolean(globalThis.isSecureContext && globalThis.indexedDB && globalThis.crypto?.subtle);

let opened;
function base() {
  opened ??= new Promise((done, failed) => {
    const request = indexedDB.open("koi-store", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("keys");
      request.result.createObjectStore("reports", { keyPath: "id" });
    };
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  return opened;
}

const store = async (name, mode = "readonly") => (await base()).transaction(name, mode).objectStore(name);

async function keyOf(person) {
  const known = await tell((await store("keys")).get(person));
  if (known) return known;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  try {
    await tell((await store("keys", "readwrite")).add(made, person));
    return made;
  } catch {
    return tell((await store("keys")).get(person)); // another tab was first
  }
}

const bound = (id) => new TextEncoder().encode(id);

async function seal(person, id, value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(JSON.stringify(value));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bound(id) }, await keyOf(person), plain);
  return { iv, sealed };
}

async function open(row) {
  const { id, iv, sealed } = row;
  try {
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: bound(id) }, await keyOf(row.person), sealed);
    return { ...row, report: JSON.parse(new TextDecoder().decode(plain)) };
  } catch {
    return null; // its key is gone
  }
}

/** Keep a report: `{lead, name, says, fields}`. State is `waiting` until the server has answered. */
export async function add(person, id, report) {
  const row = { id, person, at: Date.now(), state: "waiting", ...(await seal(person, id, report)) };
  await tell((await store("reports", "readwrite")).put(row));
  return row;
}

/** A person's reports, the oldest first, opened. What nobody sent for two weeks goes. */
export async function list(person) {
  const rows = await tell((await store("reports")).getAll());
  const old = Date.now() - DAYS * 86_400_000;
  for (const row of rows) if (row.at < old) await drop(row.id);
  const own = rows.filter((row) => row.person === person && row.at >= old).sort((a, b) => a.at - b.at);
  return (await Promise.all(own.map(open))).filter(Boolean);
}

/** Note what became of a report: `{state: "refused", code, title, detail}`. */
export async function mark(id, changes) {
  const reports = await store("reports", "readwrite");
  const row = await tell(reports.get(id));
  if (row) await tell(reports.put({ ...row, ...changes }));
}

export const drop = async (id) => tell((await store("reports", "readwrite")).delete(id));

/** Forget a person on this phone: their reports and the key to them. */
export async function forget(person) {
  for (const { id } of await list(person)) await drop(id);
  await tell((await store("keys", "readwrite")).delete(person));
}
