"""Which leads a list shows, and how many there are of each kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from dealer.inbox.agenda import Due, by_due
from shared.contacts.crypto import Vault
from shared.identity.actor import Actor
from shared.leads import queries
from shared.leads.lifecycle import Stage
from shared.leads.queries import WORKED, Held

SHOWS = ("working", "untouched", "visits", "won", "lost")
_STAGES = {"won": (Stage.WON,), "lost": (Stage.LOST, Stage.RECYCLED, Stage.RECALLED)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One list: its leads by when they are due, and the counts of all lists."""

    show: str
    wanted: str
    groups: Mapping[Due, list[Held]]
    counts: Mapping[str, int]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self.groups


def listed(session: Session, *, actor: Actor, show: str, wanted: str, now: datetime, vault: Vault) -> Listed:
    """The leads of a list whose name holds `wanted`, or whose number ends with it. An unknown list is `working`."""
    show = show if show in SHOWS else "working"
    working = queries.leads(session, actor=actor, vault=vault)
    ended = _STAGES.get(show)
    found = queries.leads(session, actor=actor, vault=vault, stages=ended) if ended else _of(show, working)
    stages = queries.stage_counts(session, actor=actor)
    counts = {name: sum(stages.get(stage, 0) for stage in _STAGES[name]) for name in _STAGES}
    counts |= {name: len(_of(name, working)) for name in SHOWS if name not in _STAGES}
    counts["working"] = sum(stages.get(Stage(stage), 0) for stage in WORKED)
    matching = [lead for lead in found if _matches(lead, wanted.strip())]
    return Listed(show=show, wanted=wanted, groups=_groups(matching, now, ended=bool(ended)), counts=counts)


def _of(show: str, leads: Iterable[Held]) -> list[Held]:
    if show == "untouched":
        return [lead for lead in leads if lead.step is None]
    if show == "visits":
        return [lead for lead in leads if lead.is_visit]
    return list(leads)


def _groups(leads: list[Held], now: datetime, *, ended: bool) -> Mapping[Due, list[Held]]:
    if not ended:
        return by_due(leads, now)
    return {Due.OPEN: sorted(leads, key=lambda lead: lead.moved_at, reverse=True)} if leads else {}


def _matches(lead: Held, wanted: str) -> bool:
    return not wanted or wanted in lead.name or (len(wanted) == 4 and lead.phone.endswith(wanted))
