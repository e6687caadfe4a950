"""Which leads a list shows, and how many there are of each kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from dealer.inbox.agenda import Due, by_due
from shared.contacts.crypto import Vault
from shared.identity.actor import Actor
from shared.leads import queries
from shared.leads.lifecycle import Stage
from shared.leads.queries import WORKED, Held

SHOWS = ("working", "untouched", "visits", "won", "lost", "missed")
#: Lists of leads that have left the store's hands, or are done with.
ENDED: Mapping[str, tuple[Stage, ...]] = {
    "won": (Stage.WON,),
    "lost": (Stage.LOST, Stage.RECYCLED, Stage.RECALLED),
    "missed": (Stage.EXPIRED, Stage.DECLINED),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody looks for: a list, whose leads (None: everybody's), and a name or the last four digits."""

    show: str = "working"
    who: UUID | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One list: its leads by when they are due, and the counts of all lists."""

    show: str
    wanted: str
    groups: Mapping[Due, list[Held]]
    counts: Mapping[str, int]
    mine: int

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self.groups

    @property
    def ended(self) -> bool:
        """Whether the leads of this list are done with."""
        return self.show in ENDED


def listed(session: Session, *, actor: Actor, wish: Wish, now: datetime, vault: Vault) -> Listed:
    """The leads of a list whose name holds the text, or whose number ends with it. An unknown list is `working`.

    Who searches looks through everything that the store has and had, whatever the list.
    """
    show, text = wish.show if wish.show in SHOWS else "working", wish.text.strip()
    working = queries.leads(session, actor=actor, vault=vault, assignee=wish.who)
    if text:
        found = _search(session, actor, text, working, vault)
    elif show in ENDED:
        found = queries.leads(session, actor=actor, vault=vault, assignee=wish.who, stages=ENDED[show])
    else:
        found = _of(show, working)
    stages = queries.stage_counts(session, actor=actor, assignee=wish.who)
    counts = {name: sum(stages.get(stage, 0) for stage in ended) for name, ended in ENDED.items()}
    counts |= {name: len(_of(name, working)) for name in SHOWS if name not in ENDED}
    counts["working"] = sum(stages.get(Stage(stage), 0) for stage in WORKED)
    return Listed(
        show=show,
        wanted=text,
        groups=_groups(found, now, ended=show in ENDED or bool(text)),
        counts=counts,
        mine=sum(lead.assignee == actor.user_id for lead in working),
    )


def _search(session: Session, actor: Actor, text: str, working: Iterable[Held], vault: Vault) -> list[Held]:
    """By the last four digits in the database, by name among the cards that can be opened."""
    everything = (*WORKED, *(stage for ended in ENDED.values() for stage in ended))
    digits = text.replace(" ", "").replace("-", "").removeprefix("+86")
    if len(digits) in (4, 11) and digits.isascii() and digits.isdigit():
        ending = queries.leads(session, actor=actor, vault=vault, stages=everything, ending=digits[-4:])
        return [lead for lead in ending if len(digits) == 4 or lead.phone.startswith(digits[:3])]
    sold = queries.leads(session, actor=actor, vault=vault, stages=(Stage.WON,))
    return [lead for lead in (*working, *sold) if text in lead.name]


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
