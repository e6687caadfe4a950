"""Every form, sent with far too long texts: whatever is refused must come back with what was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

_TOO_LONG = "长" * 600
_NOT_TYPED = "hidden, password, file, checkbox, radio, submit, button, image, reset, number, date, time, datetime-local"
_FORMS = f"""
() => [...document.forms].filter((form) => form.method === "post" && form.dataset.sending !== "own").map((form) => {{
  const fields = [...form.elements].filter((each) => each.name && !each.disabled);
  const free = (each) => each.matches("textarea, input") && !each.readOnly;
  const typed = (each) => free(each) && !"{_NOT_TYPED}".split(", ").includes(each.type);
  const given = (each) => each.tagName === "SELECT" || /^(hidden|number|date|time|datetime-local)$/.test(each.type);
  return {{
    action: form.getAttribute("hx-post") ?? form.action,
    several: form.enctype === "multipart/form-data",
    typed: fields.filter(typed).map((each) => each.name),
    given: Object.fromEntries(fields.filter(given).map((each) => [each.name, each.value])),
  }};
}}).filter((form) => form.typed.length)
"""


@dataclass
class Forms:
    """The forms that were met, one of a kind; `lost` says what did not come back."""

    met: dict[tuple[str, tuple[str, ...]], tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)

    def note(self, page: Page, endpoint: str) -> None:
        """Remember the forms of the open page."""
        if endpoint == "leads.blank":  # filled in without a connection and sent by its script to the lead's address
            return
        for form in page.evaluate(_FORMS):
            self.met.setdefault((endpoint, tuple(form["typed"])), (page.url, form))

    def send_all(self, page: Page) -> None:
        """Send each as the open page's visitor, and forget it."""
        for url, form in self.met.values():
            self.lost += [f"{form['action']} of {url}: {problem}" for problem in _problems(page, url, form)]
        self.met.clear()


def _problems(page: Page, url: str, form: Mapping[str, Any]) -> Iterator[str]:
    names: Sequence[str] = list(dict.fromkeys(form["typed"]))
    marks = {name: f"留着{number}号" for number, name in enumerate(names)}
    values = {**form["given"], **{name: mark + _TOO_LONG for name, mark in marks.items()}}
    body = {"multipart": values} if form["several"] else {"form": values}
    answer = page.context.request.post(form["action"], headers={"Referer": url}, max_redirects=0, **body)  # type: ignore[arg-type]
    if answer.status >= 500:
        yield f"{answer.status}"
    if answer.status in {303, 302, 404}:  # taken, or what it was about has gone meanwhile
        return
    if not answer.headers.get("content-type", "").startswith("text/html"):  # a download
        return
    text = answer.text()
    for name, mark in marks.items():
        if mark not in text:
            yield f"{answer.status}, and {name} is lost"
