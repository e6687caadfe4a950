"""What screening looks at: what one sign-up says by itself, and who was near it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from hq.qualification.screening.crowds import Crowd


@dataclass(frozen=True, slots=True)
class Listing:
    """A list on which something of the sign-up stands.

    Attributes:
        purpose: blocked, staff, owner, winner (`listed.PURPOSES`), or `account` for somebody who signs in to Koi.
        what: phone, openid, device, address.
        why: what the person who added it wrote; empty for accounts.
        since: when it was added.
    """

    purpose: str
    what: str
    why: str
    since: datetime


class SignupFacts(NamedTuple):
    """What one sign-up and its contact say by themselves.

    Attributes:
        phone_problem: why there is no usable phone, or None.
        virtual_operator: its prefix is sold by virtual operators only.
        share_consent: the phone may be given to a dealer.
        draws: chances taken, None when not told.
        self_invited: the person named themselves as the one who invited them.
        suspected: another sign-up of the same contact stands in quarantine.
        script: the browser says that it is a program.
        seconds_to_act: seconds from signing up to the first act in the campaign, None when not told.
        risk_rank: WeChat's own, 0 (none) to 4, None when not told.
        store_km: from the person's place to the nearest store, None when either is not known.
        months_since_sale: since the contact last bought, None when it never did.
        returns: stores that sent a lead of the contact back because nobody real is behind it.
        openid_phones: numbers seen with the sign-up's openid or unionid when they are too many for a person, else None.
        listings: the lists on which something of it stands.
    """

    phone_problem: str | None = None
    virtual_operator: bool = False
    share_consent: bool = True
    draws: int | None = None
    self_invited: bool = False
    suspected: bool = False
    script: bool = False
    seconds_to_act: int | None = None
    risk_rank: int | None = None
    store_km: float | None = None
    months_since_sale: int | None = None
    returns: int = 0
    openid_phones: int | None = None
    listings: tuple[Listing, ...] = ()


@dataclass(frozen=True, slots=True)
class Gathering:
    """A crowd, and the draws of its people on average (None: nobody told)."""

    crowd: Crowd
    draws: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFacts:
    """Who else was on the same device, at the same address, invited by the same person; None where there was nobody
    to ask about.

    Attributes:
        rate: sign-ups within one minute at the same address with the same browser.
        circle: people who invited each other in a circle that this one is part of.
    """

    device: Crowd | None = None
    address: Crowd | None = None
    bare_address: Gathering | None = None
    rate: int | None = None
    invited: Gathering | None = None
    circle: int | None = None
