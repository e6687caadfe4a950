"""The first account of an installation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.identity import accounts, passwords
from shared.identity.actor import system
from shared.identity.logins import read_login
from shared.identity.models import HqUser
from shared.identity.permissions import Role

FIRST_LOGIN = "admin"
_FIRST_NAME = "管理员"


def ensure_first_admin(session: Session, *, now: datetime, blind_key: bytes, password: str | None = None) -> str | None:
    """Make an administrator with the login `admin` where nobody is at headquarters yet.

    Args:
        session: as headquarters.
        now: when.
        blind_key: of the login index.
        password: instead of a generated one.

    Returns:
        the password, to be printed once; None where somebody is there already.
    """
    if session.scalar(select(HqUser.user_id).limit(1)) is not None:
        return None
    chosen = password or passwords.generated()
    user = accounts.add_hq_user(
        session,
        login=read_login(FIRST_LOGIN),
        name=_FIRST_NAME,
        role=Role.ADMINISTRATOR,
        blind_key=blind_key,
        actor=system("setup"),
        now=now,
    )
    accounts.give_password(user, chosen, now=now)
    return chosen
