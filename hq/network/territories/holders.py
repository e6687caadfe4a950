"""Whose a territory is: a dealer or one of its stores, by code or name."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.dealers.models import Dealer, Store
from shared.platform.errors import Invalid

_SHOWN = 5


class NoHolder(Invalid):
    """No dealer or store is meant; `params["reason"]`: unknown, several (then `found` names them)."""

    code = "territory_holder"


@dataclass(frozen=True, slots=True)
class Holder:
    """A dealer (`store_id` None: all its stores) or one store of it; `code` finds it again."""

    dealer_id: UUID
    store_id: UUID | None
    code: str
    name: str


def find(session: Session, words: str) -> Holder:
    """The dealer or store with this code or name, or the only one that is not closed whose name holds the words.

    Raises:
        NoHolder: none, or several.
    """
    plain = words.strip()
    found = [*_stores(session, plain), *_dealers(session, plain)]
    exact = [each for each in found if plain.upper() == each.code.upper()] or [
        each for each in found if plain == each.name
    ]
    if len(exact) == 1 or len(found) == 1:
        return (exact or found)[0]
    if not found:
        raise NoHolder(field="whom", reason="unknown")
    named = "; ".join(f"{each.name} {each.code}" for each in (exact or found)[:_SHOWN])
    raise NoHolder(field="whom", reason="several", found=named)


def _stores(session: Session, words: str) -> list[Holder]:
    chosen = select(Store.dealer_id, Store.store_id, Store.code, Store.name).where(
        (func.upper(Store.code) == words.upper()) | Store.name.contains(words, autoescape=True),
        Store.status != "closed",
    )
    rows = session.execute(chosen.order_by(func.upper(Store.code) != words.upper(), Store.code).limit(_SHOWN + 1))
    return [Holder(*row) for row in rows]


def _dealers(session: Session, words: str) -> list[Holder]:
    chosen = select(Dealer.dealer_id, Dealer.code, Dealer.name).where(
        (func.upper(Dealer.code) == words.upper()) | Dealer.name.contains(words, autoescape=True),
        Dealer.status == "active",
    )
    rows = session.execute(chosen.order_by(func.upper(Dealer.code) != words.upper(), Dealer.code).limit(_SHOWN + 1))
    return [Holder(row.dealer_id, None, row.code, row.name) for row in rows]
