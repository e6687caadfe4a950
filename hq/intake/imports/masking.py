"""Cells as a page may show them: enough to find the row and see what is wrong, and nobody's number or whole name."""

from __future__ import annotations

import re

from shared.contacts.hiding import with_masked_phones
from shared.contacts.names import mask_name

_PHONES = frozenset(("phone", "phone_2", "manager_phone"))
_NAMES = frozenset((("signups", "name"), ("stores", "manager_name")))
_IDS = frozenset(("openid", "unionid", "device_id", "invited_by", "ip"))
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]+")
_KEPT_BEFORE, _KEPT_AFTER = 3, 2  # digits of a number that cannot be used
_LONGEST = 40


_ABOUT = {
    "phone": "phone",
    "undecodable": "phone",
    "campaign": "campaign",
    "dealer": "dealer_code",
    "store": "code",
    "series": "series",
}


def about(reason: str) -> str:
    """The meaning of the cell that a reason for rejecting a row is about; empty: the row as a whole."""
    return _ABOUT.get(reason.partition("_")[0], "")


def shown(kind: str, field: str, text: str) -> str:
    """A cell of a column with this meaning in a list of this kind; of one that is not taken, text without numbers."""
    tidy = " ".join(text.split())
    if field in _PHONES:
        return _number(tidy)[:_LONGEST]
    if (kind, field) in _NAMES:
        return mask_name(with_masked_phones(tidy))[:_LONGEST]
    if field in _IDS:
        return f"{tidy[:4]}…" if len(tidy) > 4 else tidy
    return with_masked_phones(tidy)[:_LONGEST]


def _number(text: str) -> str:
    """Digits in the middle starred, whatever stands between them left, words beside them hidden."""
    places = [found.start() for found in _DIGIT.finditer(text)]
    hidden = set(places[_KEPT_BEFORE:-_KEPT_AFTER] if len(places) > _KEPT_BEFORE + _KEPT_AFTER else places[1:])
    starred = "".join("*" if i in hidden else sign for i, sign in enumerate(text))
    return _WORD.sub(lambda found: "…" if len(found[0]) > 1 else found[0], starred)
