"""A version as one store sees it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from content_library.copy import Piece, StoreValues, pieces
from content_library.queries import VersionLine
from content_library.store_values import SampleStore

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


def chosen_store(stores: Sequence[SampleStore], code: str | None) -> SampleStore:
    """The store with this code, else the first."""
    return next((each for each in stores if each.code == code), stores[0] if stores else NOBODY)
