"""Words for the codes that both portals show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from shared.web.words import tell

_FAMILIES: Mapping[str, Mapping[str, Any]] = {
    "stage": {
        "offered": _l("Waiting to be claimed"),
        "claimed": _l("Claimed"),
        "contacted": _l("Contacted"),
        "appointment": _l("Appointment made"),
        "visited": _l("Visited the store"),
        "won": _l("Won"),
        "lost": _l("Lost"),
        "declined": _l("Sent back"),
        "expired": _l("Deadline passed"),
        "taken": _l("Claimed by another store"),
        "recalled": _l("Recalled"),
        "recycled": _l("Taken back"),
    },
    "lead": {
        "waiting": _l("Waiting for a store"),
        "placed": _l("At a store"),
        "offered": _l("Waiting to be claimed"),
        "held": _l("Held by a store"),
        "desk": _l("On the desk"),
        "pooled": _l("In the open pool"),
        "won": _l("Won"),
        "lost": _l("Lost"),
        "closed": _l("Closed"),
    },
    "horizon": {
        "now": _l("Wants to buy now"),
        "1m": _l("Within a month"),
        "3m": _l("Within three months"),
        "6m": _l("Within half a year"),
        "later": _l("Some time later"),
        "none": _l("No plan yet"),
    },
    "vehicle": {
        "none": _l("Has no vehicle"),
        "ebike_other": _l("Rides another brand's e-bike"),
        "ebike_same_brand": _l("Rides our brand"),
        "petrol_motorcycle": _l("Rides a petrol motorcycle"),
        "car": _l("Drives a car"),
        "bicycle": _l("Rides a bicycle"),
    },
    "touchpoint": {
        "store_qr": _l("Store QR code"),
        "official_account": _l("Official account"),
        "channels_live": _l("Channels live stream"),
        "community": _l("Group"),
        "moments": _l("Moments"),
        "mini_program": _l("Mini-program"),
        "walk_in": _l("Came to a store"),
        "phone_call": _l("Telephoned"),
    },
    "source": {
        "api": _l("Mini-program"),
        "page": _l("Public page"),
        "import": _l("Import"),
        "hand": _l("Entered by headquarters"),
        "store": _l("Entered by a store"),
    },
    "consent_how": {
        "spoken": _l("Said so"),
        "paper": _l("Signed on paper"),
        "message": _l("Wrote so in a message"),
    },
    "verified": {"wechat": _l("Verified by WeChat"), "sms": _l("Verified by SMS"), "none": _l("Not verified")},
    "became": {
        "in_lead": _l("In a lead"),
        "duplicate": _l("Duplicate"),
        "nurture": _l("Nurtured"),
        "below_threshold": _l("Closed, the grade is too low"),
        "no_consent": _l("No consent to share"),
        "quarantined": _l("In quarantine"),
        "rejected": _l("Screened out"),
        "loyalty": _l("Owner already, for customer care"),
        "withdrawn": _l("Withdrawn"),
        "undone": _l("Import undone"),
        "pending": _l("Being worked on"),
        "aside": _l("Put aside"),
    },
    "decline": {
        "busy": _l("Nobody is free"),
        "too_far": _l("Too far away"),
        "no_stock": _l("The model is not in stock"),
        "known": _l("Already our customer"),
        "not_real": _l("Does not look real"),
        "wrong_number": _l("Wrong number"),
        "never_signed_up": _l("Never signed up"),
        "prize_only": _l("Only wanted the prize"),
        "duplicate": _l("We have this person already"),
        "other": _l("Another reason"),
    },
    "lost": {
        "bought_other": _l("Bought elsewhere"),
        "price": _l("Too expensive"),
        "no_stock": _l("The model is not in stock"),
        "no_longer_wants": _l("No longer wants to buy"),
        "unreachable": _l("Cannot be reached"),
        "wrong_number": _l("Wrong number"),
        "never_signed_up": _l("Never signed up"),
        "prize_only": _l("Only wanted the prize"),
        "other": _l("Another reason"),
    },
    "outcome": {
        "interested": _l("Interested"),
        "no_answer": _l("No answer"),
        "appointment": _l("Appointment made"),
        "wecom_added": _l("Added on WeCom"),
        "visited": _l("Came to the store"),
        "noted": _l("Noted"),
    },
    "kind": {
        "claim": _l("Claimed"),
        "decline": _l("Sent back"),
        "call": _l("Called"),
        "message": _l("Sent a message"),
        "visit": _l("Visit"),
        "appointment": _l("Appointment"),
        "note": _l("Note"),
        "won": _l("Won"),
        "lost": _l("Lost"),
        "reveal": _l("Looked at the number"),
    },
}


def teach() -> None:
    """Add these words to the registry; a face does so when it is built."""
    for family, texts in _FAMILIES.items():
        for code, text in texts.items():
            tell(f"{family}.{code}", text)


def choices(family: str) -> list[tuple[str, Any]]:
    """The codes of a family with their words, for a form or a filter."""
    return list(_FAMILIES[family].items())
