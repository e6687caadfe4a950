// The app on the phone: the service worker, and once, on the first page, the way to the home screen (not in WeChat).
const { root = "", person = "" } = document.documentElement.dataset;
const card = document.getElementById("install");
const KEY = "koi-install";
const inWeChat = /MicroMessenger|wxwork/i.test(navigator.userAgent);
const installed = matchMedia("(display-mode: standalone)").matches || navigator.standalone;
const store = {
  get: () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return "1";
    }
  },
  set: () => {
    try {
      localStorage.setItem(KEY, "1");
    } catch {
      // not kept: it is offered again
    }
  },
};

if ("serviceWorker" in navigator && document.documentElement.dataset.worker) {
  navigator.serviceWorker.register(document.documentElement.dataset.worker, { scope: `${root}/` }).then(
    () => person && navigator.serviceWorker.ready.then(({ active }) => active?.postMessage({ keep: wanted() })),
    () => {},
  );
}

/** What this phone will need without network: the first page, the form, and the first of today's leads. */
function wanted() {
  const links = navigator.connection?.saveData ? [] : [...document.querySelectorAll("#agenda [data-lead] .koi-row-main a")];
  return [`${root}/inbox`, `${root}/leads/follow-up`, ...links.slice(0, 8).map((link) => link.pathname)];
}

function offer(how) {
  if (!card || inWeChat || installed || store.get()) return;
  card.hidden = false;
  card.querySelector("[data-install]").hidden = how === "by hand";
  card.querySelector("[data-by-hand]").hidden = how !== "by hand";
}

addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  offer("by button");
  card?.querySelector("[data-install]").addEventListener("click", async () => {
    store.set();
    await event.prompt();
    card.hidden = true;
  });
});
card?.querySelector("[data-no]").addEventListener("click", () => {
  store.set();
  card.hidden = true;
});
if (/iPhone|iPad/.test(navigator.userAgent) && /Safari/.test(navigator.userAgent)) offer("by hand");

// Without network a lead whose page was not kept can still be written about.
const lead = document.getElementById("not-kept") && location.pathname.match(/\/leads\/[0-9a-f-]{36}$/);
if (lead) {
  const way = document.querySelector("[data-follow-up]");
  way.href = `${location.pathname}/follow-up`;
  way.hidden = false;
}
