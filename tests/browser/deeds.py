"""What the visitors do before they look around, so that pages about their work have something to show."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from playwright.sync_api import Page

from tests.browser.visitors import Visitors

Work = Callable[[], object]

_HEADINGS = "活动,手机号,姓名,省,市,区县,意向车型,同意转给经销商,扫码门店编码"
_FORM = "form[data-upload]"
_OF_THE_RING = "13800009001"  # headquarters looks at them first; until then there is a page about them


def at_headquarters(page: Page, base: str, visitors: Visitors, work: Work) -> Sequence[str]:
    """Import people who scanned the code of the visitors' store, and get another list ready.

    Args:
        work: lets the workers catch up.
    """
    first = _people("1391111000", visitors)
    _upload(page, base, work, "车展名单.csv", first)
    page.click("button[name=go][value=review]")
    page.wait_for_url("**/review")
    work()
    page.reload()
    page.click("form[action$='/start'] [type=submit]")
    page.wait_for_url(lambda url: not url.endswith("/review"))
    work()
    _upload(page, base, work, "门店登记.csv", first.replace("1111", "2222").replace("手机号", "联系方式"))
    return ()


def at_the_store(page: Page, base: str, visitors: Visitors, work: Work) -> Sequence[str]:
    """Take a poster, open a lead of the pool, and write two down who came in: one becomes a lead, headquarters has to
    look at the other."""
    del visitors
    page.goto(f"{base}/dealer/content")
    page.click("form[action$='/poster'] button")
    page.wait_for_url("**/posters/*")
    poster = page.url.removeprefix(base)
    page.goto(f"{base}/dealer/pool")
    page.locator(".koi-pool-open").first.click()
    page.wait_for_url("**/dealer/pool/*")
    pooled = page.url.removeprefix(base)
    _write_down(page, base, "13933330001", "周先生")
    work()
    _write_down(page, base, _OF_THE_RING, "吴先生")
    return (poster, pooled)


def _write_down(page: Page, base: str, phone: str, name: str) -> None:
    page.goto(f"{base}/dealer/walk-ins/new")
    page.fill("input[name=phone]", phone)
    page.fill("input[name=name]", name)
    page.check("input[name=agreed]")
    page.click("form.koi-sheet-form [type=submit], form.koi-sheet-form button.koi-btn--primary")
    page.wait_for_url(lambda url: not url.endswith("/new"))


def _people(phone: str, visitors: Visitors) -> str:
    where, code = ",".join((*visitors.region, "", "")[:3]), visitors.store_code
    good = (f"KOI1,{phone}{number},{name},{where},S1,是,{code}" for number, name in enumerate(("赵敏", "钱进", "孙立")))
    return "\n".join((_HEADINGS, *good, "KOI1,12,李四,,,,,,"))


def _upload(page: Page, base: str, work: Work, name: str, content: str) -> None:
    page.goto(f"{base}/hq/imports/new")
    page.set_input_files(
        f"{_FORM} input[type=file]", {"name": name, "mimeType": "text/csv", "buffer": content.encode("utf-8-sig")}
    )
    page.click(f"{_FORM} [type=submit]")
    page.wait_for_url(lambda url: not url.endswith("/new"))
    work()
    page.reload()


#: By face: what its visitor does; gives addresses that no link leads to.
DEEDS: dict[str, Callable[[Page, str, Visitors, Work], Sequence[str]]] = {
    "hq": at_headquarters,
    "dealer": at_the_store,
}
