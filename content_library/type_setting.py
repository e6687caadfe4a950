"""Words that fit into the room they have: measured, made smaller, broken into lines, at the very last cut. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

import pylopdf_fonts_zh_cn
from PIL import ImageFont

_NOWHERE: Final = "\U0010fffe"  # no font has it: what it looks like is the box that stands for a missing sign
_NOT_FIRST: Final = frozenset("，。、；：？！）》」』”’…—·,.;:?!)]}%")
_JOINERS: Final = frozenset("\u200b\u200c\u200d\ufe0e\ufe0f\u20e3")


@dataclass(frozen=True, slots=True)
class Set:
    """Lines of one size that fit."""

    lines: tuple[str, ...]
    size: int  # px
    leading: int  # px from line to line

    @property
    def height(self) -> int:
        """Of all lines, px."""
        return len(self.lines) * self.leading


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """The posters' type in a size of px."""
    return ImageFont.truetype(str(pylopdf_fonts_zh_cn.sans_path()), size)


def printable(text: str) -> str:
    """The text without signs that the posters' type does not have, such as emoji; space that they left is closed."""
    kept = "".join(sign for sign in text if _has(sign))
    return " ".join(kept.split())


def unprintable(text: str) -> tuple[str, ...]:
    """The signs that `printable` leaves out, each once; joiners and skin tones are not named."""
    return tuple(dict.fromkeys(sign for sign in text if not _has(sign) and not _is_silent(sign)))


def _is_silent(sign: str) -> bool:
    return sign in _JOINERS or sign.isspace() or unicodedata.category(sign) in {"Cc", "Cf", "Mn", "Sk"}


@lru_cache(maxsize=4096)
def _has(sign: str) -> bool:
    if sign == " " or ("!" <= sign <= "~"):
        return True
    if sign.isspace():
        return True
    if _is_silent(sign) or unicodedata.category(sign) in {"Cn", "Co", "Cs"}:
        return False
    return _look(sign) != _look(_NOWHERE)


@lru_cache(maxsize=4096)
def _look(sign: str) -> tuple[tuple[int, int], bytes]:
    mask = font(24).getmask(sign)
    return mask.size, bytes(mask)


def fit(text: str, *, room: int, sizes: Sequence[int], most: int, tall: int | None = None) -> Set:
    """The largest setting of a text that fits into `most` lines of `room` px.

    Args:
        text: printable.
        room: the width, px.
        sizes: to try, largest first; at the last one what does not fit ends in an ellipsis.
        most: how many lines there may be.
        tall: the height that all lines share, px; None for any.
    """
    for size in sizes:
        leading = round(size * 1.34)
        lines = _broken(text, size, room)
        if len(lines) <= most and (tall is None or len(lines) * leading <= tall):
            return Set(tuple(_balanced(text, lines, size, room)), size, leading)
    last = sizes[-1]
    leading = round(last * 1.34)
    fits = most if tall is None else max(1, min(most, tall // leading))
    return Set(tuple(_cut(_broken(text, last, room), fits, last, room)), last, leading)


def _broken(text: str, size: int, room: int) -> list[str]:
    """Lines that break at any Chinese character, between Latin words, and never before a closing mark."""
    lines: list[str] = []
    line = ""
    for unit in _units(text):
        if line and _width(line + unit, size) > room:
            lines.append(line.rstrip())
            line = unit.lstrip()
        else:
            line += unit
        while _width(line, size) > room and len(line) > 1:  # one long word: break inside it
            fits = next(n for n in range(len(line) - 1, 0, -1) if n == 1 or _width(line[:n], size) <= room)
            lines.append(line[:fits])
            line = line[fits:]
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _units(text: str) -> list[str]:
    units: list[str] = []
    for sign in text:
        joins = units and (
            sign in _NOT_FIRST or (_is_latin(sign) and _is_latin(units[-1][-1])) or (sign == " " and units[-1] != " ")
        )
        if joins:
            units[-1] += sign
        else:
            units.append(sign)
    return units


def _is_latin(sign: str) -> bool:
    return sign.isalnum() and ord(sign) < 0x250


def _balanced(text: str, lines: list[str], size: int, room: int) -> list[str]:
    """As many lines, but about equally long: no single character on a line of its own."""
    if len(lines) < 2:
        return lines
    narrow = round(_width(text, size) / len(lines)) + size // 2
    for width in range(max(narrow, size), room, max(1, size // 2)):
        closer = _broken(text, size, width)
        if len(closer) <= len(lines):
            return closer
    return lines


def _cut(lines: list[str], most: int, size: int, room: int) -> list[str]:
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and _width(last + "…", size) > room:
        last = last[:-1]
    return [*lines[: most - 1], last.rstrip() + "…"]


def _width(text: str, size: int) -> float:
    return font(size).getlength(text)
