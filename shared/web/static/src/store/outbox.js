// Sends what waits, in the order in which it was written. Each report has its own id, so the server stores it once,
// however often it is sent. Used by pages and by the service worker.
import { able, drop, list, mark } from "./kept.js";

const JSON_ONLY = { Accept: "application/json" };
// Another try may do; everything else is refused for good and must not hold up what was written after it.
const LATER = new Set([401, 408, 425, 429]);

const alone = (work) =>
  navigator.locks ? navigator.locks.request("koi-outbox", work) : work();

/** Try to send everything that the person who is signed in has written. Gives how many were sent. */
export function flush(root) {
  return able ? alone(() => send(root)) : Promise.resolve(0);
}

async function send(root) {
  let sent = 0;
  try {
    const asked = await fetch(`${root}/leads/token`, { headers: JSON_ONLY, cache: "no-store", redirect: "error" });
    if (!asked.ok) return sent;
    const { person, token } = await asked.json();
    for (const row of await list(person)) {
      if (row.state !== "waiting") continue;
      if (!(await one(root, row, token))) break;
      sent += 1;
    }
  } catch {
    // no network: later
  }
  return sent;
}

/** Whether to go on with the next one. */
async function one(root, row, token) {
  const body = new URLSearchParams({ ...row.report.fields, follow_up_id: row.id, csrf_token: token });
  body.set("written_at", new Date(row.at).toISOString());
  const answer = await fetch(`${root}/leads/${row.report.lead}/follow-up`, { method: "POST", body, headers: JSON_ONLY, redirect: "error" });
  if (answer.ok) {
    await drop(row.id);
    return true;
  }
  if (answer.status >= 500 || LATER.has(answer.status)) return false;
  const { code = "", title = "", detail = "" } = await answer.json().catch(() => ({}));
  if (code === "form_expired") return false; // the next run brings a fresh token
  await mark(row.id, { state: "refused", code, title, detail });
  return true;
}
