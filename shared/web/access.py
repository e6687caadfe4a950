"""Every view says who may call it: `@requires(Permission.X)` or `@public`. A view that says nothing is closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app, g, request
from werkzeug.exceptions import NotFound

from shared.identity.actor import Actor
from shared.identity.permissions import Permission
from shared.platform.errors import DomainError, Forbidden

View = TypeVar("View", bound=Callable[..., Any])
_MARK = "koi_guard"


@dataclass(frozen=True, slots=True)
class Guard:
    """Who may call a view: everybody (None), or actors with all of these permissions."""

    permissions: frozenset[Permission] | None


class Unguarded(RuntimeError):
    """A view declares no guard; a mistake in the code."""


class SignInNeeded(DomainError):
    """Nobody is signed in, or the sign-in has ended."""

    code = "sign_in_needed"
    status = 401


def requires(*permissions: Permission) -> Callable[[View], View]:
    """Let only signed-in actors with all these permissions call the view."""

    def mark(view: View) -> View:
        setattr(view, _MARK, Guard(frozenset(permissions)))
        return view

    return mark


def public(view: View) -> View:
    """Let everybody call the view."""
    setattr(view, _MARK, Guard(None))
    return view


def guard_of(view: Callable[..., Any]) -> Guard | None:
    """What a view declares; None when it declares nothing."""
    found: Guard | None = getattr(view, _MARK, None)
    return found


def unguarded(app: Flask) -> Iterator[str]:
    """Endpoints of an application that declare no guard."""
    return (name for name, view in app.view_functions.items() if guard_of(view) is None)


def check() -> None:
    """Refuse the request unless the view's guard lets its actor pass; runs before every view.

    Raises:
        NotFound: no such address.
        SignInNeeded: the view is not for everybody, and nobody is signed in.
        Forbidden: the actor's role does not include a permission.
        Unguarded: the view declares nothing.
    """
    if request.endpoint is None:
        if request.routing_exception is not None:
            raise request.routing_exception
        raise NotFound
    guard = guard_of(current_app.view_functions[request.endpoint])
    if guard is None:
        raise Unguarded(request.endpoint)
    if guard.permissions is None:
        return
    actor: Actor | None = g.get("actor")
    if actor is None:
        raise SignInNeeded
    missing = sorted(permission for permission in guard.permissions if not actor.may(permission))
    if missing:
        raise Forbidden(permission=missing[0])


def may(permission: Permission | str) -> bool:
    """Whether the request's actor has a permission; for templates and navigation."""
    actor: Actor | None = g.get("actor")
    return actor is not None and actor.may(Permission(permission))
