// Counts down to <time data-until="ISO">: minutes while there are ten or more, then 4:38.
// The words come from the page: data-minutes="%s minutes", data-hours="%s h", data-late="late".
const SPOKEN = [600, 300, 60, 0];
const offset = Date.parse(document.documentElement.dataset.now ?? "") - Date.now() || 0;

const text = (time, left) => {
  const { minutes, hours, late } = time.dataset;
  if (left <= 0) return late;
  if (left >= 5400) return hours.replace("%s", (left / 3600).toFixed(left < 36000 ? 1 : 0));
  if (left >= 600) return minutes.replace("%s", Math.ceil(left / 60));
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
};

const tick = () => {
  for (const time of document.querySelectorAll("time[data-until]")) {
    const left = Math.round((Date.parse(time.dataset.until) - Date.now() - offset) / 1000);
    time.textContent = text(time, left);
    const box = time.closest(".koi-count");
    box?.classList.toggle("koi-count--soon", left > 0 && left < 600);
    box?.classList.toggle("koi-count--late", left <= 0);
    const bar = box && document.getElementById(time.dataset.bar ?? "");
    if (bar) {
      bar.value = Math.max(0, left);
      bar.classList.toggle("koi-left--soon", left < 600);
    }
    const say = document.getElementById("count-says");
    if (say && SPOKEN.includes(left)) say.textContent = box?.textContent.trim() ?? "";
  }
};

tick();
setInterval(tick, 1000);
