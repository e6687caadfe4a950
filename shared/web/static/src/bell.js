// The number on the bell: says when it grows; in the title, and to screen readers. No sound.
import { say } from "./toasts.js";

const badge = () => document.querySelector("[data-unread]");
const inbox = document.getElementById("told");
let known = badge() || inbox ? Number.parseInt(badge()?.textContent ?? inbox.dataset.count, 10) || 0 : undefined;

/** Show how many notices are unread, in the badge that the page may have; an open inbox gets itself the new ones. */
export function count(unread) {
  const shown = badge();
  if (shown) {
    shown.textContent = unread > 99 ? "99+" : unread || "";
    shown.hidden = !unread;
    if (known !== undefined && unread > known) say(shown.dataset.says.replace("%s", unread));
  }
  if (known !== undefined && unread > known) document.body.dispatchEvent(new CustomEvent("koi:told"));
  known = unread;
}
