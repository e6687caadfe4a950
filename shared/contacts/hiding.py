"""Mobile numbers in texts that are kept in plain: somebody writes one beside the name, or into a wrong field."""

from __future__ import annotations

import re

_GAP = r"[\s\-‐‑‒–—―−\u200b-\u200f\u2060\ufeff]?"
_CHINA = rf"(?:(?:\+|[0０]{{2}})?[8８][6６]{_GAP})?"
# Dots only as people set them (138.0013.8000): version numbers and addresses of the network have dots as well.
_A_PHONE = re.compile(
    rf"(?<!\d){_CHINA}[1１]{_GAP}(?:[3-9３-９](?:{_GAP}\d){{9}}|[3-9３-９]\d([._·])\d{{4}}\1\d{{4}})(?!\d)"
)
_PERHAPS = re.compile(r"[1１][\d\W_]{10}")  # most texts hold nothing like it: that is seen in a tenth of the time
HIDDEN = "***"


def without_phones(text: str) -> str:
    """The text with `***` in the place of every mobile number."""
    return text if _PERHAPS.search(text) is None else _A_PHONE.sub(HIDDEN, text)


def with_masked_phones(text: str) -> str:
    """The text with every mobile number as `138****0000`, which is enough to know it again."""
    return text if _PERHAPS.search(text) is None else _A_PHONE.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    digits = "".join(sign for sign in found[0] if sign.isdigit())
    return f"{digits[-11:-8]}****{digits[-4:]}"
