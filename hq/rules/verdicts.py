"""Words for how well an attribute tells buyers apart, and how far people have changed."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from shared.web.words import tell

#: From which on a word holds (Siddiqi 2006); what is below all of them has the last.
_IV = ((0.5, "very_strong"), (0.3, "strong"), (0.1, "medium"), (0.02, "weak"), (0.0, "none"))
_PSI = ((0.25, "other"), (0.1, "moving"), (0.0, "steady"))
for _code, _text in {
    "very_strong": _l("very strong"),
    "strong": _l("strong"),
    "medium": _l("medium"),
    "weak": _l("weak"),
    "none": _l("hardly any"),
    "other": _l("other people"),
    "moving": _l("moving"),
    "steady": _l("steady"),
}.items():
    tell(f"fit_verdict.{_code}", _text)


def strength_of(iv: float) -> str:
    """The word for an information value, as `fit_verdict.<word>`."""
    return _verdict(iv, _IV)


def drift_of(psi: float) -> str:
    """The word for a population stability index, as `fit_verdict.<word>`."""
    return _verdict(psi, _PSI)


def _verdict(value: float, words: Sequence[tuple[float, str]]) -> str:
    return next((word for least, word in words if value >= least), words[-1][1])
