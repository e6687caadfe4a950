"""Navigation as data: what a face offers, filtered by what the actor may do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request, url_for

from shared.identity.permissions import Permission
from shared.web.access import guard_of, may


@dataclass(frozen=True, slots=True)
class Item:
    """One entry. It shows once its endpoint exists and the actor has the permission.

    `also` names the blueprints whose pages belong to it besides its own. `count` says how much
    waits there, as a badge; it may read `g.session`.
    """

    endpoint: str
    label: Any
    icon: str
    permission: Permission
    count: Callable[[], int] | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Entries under a heading; an empty heading shows none."""

    heading: Any
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """An entry ready to show."""

    label: Any
    href: str
    icon: str
    current: bool
    count: int | None


def register(app: Flask, menu: Sequence[Section], search: str | None = None) -> None:
    """Give templates `navigation()`: (heading, links) for the actor; and the endpoint of the search field."""
    app.extensions["koi_menu"] = menu
    app.jinja_env.globals["navigation"] = lambda: list(_visible(menu))
    app.jinja_env.globals["search_address"] = lambda: _search_address(search)


def first_address() -> str | None:
    """Where the actor's first entry leads."""
    menu: Sequence[Section] = current_app.extensions["koi_menu"]
    entries = (item for section in menu for item in section.items if _shows(item))
    first = next(entries, None)
    return url_for(first.endpoint) if first else None


def _search_address(endpoint: str | None) -> str | None:
    """Where searching leads, a POST with `q`; None where the actor may not go there."""
    view = current_app.view_functions.get(endpoint or "")
    guard = guard_of(view) if view else None
    if endpoint is None or guard is None or guard.permissions is None or not all(map(may, guard.permissions)):
        return None
    return url_for(endpoint)


def _visible(menu: Sequence[Section]) -> Iterator[tuple[Any, list[Link]]]:
    for section in menu:
        links = [_link(item) for item in section.items if _shows(item)]
        if links:
            yield section.heading, links


def _shows(item: Item) -> bool:
    return item.endpoint in current_app.view_functions and may(item.permission)


def _link(item: Item) -> Link:
    here = (request.endpoint or "").partition(".")[0]
    current = here in (item.endpoint.partition(".")[0], *item.also)
    return Link(item.label, url_for(item.endpoint), item.icon, current, item.count() if item.count else None)
