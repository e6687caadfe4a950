"""Where the code and the store's name stand on a poster's picture. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.platform.errors import Invalid

MIN_CODE: Final = 22.0  # % of the width: on a poster of 1080 px five pixels a module, which phones still read
MAX_CODE: Final = 60.0
MIN_NAME: Final = 24.0


class BadPlace(Invalid):
    """A place cannot be used.

    `reason`: no_code, code_small, code_large, code_outside, no_name, name_small, name_outside, over.
    """

    code = "bad_place"


@dataclass(frozen=True, slots=True)
class Box:
    """A box in percent: left and width of the picture's width, top of its height."""

    left: float
    top: float
    width: float


@dataclass(frozen=True, slots=True)
class Places:
    """The square of the code, and the box of the store's name and address, if they stand on the picture."""

    code: Box
    name: Box | None


def check(places: Places, *, width: int, height: int) -> None:
    """Refuse places that do not fit on a picture of this size, in px.

    Raises:
        BadPlace: see its reasons.
    """
    code, shape = places.code, width / height
    if code.width < MIN_CODE:
        raise BadPlace(reason="code_small", least=_number(MIN_CODE), field="code_width")
    if code.width > MAX_CODE:
        raise BadPlace(reason="code_large", most=_number(MAX_CODE), field="code_width")
    if not _inside(code, code.width * shape):
        raise BadPlace(reason="code_outside", field="code_left")
    if places.name is not None:
        _check_name(places.name, code, shape)


def _check_name(name: Box, code: Box, shape: float) -> None:
    if name.width < MIN_NAME:
        raise BadPlace(reason="name_small", least=_number(MIN_NAME), field="name_width")
    tall = name_height(name) * shape
    if not _inside(name, tall):
        raise BadPlace(reason="name_outside", field="name_left")
    apart = (
        name.left + name.width <= code.left
        or code.left + code.width <= name.left
        or name.top + tall <= code.top
        or code.top + code.width * shape <= name.top
    )
    if not apart:
        raise BadPlace(reason="over", field="name_left")


def name_height(name: Box) -> float:
    """How tall the box of the name is, in percent of the picture's width."""
    return max(9.0, name.width * 0.26)


def _inside(box: Box, tall: float) -> bool:
    slack = 0.5  # what rounding while dragging may cost
    return min(box.left, box.top) >= 0 and box.left + box.width <= 100 + slack and box.top + tall <= 100 + slack


def _number(value: float) -> int | float:
    return int(value) if value == int(value) else value


def to_json(places: Places) -> dict[str, Any]:
    """As it is stored."""
    name = places.name
    return {
        "code": [places.code.left, places.code.top, places.code.width],
        "name": [name.left, name.top, name.width] if name else None,
    }


def from_json(stored: Mapping[str, Any] | None) -> Places | None:
    """What `to_json` made; None: the poster has a strip below its picture."""
    if stored is None:
        return None
    return Places(Box(*stored["code"]), Box(*stored["name"]) if stored["name"] else None)
