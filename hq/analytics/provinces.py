"""Provinces as tiles: a grid in which neighbours stand beside each other. Not a map: no borders, no claim to scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.regions import divisions

# Two digits of GB/T 2260 → column 1–9, row 1–8, and the one-character name.
_TILES: Mapping[str, tuple[int, int, str]] = {
    "23": (9, 1, "黑"),
    "65": (1, 2, "新"),
    "15": (6, 2, "蒙"),
    "21": (8, 2, "辽"),
    "22": (9, 2, "吉"),
    "62": (3, 3, "甘"),
    "64": (4, 3, "宁"),
    "14": (5, 3, "晋"),
    "13": (6, 3, "冀"),
    "11": (7, 3, "京"),
    "12": (8, 3, "津"),
    "63": (2, 4, "青"),
    "61": (4, 4, "陕"),
    "41": (5, 4, "豫"),
    "37": (6, 4, "鲁"),
    "54": (1, 5, "藏"),
    "51": (3, 5, "川"),
    "50": (4, 5, "渝"),
    "42": (5, 5, "鄂"),
    "34": (6, 5, "皖"),
    "32": (7, 5, "苏"),
    "31": (8, 5, "沪"),
    "53": (3, 6, "滇"),
    "52": (4, 6, "黔"),
    "43": (5, 6, "湘"),
    "36": (6, 6, "赣"),
    "33": (7, 6, "浙"),
    "45": (4, 7, "桂"),
    "44": (5, 7, "粤"),
    "35": (6, 7, "闽"),
    "71": (8, 7, "台"),
    "46": (4, 8, "琼"),
    "82": (5, 8, "澳"),
    "81": (6, 8, "港"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A province on the grid; `shade` 1 to 5 by its leads, 0 for none."""

    code: str
    name: str
    short: str
    column: int
    row: int
    leads: int
    in_time: int
    offered: int
    won: int
    shade: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The tiles, the number from which the darkest shade begins, and leads whose place is unknown."""

    tiles: Sequence[Tile]
    top: int
    unknown: int


def known(code: str) -> bool:
    """Whether two digits name a province."""
    return code in _TILES


def grid(counted: Mapping[str, Sequence[int]]) -> Grid:
    """Place the counts.

    Args:
        counted: two digits of a province, empty for unknown → leads, in time, offered, won.
    """
    most = max((each[0] for code, each in counted.items() if code in _TILES), default=0)
    limits = _limits(most)
    tiles = []
    for code, (column, row, short) in _TILES.items():
        leads, in_time, offered, won = counted.get(code, (0, 0, 0, 0))
        division = divisions.by_code(f"{code}0000")
        tiles.append(
            Tile(
                code=code,
                name=division.name if division else short,
                short=short,
                column=column,
                row=row,
                leads=leads,
                in_time=in_time,
                offered=offered,
                won=won,
                shade=sum(leads >= limit for limit in limits),
            )
        )
    unknown = sum(each[0] for code, each in counted.items() if code not in _TILES)
    return Grid(tiles=tiles, top=limits[-1], unknown=unknown)


def _limits(most: int) -> list[int]:
    """From how many leads each shade begins: 1, then parts of the largest round number that is reached."""
    round_numbers = [unit * 10**power for power in range(7) for unit in (1, 2, 5)]
    top = max(number for number in round_numbers if number <= max(most, 10))
    return [1, *(max(2, round(top * part)) for part in (0.1, 0.25, 0.5, 1))]
