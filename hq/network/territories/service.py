"""What headquarters changes about territories; each change is in the log with from and to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.network.stale import stale
from hq.network.territories.holders import Holder
from hq.routing.waking import wake, wake_pool
from shared.audit import service as audit
from shared.dealers.models import TERRITORY_MODES, Dealer, Store, Territory
from shared.identity.actor import Actor
from shared.platform.errors import Conflict, Invalid, Missing
from shared.platform.ids import new_id
from shared.regions import divisions

FARTHEST_KM = 300.0
_HOLDER = ("for_dealer_id", "for_store_id")
_MIDDLE = (104.0, 35.0)


class Removed(Conflict):
    """The territory was removed; taking that back comes first."""

    code = "territory_removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A territory as somebody wants it. `divisions`: codes in force; `radius_km`: None for divisions only."""

    name: str
    holder: Holder
    mode: str
    divisions: Sequence[str]
    radius_km: float | None

    def columns(self) -> dict[str, Any]:
        """As columns of `territories`.

        Raises:
            Invalid: it covers nothing, or names what there is none of.
        """
        if self.mode not in TERRITORY_MODES:
            raise Invalid(field="mode")
        if not self.divisions and self.radius_km is None:
            raise Invalid(field="divisions")
        if any(divisions.by_code(code) is None for code in self.divisions):
            raise Invalid(field="divisions")
        if self.radius_km is not None and not 1 <= self.radius_km <= FARTHEST_KM:
            raise Invalid(field="radius")
        return {
            "name": self.name,
            "for_dealer_id": self.holder.dealer_id,
            "for_store_id": self.holder.store_id,
            "mode": self.mode,
            "divisions": without_inner(self.divisions),
            "radius_km": self.radius_km,
        }


def without_inner(codes: Sequence[str]) -> list[str]:
    """Codes sorted, each once, those left out that lie in another one of them."""
    named = set(codes)
    kept = []
    for code in sorted(named):
        division = divisions.by_code(code)
        above = {division.city_code, division.province_code} - {code} if division else set()
        if not above & named:
            kept.append(code)
    return kept


def add(session: Session, *, wanted: Wanted, actor: Actor, now: datetime) -> UUID:
    """Add a territory.

    Raises:
        Invalid: see `Wanted.columns`.
    """
    territory_id = new_id(now)
    columns = wanted.columns()
    session.add(Territory(territory_id=territory_id, created_at=now, changed_at=now, removed_at=None, **columns))
    session.flush()  # a dealer or store that is not there is refused here
    details = {"name": wanted.name, "whom": wanted.holder.code, "mode": wanted.mode}
    audit.record(session, actor, "territory:add", f"territory:{territory_id}", at=now, details=details)
    return territory_id


def edit(
    session: Session, *, territory_id: UUID, seen: str, wanted: Wanted, actor: Actor, now: datetime
) -> Mapping[str, list[Any]]:
    """Change a territory; gives what changed as {column: [from, to]}, empty when nothing did.

    Args:
        seen: when it had been changed last as the form knew it, ISO.

    Raises:
        Missing: no such territory.
        Removed: it was removed meanwhile.
        Stale: somebody changed it since; `params` say who, when and what.
        Invalid: see `Wanted.columns`.
    """
    territory = lock(session, territory_id)
    if territory.changed_at.isoformat() != seen:
        raise stale(session, f"territory:{territory_id}", since=seen)
    return _change(session, territory, wanted.columns(), "territory:edit", wanted.holder, actor=actor, now=now)


def move(session: Session, *, territory_id: UUID, seen: str, to: Holder, actor: Actor, now: datetime) -> None:
    """Give a territory to another dealer or store, with everything that it covers; a radius goes along.

    Leads that stores hold and open offers stay where they are; what waits is looked at anew.

    Raises:
        Missing, Removed, Stale: as for `edit`.
        Invalid: it is theirs already.
    """
    territory = lock(session, territory_id)
    if territory.changed_at.isoformat() != seen:
        raise stale(session, f"territory:{territory_id}", since=seen)
    columns = {"for_dealer_id": to.dealer_id, "for_store_id": to.store_id}
    if (territory.for_dealer_id, territory.for_store_id) == (to.dealer_id, to.store_id):
        raise Invalid(field="whom")
    _change(session, territory, columns, "territory:move", to, actor=actor, now=now)


def remove(session: Session, *, territory_id: UUID, actor: Actor, now: datetime) -> None:
    """Take a territory away; `restore` brings it back.

    Raises:
        Missing, Removed: there is none.
    """
    territory = lock(session, territory_id)
    territory.removed_at = territory.changed_at = now
    audit.record(session, actor, "territory:remove", f"territory:{territory_id}", at=now, name=territory.name)
    _look_again(session, now)


def restore(session: Session, *, territory_id: UUID, actor: Actor, now: datetime) -> None:
    """Bring a removed territory back; doing so twice changes nothing.

    Raises:
        Missing: no such territory.
    """
    territory = _locked(session, territory_id)
    if territory.removed_at is None:
        return
    territory.removed_at, territory.changed_at = None, now
    audit.record(session, actor, "territory:restore", f"territory:{territory_id}", at=now, name=territory.name)
    _look_again(session, now)


def lock(session: Session, territory_id: UUID) -> Territory:
    """A territory that stands, locked.

    Raises:
        Missing: no such territory.
        Removed: it was removed.
    """
    territory = _locked(session, territory_id)
    if territory.removed_at is not None:
        raise Removed
    return territory


def _locked(session: Session, territory_id: UUID) -> Territory:
    found = session.scalars(
        select(Territory)
        .where(Territory.territory_id == territory_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise Missing(territory=str(territory_id))
    return found


def _change(
    session: Session,
    territory: Territory,
    columns: Mapping[str, Any],
    action: str,
    holder: Holder,
    *,
    actor: Actor,
    now: datetime,
) -> Mapping[str, list[Any]]:
    was = _holder_code(session, territory)
    changes: dict[str, list[Any]] = {}
    for name, value in columns.items():
        before = getattr(territory, name)
        if before != value:
            changes[name] = [_plain(before), _plain(value)]
            setattr(territory, name, value)
    if changes:
        territory.changed_at = now
        session.flush()
        details = {name: value for name, value in changes.items() if name not in _HOLDER}
        if was != holder.code:
            details["whom"] = [was, holder.code]
        audit.record(session, actor, action, f"territory:{territory.territory_id}", at=now, details=details)
        _look_again(session, now)
    return changes


def _holder_code(session: Session, territory: Territory) -> str:
    if territory.for_store_id is not None:
        return session.scalars(select(Store.code).where(Store.store_id == territory.for_store_id)).one()
    return session.scalars(select(Dealer.code).where(Dealer.dealer_id == territory.for_dealer_id)).one()


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def _look_again(session: Session, now: datetime) -> None:
    """What waits for room somewhere, or lies in the pool, may now go elsewhere."""
    wake(session, [_MIDDLE], km=None, now=now)
    wake_pool(session, now=now)
