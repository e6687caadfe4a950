"""What the overview's figures are called, and how each is reckoned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from shared.web.words import tell

_FIGURES: Mapping[str, tuple[Any, Any]] = {
    "signups": (_l("Sign-ups"), _l("Everything that was accepted: from the page, the mini-program and imports.")),
    "people": (_l("People"), _l("Customers behind the sign-ups, after matching by phone and WeChat.")),
    "qualified": (_l("Qualified"), _l("Leads: they passed screening, reached the threshold and agreed to a store.")),
    "offered": (_l("Offered"), _l("Leads that were offered to at least one store.")),
    "in_time": (
        _l("Claimed in time"),
        _l("Claimed before any store let a deadline pass. What another store claimed later counts in later steps."),
    ),
    "claimed": (_l("Claimed"), _l("Claimed by a store at least once.")),
    "contacted": (
        _l("Contacted"),
        _l("A store spoke with the customer. A call that nobody answered is not a contact. Share of all claimed."),
    ),
    "visited": (_l("Visited"), _l("The customer came to the store.")),
    "won": (_l("Won"), _l("A store reported the sale. Share of those contacted.")),
    "fakes": (_l("Fake"), _l("Sign-ups that screening turned away or holds in quarantine; share of all sign-ups.")),
    "silence": (
        _l("Silent"),
        _l(
            "Claimed leads whose customer never answered: three tries, or the store gave up because nobody could be"
            " reached. Share of all claimed."
        ),
    ),
    "store_rate": (
        _l("In time"),
        _l(
            "Of the offers that the store answered or let expire, the share claimed. Offers that another store took"
            " or that were recalled do not count."
        ),
    ),
    "touchpoint": (
        _l("Touchpoint"),
        _l("A lead counts where its customer signed up first; so the lines add up to the totals."),
    ),
    "before": (
        _l("Last campaign"),
        _l("The campaign that began before this one, as it stood when it was as old as this one is now."),
    ),
}
_TODO: Mapping[str, tuple[Any, Any]] = {
    "quarantined": (_l("Sign-ups in quarantine"), _l("Screening is not sure; nobody has looked yet")),
    "desk": (_l("Leads on the desk"), _l("The rules could not place them, or doubt came up")),
    "waiting": (_l("Leads waiting for a store"), _l("They go out by themselves as soon as a store has room")),
    "elsewhere": (
        _l("Customers who came to another store"),
        _l("Another store has the lead and has reported nothing since; in the last 7 days"),
    ),
    "full_stores": (_l("Stores full today"), _l("They get no more leads until tomorrow")),
    "late_stores": (_l("Stores that let a deadline pass"), _l("In the last 24 hours")),
    "refused_imports": (_l("Files that could not be read"), _l("In the last 7 days")),
    "aside": (_l("Pieces of work put aside"), _l("They failed several times and wait for somebody")),
}
_TODO_ACTS: Mapping[str, Any] = {
    "quarantined": _l("Review"),
    "desk": _l("Assign"),
    "waiting": _l("Look"),
    "elsewhere": _l("Look"),
    "full_stores": _l("Look"),
    "late_stores": _l("Look"),
    "refused_imports": _l("Correct"),
    "aside": _l("Try again"),
}
_AMONG: Mapping[str, Any] = {
    "city": _l("stores of the same city"),
    "province": _l("stores of the same province"),
    "everywhere": _l("all stores"),
}

for _family, _texts in (("figure", _FIGURES), ("todo", _TODO)):
    for _code, (_title, _advice) in _texts.items():
        tell(f"{_family}.{_code}", _title, _advice)
for _family, _labels in (("todo_act", _TODO_ACTS), ("among", _AMONG)):
    for _code, _label in _labels.items():
        tell(f"{_family}.{_code}", _label)
