// The dealer portal's service worker: the portal opens without network. It keeps built files, one page that names nobody,
// and for the person who is signed in the pages that the server marks (twelve hours at most). Everything else always
// comes from the network. Signing out, an ended sign-in or another person clears what was kept.
import { flush } from "./store/outbox.js";

const BUILT = "koi-built-1";
const KEPT = "koi-kept-1";
const HOURS = 12;
const MOST = 40;
const MARK = "X-Koi-Keep";
const AT = "X-Koi-Kept-At";
const root = new URL(self.registration.scope).pathname.replace(/\/$/, "");
const shell = `${root}/offline?lang=${new URL(location.href).searchParams.get("speaks") ?? "zh"}`;

self.addEventListener("install", (event) => event.waitUntil(prepare().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(tidy().then(() => self.clients.claim())));

async function prepare() {
  const cache = await caches.open(BUILT);
  const page = await fetch(shell, { cache: "no-store", credentials: "omit" });
  const text = await page.clone().text();
  await cache.put(shell, page);
  const files = [...text.matchAll(/(?:href|src)="([^"#]+\/static\/[^"#]+)/g)].map((found) => found[1].replaceAll("&amp;", "&"));
  await Promise.allSettled([...new Set(files)].map((file) => cache.add(file)));
}

async function tidy() {
  for (const name of await caches.keys()) if (name.startsWith("koi-") && ![BUILT, KEPT].includes(name)) await caches.delete(name);
}

const forget = () => caches.delete(KEPT);

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin || !url.pathname.startsWith(`${root}/`)) return;
  if (request.method === "POST" && url.pathname === `${root}/sign-out`) event.waitUntil(forget());
  if (request.method !== "GET") return;
  if (url.pathname.startsWith(`${root}/static/`) && url.searchParams.has("v")) event.respondWith(built(request));
  else if (request.mode === "navigate") event.respondWith(page(event, request));
  else if (request.headers.has("HX-Request")) event.respondWith(fragment(event, request));
});

async function built(request) {
  const cache = await caches.open(BUILT);
  const known = await cache.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

async function page(event, request) {
  try {
    const answer = await fetch(request);
    if (answer.status >= 502) throw new Error("gateway");
    event.waitUntil(remember(request.url, answer.clone()));
    return answer;
  } catch {
    return without(new URL(request.url));
  }
}

// The first page renews itself in place; the copy must not stay behind.
async function fragment(event, request) {
  const answer = await fetch(request);
  event.waitUntil(remember(request.url, answer.clone()));
  return answer;
}

async function remember(address, answer) {
  if (new URL(answer.url || address).pathname === `${root}/sign-in`) return forget();
  const person = answer.headers.get(MARK);
  if (!person || !answer.ok) return undefined;
  const cache = await caches.open(KEPT);
  const [known] = await cache.keys();
  if (known && (await cache.match(known)).headers.get(MARK) !== person) await forget();
  const headers = new Headers(answer.headers);
  headers.set(AT, String(Date.now()));
  headers.delete("Set-Cookie");
  const kept = await caches.open(KEPT);
  await kept.put(plain(address), new Response(await answer.blob(), { headers }));
  const keys = await kept.keys();
  for (const old of keys.slice(0, Math.max(0, keys.length - MOST))) await kept.delete(old);
  return undefined;
}

/** An address without what only this visit needed. */
function plain(address) {
  const url = new URL(address);
  url.hash = "";
  for (const name of ["mend", "lang", "source"]) url.searchParams.delete(name);
  if (url.pathname === `${root}/`) url.pathname = `${root}/inbox`;
  return url.href;
}

async function without(url) {
  const kept = await caches.open(KEPT);
  const blank = /\/leads\/[0-9a-f-]{36}\/follow-up$/.test(url.pathname) ? `${url.origin}${root}/leads/follow-up` : null;
  for (const address of [plain(url), blank].filter(Boolean)) {
    const found = await kept.match(address);
    if (!found) continue;
    if (Date.now() - Number(found.headers.get(AT)) < HOURS * 3_600_000) return asKept(found);
    await kept.delete(address);
  }
  return (await (await caches.open(BUILT)).match(shell)) ?? Response.error();
}

/** A kept page says of itself that it is one, before any script runs. */
async function asKept(found) {
  const text = await found.text();
  return new Response(text.replace("<html ", "<html data-offline "), { headers: found.headers });
}

// Pages ask to keep what they will need without network.
self.addEventListener("message", (event) => {
  if (event.data?.forget) event.waitUntil(forget());
  for (const address of event.data?.keep ?? []) {
    event.waitUntil(
      (async () => {
        const known = await (await caches.open(KEPT)).match(new URL(address, location.origin).href);
        if (known && Date.now() - Number(known.headers.get(AT)) < 3_600_000) return;
        const url = new URL(address, location.origin).href;
        await remember(url, await fetch(url, { headers: { Accept: "text/html" } }));
      })().catch(() => {}),
    );
  }
});

self.addEventListener("sync", (event) => {
  if (event.tag === "koi-outbox") event.waitUntil(flush(root));
});
