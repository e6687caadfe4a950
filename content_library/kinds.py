"""What kinds of content there are, and what each is made of. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from shared.platform.errors import Invalid

MAX_LINK: Final = 500  # characters


class Kind(StrEnum):
    """A kind of content; stored by value."""

    POSTER = "poster"
    PICTURE = "picture"
    VIDEO = "video"
    COPY = "copy"
    SCRIPT = "script"
    LINK = "link"


PICTURED: Final = frozenset({Kind.POSTER, Kind.PICTURE, Kind.VIDEO})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a version is made of."""

    copy_text: str
    link: str | None
    picture: bool
    video: bool


def needs(kind: Kind, parts: Parts) -> None:
    """Refuse a version that lacks what its kind is about.

    Raises:
        Invalid: naming the field that is empty, or a link that does not lead to a page.
    """
    if kind in {Kind.POSTER, Kind.PICTURE} and not parts.picture:
        raise Invalid(field="picture", reason=f"no_picture_{kind}")
    if kind is Kind.VIDEO and not parts.video:
        raise Invalid(field="video", reason="no_video")
    if kind in {Kind.COPY, Kind.SCRIPT} and not parts.copy_text.strip():
        raise Invalid(field="copy_text", reason="nothing_in_it")
    if kind is Kind.LINK:
        _check_link(parts.link or "")


def _check_link(link: str) -> None:
    if not link:
        raise Invalid(field="link", reason="required")
    try:
        parts = urlsplit(link)
        leads_out = parts.scheme == "https" and "." in (parts.hostname or "") and not parts.username
    except ValueError:
        leads_out = False
    if not leads_out or not link.isprintable() or " " in link or len(link) > MAX_LINK:
        raise Invalid(field="link", reason="bad_link")


def sentences(script: str) -> tuple[str, ...]:
    """The parts of a script that are sent one by one: what stands between empty lines."""
    blocks = "\n".join(line.rstrip() for line in script.split("\n")).split("\n\n")
    return tuple(block.strip("\n") for block in blocks if block.strip())
