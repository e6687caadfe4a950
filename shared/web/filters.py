"""Jinja filters and globals: formats bound to the request's language and time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app, g, request, url_for
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from shared.web import access, formats, mounts, request_ids, words
from shared.web.holidays import calendar_warning, next_holidays
from shared.web.locale import language, today_and_now

_BROWSERS = (
    ("wxwork", "WeCom"),
    ("MicroMessenger", "WeChat"),
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_IN_COOKIES = ("lang", "theme")
DIST = Path(__file__).parent / "static" / "dist"


def _moment(when: datetime | None) -> str:
    return formats.moment(when, today_and_now(), language()) if when else "\N{EN DASH}"


def _day(when: date | None) -> str:
    return formats.day(when, today_and_now(), language()) if when else "\N{EN DASH}"


def _table_moment(when: datetime | None) -> str:
    return formats.table_moment(when, today_and_now()) if when else "\N{EN DASH}"


def _relative(when: datetime | None) -> str:
    return formats.relative(when, today_and_now(), language()) if when else "\N{EN DASH}"


def _duration(span: timedelta | float) -> str:
    return formats.duration(span if isinstance(span, timedelta) else timedelta(seconds=span), language())


def _short_number(value: float | None) -> str:
    return formats.short_number(value, language())


def _kilometres(far: float) -> str:
    return formats.kilometres(far, language())


# With the context, so that Jinja does not work out `'a.code'|words` once for all, in the language of its first reader.
@pass_context
def _words(_context: Context, code: str, params: Mapping[str, object] | None = None) -> str:
    return words.say(code, params)


@pass_context
def _advice(_context: Context, code: str, params: Mapping[str, object] | None = None) -> str:
    return words.advise(code, params)


def static_url(name: str) -> str:
    """The address of a built file, with its digest, so that it may be kept for a year."""
    digests: dict[str, str] = current_app.extensions["koi_static"]
    if name not in digests:
        path = DIST / name
        digests[name] = hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.exists() else "0"
    return url_for("static", filename=name, v=digests[name])


def icon(name: str, css: str = "icon") -> Markup:
    """A Tabler icon out of the sprite; hidden from screen readers, so words stand beside it."""
    href = f"{static_url('icons.svg')}#i-{name}"
    return Markup('<svg class="{}" aria-hidden="true" focusable="false"><use href="{}"/></svg>').format(css, href)


def language_address(lang: str) -> str:
    """This page's address in another language; of a form's answer, the face's first page."""
    return _address(lang=lang) if request.method == "GET" else f"{request.script_root}/?lang={lang}"


def theme_address(name: str) -> str:
    """This page's address in another theme; of a form's answer, the face's first page."""
    return _address(theme=name) if request.method == "GET" else f"{request.script_root}/?theme={name}"


def _address(**changes: str | None) -> str:
    # the cookie knows these; carried on, an old choice would win over a newer one
    kept = {name: value for name, value in request.args.to_dict(flat=False).items() if name not in _IN_COOKIES}
    choices = {**kept, **changes}
    query = urlencode({name: value for name, value in choices.items() if value is not None}, doseq=True)
    path = request.script_root + request.path
    return f"{path}?{query}" if query else path


def portal_address(name: str) -> str:
    """Where a portal is, `hq` or `dealer`."""
    return mounts.portal_address(current_app.config["KOI_BASE_URL"], {"hq": mounts.HQ, "dealer": mounts.DEALER}[name])


def merged(*attributes: dict[str, Any]) -> dict[str, Any]:
    """Several sets of HTML attributes as one; later ones win."""
    return {name: value for some in attributes for name, value in some.items()}


def role_name(role: str) -> str:
    """What a role is called."""
    return words.say(f"role.{role}")


def device(agent: str) -> str:
    """A browser and its system out of a User-Agent, roughly: enough to recognise one's own."""
    browser = next((name for sign, name in _BROWSERS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    return " · ".join(part for part in (browser, system) if part) or agent[:40] or "\N{EN DASH}"


def _globals() -> dict[str, Any]:
    return {
        "actor": g.get("actor"),
        "language": language(),
        "now": today_and_now(),
        "request_id": request_ids.request_id(),
    }


def register(app: Flask) -> None:
    """Give templates the filters and globals."""
    app.extensions["koi_static"] = {}
    app.jinja_env.filters.update(
        moment=_moment,
        day=_day,
        table_moment=_table_moment,
        exact=formats.exact,
        clock=formats.clock,
        relative=_relative,
        duration=_duration,
        number=formats.number,
        short_number=_short_number,
        percent=formats.percent,
        mask_phone=formats.mask_phone,
        kilometres=_kilometres,
        words=_words,
        advice=_advice,
        listing=words.listing,
        device=device,
    )
    app.jinja_env.globals.update(
        icon=icon,
        static_url=static_url,
        may=access.may,
        language_address=language_address,
        theme_address=theme_address,
        role_name=role_name,
        merged=merged,
        portal_address=portal_address,
        next_holidays=next_holidays,
        calendar_warning=calendar_warning,
    )
    app.context_processor(_globals)
