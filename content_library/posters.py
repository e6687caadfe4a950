"""Drawn posters: each is drawn once and kept under a name made of all that stands on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from typing import Any, Final
from uuid import UUID

from PIL import Image

from content_library.places import from_json
from content_library.poster import DESIGN, PosterFacts, finish, prepare
from content_library.renditions import webp
from shared.platform.errors import Missing
from shared.platform.storage import Storage

SMALL: Final = 480  # px, a poster in a list


def poster_key(dealer_id: UUID, picture_key: str, facts: PosterFacts, places: Mapping[str, Any] | None) -> str:
    """Where the poster lies: the same content has the same name, another content never."""
    everything = json.dumps([DESIGN, picture_key, asdict(facts), places], sort_keys=True, ensure_ascii=False)
    return f"posters/{dealer_id}/{sha256(everything.encode()).hexdigest()[:32]}.jpg"


def drawn(
    storage: Storage, key: str, *, picture_key: str, facts: PosterFacts, places: Mapping[str, Any] | None
) -> bytes:
    """The poster as JPEG: out of the storage, or drawn now and kept.

    Args:
        key: of `poster_key` for the same picture, facts and places.

    Raises:
        Missing: the picture is gone.
        BadPicture: it is damaged.
    """
    try:
        return storage.get(key)
    except Missing:
        poster = finish(prepared(storage, picture_key), facts, from_json(places))
        storage.put(key, poster)
        return poster


def small(storage: Storage, key: str, draw: Callable[[], bytes]) -> bytes:
    """The poster for a list, as WebP.

    Args:
        key: of the poster.
        draw: gives the poster; called when there is none for a list yet.
    """
    name = f"{key}.{SMALL}.webp"
    try:
        return storage.get(name)
    except Missing:
        content = webp(draw(), SMALL)
        storage.put(name, content)
        return content


def prepared(storage: Storage, picture_key: str) -> Image.Image:
    """The picture at the posters' width: made once for all stores, and the last few are kept at hand.

    Raises:
        Missing: the picture is gone.
        BadPicture: it is damaged.
    """
    key = f"{picture_key}.poster.png"
    try:
        return _opened(storage.get(key))
    except Missing:
        image = prepare(storage.get(picture_key))
        out = BytesIO()
        image.save(out, "PNG", compress_level=1)
        storage.put(key, out.getvalue())
        return image


@lru_cache(maxsize=4)
def _opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image
