"""A version as one store sees it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from content_library.copy import Piece, StoreValues, pieces
from content_library.kinds import Kind, sentences
from content_library.lifecycle import VersionState
from content_library.queries import PublicationLine, VersionLine
from content_library.store_values import SampleStore

_MOST_ALIVE = ("running", "planned", "ended")
NOBODY = SampleStore(code="", values=StoreValues(store="…", manager=None, address="…"))


def paragraphs(kind: Kind, copy_text: str, values: StoreValues) -> list[tuple[Piece, ...]]:
    """The copy filled in; a script in its sentences, anything else as one."""
    parts = sentences(copy_text) if kind is Kind.SCRIPT else (copy_text,)
    return [pieces(part, values) for part in parts if part.strip()]


def version_of(versions: Sequence[VersionLine], wanted: int | None) -> VersionLine:
    """The wished version, else the newest."""
    return next((each for each in versions if each.version == wanted), versions[0])


def state_of(version: VersionLine, publications: Sequence[PublicationLine], now: datetime) -> str:
    """The code of a version's state; of a published one, whether it is in use, planned or over."""
    if version.status != VersionState.PUBLISHED:
        return f"version.{version.status}"
    states = {each.state_at(now) for each in publications if each.version == version.version}
    return f"publication.{min(states, key=_MOST_ALIVE.index, default='ended')}"


def chosen_store(stores: Sequence[SampleStore], code: str | None) -> SampleStore:
    """The store with this code, else the first ordinary one."""
    wished = next((each for each in stores if each.code == code), None)
    ordinary = next((each for each in stores if not each.why), stores[0] if stores else NOBODY)
    return wished or ordinary
