"""Words for the codes that only headquarters sees: why a lead stands where it stands, what screening saw, the story."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from shared.web.counted import Counted
from shared.web.words import tell

_WHY: Mapping[str, tuple[Any, Any]] = {
    "scanned": (_l("The customer scanned this store's code"), ""),
    "nearest": (_l("The nearest store with room"), ""),
    "best": (_l("The best store by distance and what the rules weigh"), ""),
    "returning": (_l("The dealer the customer was with lately"), ""),
    "own_dealer": (_l("Another store of a dealer that had the lead"), ""),
    "territory": (_l("The customer lives in this store's territory"), ""),
    "desk": (_l("Given by headquarters"), ""),
    "named": (_l("The customer named this store"), ""),
    "store": (_l("The store entered the customer itself"), ""),
    "pool": (_l("In the open pool"), _l("Stores near the customer may claim it.")),
    "pool_hops": (
        _l("In the open pool: as many stores let it go as the rules ask"),
        _l("Stores near the customer may claim it."),
    ),
    "pool_hand": (_l("Headquarters put it into the open pool"), _l("Stores near the customer may claim it.")),
    "not_free": (_l("It is not free"), ""),
    "pool_over": (_l("No store claimed it from the open pool"), _l("Choose a store by hand, or close it.")),
    "new": (_l("New"), _l("It goes to a store within seconds.")),
    "returned": (_l("Given back to the rules"), ""),
    "taken": (_l("Claimed by another store"), ""),
    "lost": (_l("Lost at the store"), ""),
    "screened_out": (_l("A later sign-up shows a ring"), _l("It was taken back from the stores by itself.")),
    "no_room": (_l("No store nearby has room today"), _l("It goes out by itself as soon as one has.")),
    "paused": (_l("The stores nearby are paused"), _l("It goes out by itself as soon as one is open.")),
    "shut": (_l("The stores nearby do not open for days"), _l("It goes out by itself as soon as one does.")),
    "not_sold": (_l("No store within reach sells what the customer wants"), _l("Choose a store by hand, or close it.")),
    "other_territory": (
        _l("The place belongs to a territory, and none of its stores can have the lead"),
        _l("Choose a store by hand, or change the territory."),
    ),
    "no_place": (_l("Nobody knows where the customer is"), _l("Choose a store by hand.")),
    "too_far": (_l("No store within reach"), _l("Choose a store by hand, or close it.")),
    "hops_used": (_l("As many stores let it go as the rules ask"), _l("Choose a store by hand, or close it.")),
    "nobody_agreed": (_l("Every store nearby has sent it back"), _l("Choose a store by hand, or close it.")),
    "not_in_consent": (
        _l("The customer's consent does not name a store nearby"),
        _l("It can only go to the dealers that the consent names."),
    ),
    "by_hand": (
        _l("By the rules, headquarters gives it out by hand"),
        _l("Choose a store by hand, or let the rules choose."),
    ),
    "declined": (_l("A store sent it back"), ""),
    "expired": (_l("A store let the deadline pass"), ""),
    "recycled": (_l("Taken back from a store that did not work on it"), ""),
    "recalled": (_l("Recalled"), ""),
    "merged": (_l("The customer turned out to have a lead already"), ""),
    "parted": (_l("It was joined to another customer's lead by mistake"), _l("It goes to a store within seconds.")),
    "openid_phones": (_l("Too many numbers came with one WeChat account: it names nobody"), ""),
    "withdrawn": (_l("The customer withdrew the consent"), ""),
    "quarantined": (_l("The customer is in quarantine"), ""),
    "screening": (_l("Screening changed its mind"), ""),
    "suspected": (_l("A later sign-up links this customer to a ring"), _l("The store has spoken with the person.")),
    "escalated": (
        _l("The store is late, and its owner has been told"),
        _l("Ask the store, leave the lead with it, or recall it. A follow-up of the store ends this by itself."),
    ),
    "worked": (_l("The store went on with it"), ""),
    "kept": (_l("Left with the store"), ""),
    "dismissed": (_l("Closed by headquarters"), ""),
    "reopened": (_l("Opened again by headquarters"), _l("Choose a store, or let the rules choose.")),
    "offer_withdrawn": (_l("Headquarters withdrew the offer"), ""),
    "given_back": (_l("The store gave it back"), ""),
    "below_threshold": (
        _l("The score is not enough for a store now: nurtured"),
        _l("It comes back by itself when score or thresholds say so."),
    ),
    "closed_by_grade": (
        _l("The thresholds close this grade"),
        _l("It comes back by itself when score or thresholds say so."),
    ),
    "reached": (_l("The score is enough for a store again"), _l("It goes to a store within seconds.")),
}

_SCREEN: Mapping[str, Any] = {
    "phone_unusable": _l("The phone number cannot be used"),
    "no_share_consent": _l("No consent to give the number to a dealer"),
    "invited_themselves": _l("Invited themselves"),
    "person_in_quarantine": _l("Another sign-up of this person is in quarantine"),
    "device_many_people": _l("%(people)s people within %(span)s on this device"),
    "address_many_people": _l("%(people)s people within %(span)s on this network address"),
    "bare_address_many_people": _l(
        "%(people)s people within %(span)s on this network address; draws each on average: %(draws)s"
    ),
    "openid_many_phones": _l("%(phones)s phone numbers with one WeChat account"),
    "many_a_minute": _l("%(signups)s sign-ups within one minute from one network address and browser"),
    "acted_at_once": _l("Took part within %(seconds)s s of signing up"),
    "script_agent": _l("Sent by a program, not by a browser"),
    "invite_circle": _l("%(people)s people invited each other in a circle"),
    "invite_crowd": _l("%(people)s people invited by one within %(span)s; draws each on average: %(draws)s"),
    "staff_phone": _l("The number of somebody who works for headquarters or a dealer"),
    "existing_owner": _l("Has bought already"),
    "repeat_winner": _l("Has won before"),
    "too_far": _l("The nearest store is %(km)s km away"),
    "blocked": _l("On the list of those blocked since %(since)s: %(why)s"),
    "returned_invalid": _l("Sent back as not real after a call; stores: %(stores)s"),
    "wechat_risk": _l("WeChat's own risk rank is %(rank)s"),
    "several_flags": _l("%(flags)s signs at once"),
    "virtual_operator": _l("A virtual operator's number"),
    "many_draws": Counted("%(draws)s draw taken", "%(draws)s draws taken", "draws"),
    "headquarters_verdict": _l("Judged to be a prize hunter by headquarters"),
    "cleared_by_headquarters": _l("Cleared by headquarters"),
    "visit_or_sale_overrules": _l("A visit or a sale shows that there is a real person"),
}

#: Why one store was passed over; the other codes say the same of one store and of all.
_PASSED: Mapping[str, Any] = {
    "no_room": _l("No room left today"),
    "paused": _l("Paused"),
    "not_in_consent": _l("The consent does not name its dealer"),
    "shut": _l("Does not open for days"),
    "not_sold": _l("Does not sell what the customer wants"),
    "other_territory": _l("Another store's territory"),
    "dearer": _l("Less good on balance: %(weighs)s"),
}

#: What counts against a store besides distance.
_WEIGHS: Mapping[str, Any] = {
    "price": _l("others need its room more, %(km)s km"),
    "wait": _l("opens later, %(km)s km"),
    "record": _l("claims and sells less often, %(km)s km"),
    "full": _l("little room left today, %(km)s km"),
}

_PHONE: Mapping[str, Any] = {
    "phone_missing": _l("No phone number"),
    "phone_length": _l("Wrong number of digits"),
    "phone_prefix": _l("No mobile number begins like this"),
    "phone_landline": _l("A landline number"),
    "phone_rounded": _l("The last digits are lost"),
}

_PLACE: Mapping[str, Any] = {
    "store": _l("the store scanned"),
    "gps": _l("position of the phone"),
    "county": _l("district"),
    "city": _l("city"),
    "province": _l("province"),
    "phone_city": _l("city of the phone number"),
}

_STORY: Mapping[str, Any] = {
    "signup": _l("Signed up: %(campaign)s"),
    "decision": _l("Decided: %(became)s"),
    "opened": _l("Became a lead, grade %(grade)s"),
    "strengthened": _l("Signed up again: the lead got stronger"),
    "rescored": Counted(
        "Scored anew with scorecard v%(version)s: %(points_before)s → %(points)s point, grade %(grade)s",
        "Scored anew with scorecard v%(version)s: %(points_before)s → %(points)s points, grade %(grade)s",
        "points",
    ),
    "nurtured": _l("Not enough for a store now: nurtured"),
    "closed_by_grade": _l("Closed, the grade is too low now"),
    "reached": _l("Enough for a store again: waits for one"),
    "absorbed": _l("Another lead of the same customer was joined to it"),
    "merged": _l("Joined to another lead of the same customer"),
    "parted": _l("Not the same customer after all: taken apart again"),
    "offered": _l("Offered to %(store)s"),
    "waiting": _l("Waits for a store"),
    "pooled": _l("Came into the open pool"),
    "pool_claimed": _l("Claimed from the open pool by %(store)s"),
    "desk": _l("Put on headquarters' desk"),
    "claimed": _l("Held by %(store)s"),
    "entered": _l("Entered by %(store)s, which holds it"),
    "came_in": _l("The customer came to %(store)s as well"),
    "declined": _l("%(store)s sent it back"),
    "expired": _l("%(store)s let the deadline pass"),
    "breached": _l("%(store)s missed a deadline"),
    "escalated": _l("The owner of %(store)s was told that it is late"),
    "escalated.hq": _l("Put on headquarters' desk: %(store)s is late"),
    "taken": _l("The offer to %(store)s ended: another store was faster"),
    "recalled": _l("Recalled from %(store)s"),
    "recycled": _l("Taken back from %(store)s"),
    "won": _l("Sold"),
    "lost": _l("Lost"),
    "closed": _l("Closed"),
    "suspected": _l("A later sign-up links this customer to a ring"),
    "kept": _l("Left with the store"),
    "screened_out": _l("Taken back: a later sign-up shows a ring"),
    "withdrawn": _l("The customer withdrew the consent"),
    "returned": _l("Given back to the rules"),
    "reopened": _l("Opened again"),
    "note": _l("Note of headquarters"),
    "seen": _l("%(store)s saw the offer"),
    "undone": _l("Undone: %(what)s"),
}

_ACT: Mapping[str, Any] = {
    "offer": _l("offered to stores"),
    "recall": _l("recalled"),
    "close": _l("closed the lead"),
    "return": _l("given back to the rules"),
    "keep": _l("left with the store"),
    "reopen": _l("opened again"),
    "pool": _l("put into the open pool"),
}

for _code, _text in _ACT.items():
    tell(f"act.{_code}", _text)
_DUE: Mapping[str, Any] = {
    "claim": _l("The claim was due at %(when)s"),
    "contact": _l("The first contact was due at %(when)s"),
    "follow_up": _l("The next follow-up was due at %(when)s"),
}

for _code, (_title, _advice) in _WHY.items():
    tell(f"why.{_code}", _title, _advice)
for _family, _texts in (
    ("screen", _SCREEN),
    ("place", _PLACE),
    ("story", _STORY),
    ("due_at", _DUE),
    ("passed", _PASSED),
    ("weighs", _WEIGHS),
):
    for _code, _text in _texts.items():
        tell(f"{_family}.{_code}", _text)
for _code, _text in _PHONE.items():
    tell(_code, _text)

tell("kind.given", _l("gave it to a colleague"))
tell("given_how.turn", _l("whose turn it was"))
tell("given_how.hand", _l("by hand"))
tell("given_how.share", _l("shared out among those on duty"))
tell("given_how.back", _l("as it was before"))
