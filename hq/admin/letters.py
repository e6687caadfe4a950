"""Invite links as something to send or to print: the address, and its QR code as SVG."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import segno
from markupsafe import Markup

from shared.identity.invites import Invite
from shared.identity.models import HqUser, Staff
from shared.web import mounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One person's link, shown once: only its digest is kept."""

    name: str
    login_masked: str
    role: str
    address: str
    qr: Markup
    expires_at: datetime | None


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
    )


def qr_code(text: str) -> Markup:
    """A QR code (error correction M) as inline SVG without styles of its own."""
    svg = segno.make(text, error="m").svg_inline(scale=1, border=2, omitsize=True, svgclass="k-qr", lineclass=None)
    return Markup(svg)  # noqa: S704 (made here from our own link)
