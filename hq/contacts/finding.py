"""Finding customers by a part of their name."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, cast, func, null
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from shared.contacts.models import Contact


def name_contains(words: str) -> ColumnElement[bool]:
    """The condition that a customer's name has `words` in it, letter for letter.

    The index knows which names have all the letters; which of those have them side by side is looked at one by one.
    """
    letters = func.string_to_array(Contact.name, null(), type_=ARRAY(TEXT))
    return and_(letters.contains(cast(sorted(set(words)), ARRAY(TEXT))), Contact.name.contains(words, autoescape=True))
