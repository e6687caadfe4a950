"""Signing in over HTTP: Flask-Login keeps a ticket in the signed cookie, the session's row decides."""

from __future__ import annotations

from typing import Any

import flask
from flask import Flask, current_app, g, request
from flask_login import LoginManager, current_user, login_user, logout_user
from flask_wtf.csrf import generate_csrf

from shared.identity import sessions
from shared.identity.actor import Actor
from shared.identity.realms import Realm
from shared.identity.sessions import SignedIn, Ticket
from shared.web import transaction
from shared.web.addresses import parts_of

_TICKET = "_user_id"  # where Flask-Login keeps what `get_id` gave
HIDDEN = "X-Koi-Hidden"  # a page asks by itself while nobody can see it


class CurrentUser:
    """Flask-Login's view of somebody who is signed in."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, ticket: Ticket, signed_in: SignedIn) -> None:
        self._ticket = ticket
        self.signed_in = signed_in

    def get_id(self) -> str:
        """The ticket, for the cookie."""
        return self._ticket.encode()


def register(app: Flask, realm: Realm, blind_key: bytes) -> None:
    """Let people of a realm sign in to an application."""
    app.extensions["koi_realm"] = realm
    app.extensions["koi_blind_key"] = blind_key
    manager = LoginManager()
    manager.session_protection = None  # our ticket is a secret of its own; addresses change on phones
    manager.user_loader(_load)
    manager.init_app(app, add_context_processor=False)


def realm() -> Realm:
    """Whose portal this is."""
    found: Realm = current_app.extensions["koi_realm"]
    return found


def blind_key() -> bytes:
    """The key of the login index."""
    key: bytes = current_app.extensions["koi_blind_key"]
    return key


def load_actor() -> None:
    """Find out who is signed in and set `g.actor` and `g.signed_in`; runs before every request."""
    if request.endpoint == "static" or (request.endpoint or "").startswith("health."):
        return
    if _TICKET in flask.session and current_user.is_authenticated:
        g.signed_in = current_user.signed_in
        g.actor = current_user.signed_in.actor


def had_ticket() -> bool:
    """Whether the browser brought a sign-in, good or ended."""
    return _TICKET in flask.session


def enter(actor: Actor) -> None:
    """Sign somebody in on this device, under a fresh cookie."""
    agent = request.headers.get("User-Agent", "")
    ticket = sessions.begin(g.session, realm(), actor=actor, agent=agent, now=g.now)
    flask.session.clear()
    flask.session.permanent = True
    # The forms' token begins here: two pages opened at once would else begin one each, and one cookie would win.
    g.pop("csrf_token", None)
    generate_csrf()
    signed_in = SignedIn(actor=actor, session_id=ticket.session_id, locale="", login_masked="")
    login_user(CurrentUser(ticket, signed_in))


def leave() -> None:
    """Forget the sign-in on this device."""
    logout_user()
    flask.session.clear()


def address() -> str:
    """Where the request comes from, for the audit log."""
    return request.remote_addr or ""


def inside(target: str | None) -> str:
    """A place of this face to go to: the wish when it is one of ours, else the first page."""
    home = f"{request.script_root}/"
    if not target or "\\" in target or any(ord(sign) < 32 for sign in target):
        return home
    parts = parts_of(target)
    ours = not parts.scheme and not parts.netloc and parts.path.startswith(home) and not target.startswith("//")
    return target if ours else home


def _load(text: str) -> Any:
    ticket = Ticket.decode(text)
    if ticket is None:
        return None
    session = transaction.begin(ticket.dealer_id)
    looked = HIDDEN not in request.headers
    found = sessions.find(session, realm(), ticket, address=address(), now=g.now, looked=looked)
    return CurrentUser(ticket, found) if found else None
