"""What the address and the form of a page of the desk ask for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request

from hq.qualification.quarantine.rings import KINDS, SORTS, Wanted

SHARED = (*KINDS, "alone")
_LONGEST = 60


def wanted() -> Wanted:
    """Which rings to show; what makes no sense is as if it was not asked for."""
    args = request.args
    shared, sort = args.get("shared", ""), args.get("sort", "")
    return Wanted(
        sort=sort if sort in SORTS else "size",
        campaign=uuid(args.get("campaign", "")),
        reason=args.get("reason", "")[:_LONGEST] or None,
        shared=shared if shared in SHARED else None,
        province=args.get("province", "")[:2] or None,
    )


def query() -> dict[str, Any]:
    """The same for the next address."""
    asked = wanted()
    named: dict[str, Any] = {
        "campaign": asked.campaign,
        "reason": asked.reason,
        "shared": asked.shared,
        "province": asked.province,
        "sort": asked.sort if asked.sort != "size" else None,
    }
    return {name: str(value) for name, value in named.items() if value}


def people() -> list[UUID]:
    """The people who are ticked, by sign-up."""
    return [found for value in request.form.getlist("person") if (found := uuid(value))]


def uuid(text: str) -> UUID | None:
    """An id, or None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None
