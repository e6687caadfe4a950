"""The list of people at headquarters."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import Select, func, select

from shared.identity.models import ACCOUNT_STATES, HQ_ROLES, HqSession, HqUser
from shared.identity.permissions import Permission
from shared.web.tables import Choice, Column, Search, Table, View
from shared.web.words import later, say

_SEEN = (
    select(func.max(HqSession.seen_at)).where(HqSession.user_id == HqUser.user_id).correlate(HqUser).scalar_subquery()
)


def _query() -> Select[Any]:
    columns: tuple[Any, ...] = (HqUser.user_id, HqUser.name, HqUser.login_masked, HqUser.role, HqUser.status)
    return select(*columns, HqUser.invite_expires_at, HqUser.created_at, _SEEN.label("seen_at"))


USERS = Table(
    name="users",
    title=_l("Users"),
    unit=lambda number, shown: ngettext("%(count)s person", "%(count)s people", number, count=shown),
    permission=Permission.USERS_READ,
    query=_query,
    key=HqUser.user_id,
    sort="name",
    cells="admin/cells.html",
    address=lambda line: url_for("users.show", user_id=line.user_id),
    columns=(
        Column("name", _l("Name"), sort=HqUser.name, head=True, text=lambda line: line.name),
        Column("login", _l("Account"), text=lambda line: line.login_masked),
        Column("role", _l("Role"), sort=HqUser.role, text=lambda line: say(f"role.{line.role}")),
        Column("status", _l("State"), cell="user_status", text=lambda line: say(f"account.{line.status}")),
        Column("seen", _l("Last seen"), cell="seen", text=lambda line: line.seen_at),
        Column(
            "created",
            _l("Added"),
            when=True,
            shown=False,
            sort=HqUser.created_at,
            descending=True,
            text=lambda line: line.created_at,
        ),
    ),
    filters=(
        Choice(
            "status",
            _l("State"),
            [(state, later(f"account.{state}")) for state in ACCOUNT_STATES],
            HqUser.status.in_,
            many=True,
        ),
        Choice("role", _l("Role"), [(role, later(f"role.{role}")) for role in HQ_ROLES], HqUser.role.in_, many=True),
    ),
    search=Search(_l("Name"), words=lambda words: HqUser.name.contains(words, autoescape=True)),
    views=(View("all", _l("All")), View("disabled", _l("Disabled"), "status=disabled", count=False)),
    empty=(_l("Nobody here yet"), _l("Invite somebody.")),
)
