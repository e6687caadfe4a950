"""Customers' numbers in plain: only for an export that somebody may have, with a reason that is on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.contacts.crypto import Vault
from shared.contacts.models import ContactPhone
from shared.contacts.sealing import open_phone
from shared.platform.keys import CURRENT_KEY_ID


def plain_phones(session: Session, contact_ids: Sequence[UUID | None]) -> Mapping[UUID, str]:
    """The first number of each contact, eleven digits; contacts without one are left out."""
    rows = session.execute(
        select(ContactPhone.contact_id, ContactPhone.sealed, ContactPhone.phone_bidx)
        .where(ContactPhone.contact_id.in_([each for each in contact_ids if each is not None]))
        .order_by(ContactPhone.created_at.desc())
    )
    vault = _vault()
    return {
        row.contact_id: open_phone(row.sealed, phone_bidx=row.phone_bidx, vault=vault).removeprefix("+86")
        for row in rows
    }


def phones_by_index(session: Session, indexes: Sequence[bytes | None]) -> Mapping[bytes, str]:
    """Numbers by their blind index, eleven digits; unknown ones are left out."""
    rows = session.execute(
        select(ContactPhone.sealed, ContactPhone.phone_bidx).where(
            ContactPhone.phone_bidx.in_([each for each in indexes if each is not None])
        )
    )
    vault = _vault()
    return {
        bytes(row.phone_bidx): open_phone(row.sealed, phone_bidx=row.phone_bidx, vault=vault).removeprefix("+86")
        for row in rows
    }


def _vault() -> Vault:
    return Vault(current_app.extensions["koi_keys"].contacts, CURRENT_KEY_ID)
