"""A version as one store sees it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from content_library.copy import Piece, StoreValues, pieces
from content_library.lifecycle import VersionState
from content_library.queries import PublicationLine, VersionLine
from content_library.store_values import SampleStore

_MOST_ALIVE = ("running", "planned", "ended")
NOBODY = SampleStore(code="", values=StoreValues(store="…", manager=None, address="…"))


@dataclass(frozen=True, slots=True)
class Look:
    """Which version is looked at, as which store, and its copy filled in."""

    version: VersionLine
    store: SampleStore
    pieces: tuple[Piece, ...]


def look(
    versions: Sequence[VersionLine], stores: Sequence[SampleStore], *, version: int | None, store: str | None
) -> Look:
    """The wished version (else the newest) as the wished store (else the first; without stores as nobody's)."""
    line = next((each for each in versions if each.version == version), versions[0])
    sample = chosen_store(stores, store)
    return Look(line, sample, pieces(line.copy_text, sample.values))


def state_of(version: VersionLine, publications: Sequence[PublicationLine], now: datetime) -> str:
    """The code of a version's state; of a published one, whether it is in use, planned or over."""
    if version.status != VersionState.PUBLISHED:
        return f"version.{version.status}"
    states = {each.state_at(now) for each in publications if each.version == version.version}
    return f"publication.{min(states, key=_MOST_ALIVE.index, default='ended')}"


def chosen_store(stores: Sequence[SampleStore], code: str | None) -> SampleStore:
    """The store with this code, else the first."""
    return next((each for each in stores if each.code == code), stores[0] if stores else NOBODY)
