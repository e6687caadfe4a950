"""Invite links as something to send or to print: address, QR code as SVG, a text for WeChat, one file of all."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import segno
from flask_babel import gettext as _
from markupsafe import Markup

from shared.identity.invites import Invite
from shared.identity.models import HqUser, Staff
from shared.web import mounts
from shared.web.tables.sheets import safe
from shared.web.words import say


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One person's link, shown once: only its digest is kept. `text` is ready to be pasted into WeChat."""

    name: str
    login_masked: str
    role: str
    address: str
    qr: Markup
    expires_at: datetime | None
    text: str


def letters(issued: Iterable[tuple[HqUser | Staff, Invite]], base_url: str) -> list[Letter]:
    """The letters for links just opened."""
    return [_letter(account, invite, base_url) for account, invite in issued]


def _letter(account: HqUser | Staff, invite: Invite, base_url: str) -> Letter:
    mount = mounts.DEALER if isinstance(account, Staff) else mounts.HQ
    address = f"{mounts.portal_address(base_url, mount)}invite/{invite.encode()}"
    return Letter(
        name=account.name,
        login_masked=account.login_masked,
        role=account.role,
        address=address,
        qr=qr_code(address),
        expires_at=account.invite_expires_at,
        text=str(
            _(
                "%(name)s, this is your invitation to Koi (%(role)s). Open it within 7 days and choose a password:"
                " %(link)s",
                name=account.name,
                role=say(f"role.{account.role}"),
                link=address,
            )
        ),
    )


def qr_code(text: str) -> Markup:
    """A QR code (error correction M) as inline SVG without styles of its own."""
    svg = segno.make(text, error="m").svg_inline(scale=1, border=2, omitsize=True, svgclass="k-qr", lineclass=None)
    return Markup(svg)  # noqa: S704 (made here from our own link)


def as_file(made: Sequence[Letter]) -> str:
    """All links as the address of a CSV file, which a browser saves; nothing of it is kept here."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_("Name"), _("Account"), _("Role"), _("Link"), _("Text for WeChat")])
    for letter in made:
        row = (letter.name, letter.login_masked, say(f"role.{letter.role}"), letter.address, letter.text)
        writer.writerow([safe(cell) for cell in row])
    body = base64.b64encode(("\ufeff" + out.getvalue()).encode()).decode()
    return f"data:text/csv;charset=utf-8;base64,{body}"
