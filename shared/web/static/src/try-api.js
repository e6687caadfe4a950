// What /api/docs has to try the API with. It is no form: without this script nothing would be sent, also not the token.
const desk = document.querySelector("[data-try-api]");

async function call(look) {
  const value = (name) => desk.querySelector(`[name=${name}]`).value;
  const address = `/api/v1/campaigns/${encodeURIComponent(value("code"))}`;
  const headers = { Authorization: `Bearer ${value("token")}`, "Accept-Language": document.documentElement.lang };
  if (look) return fetch(address, { headers });
  return fetch(`${address}/signups`, {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json", "Idempotency-Key": value("key") },
    body: value("body"),
  });
}

async function show(answer) {
  const text = await answer.text();
  let body = text;
  try {
    body = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // not JSON: shown as it came
  }
  return `${answer.status} ${answer.statusText}\n\n${body}`;
}

desk?.addEventListener("click", async (event) => {
  const what = event.target.closest("[data-call]")?.dataset.call;
  if (!what) return;
  const place = desk.querySelector("[data-answer]");
  place.hidden = false;
  place.textContent = "…";
  try {
    place.textContent = await show(await call(what === "look"));
  } catch (error) {
    place.textContent = String(error);
  }
});
