"""The drain `hq.qualify`: received sign-ups become contacts and leads, or are turned away with a reason."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy.orm import Session

from hq.qualification import queries, rings, service
from hq.qualification.decide import decide_all
from hq.qualification.decisions import Geography, Place, Rulebook
from hq.qualification.facts import Received, Said
from hq.qualification.matching.engine import PHONE, Key
from hq.qualification.scoring.default import DEFAULT_CARD
from hq.qualification.scoring.scorecard import Scorecard
from hq.qualification.screening.rules import ScreeningRules, default_body
from hq.qualification.thresholds.queries import standing_of
from hq.routing.network import ATLAS, Network
from hq.routing.places import place_of
from hq.rules.queries import InForce, in_force, of_kind
from shared.contacts.crypto import BlindIndex, Vault
from shared.contacts.sealing import SealedPhone, seal_phone
from shared.platform.ids import next_id
from shared.platform.keys import CURRENT_KEY_ID, Keyring
from shared.signups.models import Signup
from shared.signups.rows import Sealer
from shared.work.aside import Aside, sift
from shared.work.doorbell import ring_after_commit
from shared.work.drains import Batch, drain
from shared.work.place import settings_of


@drain("hq.qualify", due=queries.received, key=Signup.signup_id, since=Signup.accepted_at, batch=500)
def qualify(session: Session, batch: Batch, now: datetime) -> Aside:
    """Match, screen and score a batch, and open or strengthen leads."""
    rules = rulebook(session)
    received = [queries.as_received(row) for row in batch]
    facts = queries.facts_of(session, received, rules.screening, now=now)
    rings_found = rings.settle(session, facts, lambda: next_id(now), now=now)
    if rings_found.parted:
        facts = queries.facts_of(session, received, rules.screening, now=now)
    facts = replace(facts.without(rings_found.busy), crowded=rings_found.phones, fresh=rings_found.fresh)
    phones, unreadable = _phones(settings_of(session).keys, received, facts.identities)
    readable = facts.without(unreadable)
    decisions = decide_all(readable, rules, geography(ATLAS.network(session)), lambda: next_id(now))
    service.write(session, decisions, readable, rules, phones, now=now)
    ring_after_commit(session, "hq.route")
    if any(each.said.source == "store" for each in received):
        ring_after_commit(session, "hq.walk_ins")
    return {**unreadable, **decisions.aside}


def rulebook(session: Session) -> Rulebook:
    """The screening rules, the scorecard and the thresholds in force; one statement."""
    return rulebook_of(in_force(session))


def rulebook_of(rules: Mapping[str, InForce]) -> Rulebook:
    """Rules as decisions read them; of a kind that is missing what Koi comes with."""
    screening, card, thresholds = (of_kind(rules, kind) for kind in ("screening", "scorecard", "thresholds"))
    return Rulebook(
        ScreeningRules.parse(screening.body or default_body()),
        Scorecard.parse(card.body or DEFAULT_CARD),
        standing_of(thresholds),
        {"screening": screening.version, "scorecard": card.version, "thresholds": thresholds.version},
    )


def geography(network: Network) -> Geography:
    """Where people are, by the network of stores as it is now. What screening has asked about one sign-up the scorecard
    asks again, and most people have no other: their place and its nearest store are found once."""
    nearest_km = cache(network.nearest_km)
    alone: dict[UUID, Place] = {}

    def place(signups: Sequence[Said]) -> Place:
        if len(signups) != 1:
            return place_of(signups, network)
        key = signups[0].signup_id
        if key not in alone:
            alone[key] = place_of(signups, network)
        return alone[key]

    return Geography(
        place,
        lambda place: nearest_km(place["lng"], place["lat"]) if place else None,
    )


def _phones(
    keys: Keyring, received: Sequence[Received], known: Container[Key]
) -> tuple[Mapping[bytes, SealedPhone], Aside]:
    """The numbers that nobody had yet, sealed for contacts, by blind index; and the sign-ups whose payload cannot be
    opened."""
    sealer, vault, index = Sealer(keys), Vault(keys.contacts, CURRENT_KEY_ID), BlindIndex(keys.blind)
    new = {each.said.phone_bidx: each for each in received if each.sealed is not None and _is_new(each, known)}

    def sealed(each: Received) -> SealedPhone:
        person = sealer.open(each.signup_id, each.sealed or b"")
        return seal_phone(person["phone"], vault=vault, index=index)

    phones, unreadable = sift(((each.signup_id, each) for each in new.values()), sealed)
    return {phone.phone_bidx: phone for phone in phones.values()}, unreadable


def _is_new(each: Received, known: Container[Key]) -> bool:
    return each.said.phone_bidx is not None and Key(PHONE, each.said.phone_bidx) not in known
