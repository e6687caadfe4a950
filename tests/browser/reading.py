"""Looking at a page as those do who cannot see it well or have no mouse: what is wrong with it, as lines."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
_GRAVE = frozenset({"serious", "critical"})
_TABS = 3
_RUN = """
([theme, only]) => {
  document.documentElement.dataset.bsTheme = theme;
  const options = { resultTypes: ["violations"], iframes: false };
  if (only) options.runOnly = only;
  return axe.run(document, options).then((found) => found.violations.map((each) => ({
    rule: each.id, impact: each.impact, help: each.help,
    where: each.nodes.slice(0, 3).map((node) => node.target.join(" ") + " " + node.html.slice(0, 120)),
  })));
}
"""
# What has the focus, and whether one sees that it has.
_FOCUS = """
() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  const styles = [here, here.nextElementSibling].filter(Boolean).map((each) => getComputedStyle(each));
  const ringed = (each) => each.boxShadow !== "none" || (each.outlineStyle !== "none" && each.outlineWidth !== "0px");
  const seen = styles.some(ringed);
  return { what: here.outerHTML.slice(0, 100), skip: here.matches(".k-skip, .koi-skip"), seen };
}
"""
# A field may have taken the focus by itself: Tab begins where the focus was last.
_TO_THE_TOP = """
() => {
  const first = document.createElement("i");
  first.tabIndex = -1;
  document.body.prepend(first);
  first.focus();
  first.remove();
}
"""
# Of many rows alike the first few tell all: axe takes its time with each.
_SHORTEN = """
() => {
  for (const list of document.querySelectorAll("tbody, ul, ol, select")) {
    [...list.children].slice(6).forEach((each) => each.remove());
  }
}
"""
_UNREACHABLE = """
() => [
  ...document.querySelectorAll("[tabindex]:not([tabindex='0']):not([tabindex='-1'])"),
  ...document.querySelectorAll("[role=button]:not(button, a, summary):not([tabindex])"),
].map((each) => each.outerHTML.slice(0, 120))
"""


def complaints(page: Page) -> Iterator[str]:
    """What is wrong with the open page: for readers of both themes, for keyboards, for its width."""
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if wide > 0:
        yield f"scrolls sideways by {wide} px"
    yield from _keyboard(page)
    page.evaluate(_SHORTEN)
    yield from _found_by_axe(page, "light", None)
    yield from _found_by_axe(page, "dark", ["color-contrast"])


def _found_by_axe(page: Page, theme: str, only: list[str] | None) -> Iterator[str]:
    found: list[dict[str, Any]] = page.evaluate(_RUN, [theme, only])
    for each in found:
        if each["impact"] in _GRAVE:
            yield f"{theme}: {each['rule']} ({each['impact']}) {each['help']}: {' | '.join(each['where'])}"


def _keyboard(page: Page) -> Iterator[str]:
    for each in page.evaluate(_UNREACHABLE):
        yield f"no keyboard gets there in order: {each}"
    page.evaluate(_TO_THE_TOP)
    for number in range(_TABS):
        page.keyboard.press("Tab")
        focus = page.evaluate(_FOCUS)
        if focus is None:
            if number < 2:
                yield "Tab leads to nothing"
            return
        if number == 0 and not focus["skip"]:
            yield f"the first Tab does not offer to skip to the content, but {focus['what']}"
        if not focus["seen"]:
            yield f"nobody sees that this has the focus: {focus['what']}"
