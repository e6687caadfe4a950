"""A store's poster: the picture, the store's name and address, and a QR code that leads to its sign-up page. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Final

import segno
from PIL import Image, ImageDraw, ImageOps

from content_library.pictures import on_paper, opened, upright
from content_library.places import Box, Places, name_height
from content_library.type_setting import Set, fit, font, printable

WIDTH: Final = 1080  # px, what phones show at full width
DESIGN: Final = 3  # of everything below and in `places`: a change makes every poster be drawn anew
_FOOT: Final = 320
_MARGIN: Final = 48
_CODE: Final = 244
_CALL: Final = 40
_PAPER: Final = "#ffffff"
_INK: Final = "#221d18"
_INK_2: Final = "#564e45"
_MAX_HEIGHT: Final = 2400
_NAME_SIZES: Final = (46, 42, 38, 34, 30, 26)
_ADDRESS_SIZES: Final = (30, 27, 24, 22)


@dataclass(frozen=True, slots=True, kw_only=True)
class PosterFacts:
    """What is composed onto the picture."""

    store: str
    address: str
    link: str  # an absolute address, what the QR code holds
    call: str  # one line below the code, such as 扫码报名


def compose(picture: bytes | None, facts: PosterFacts, places: Places | None = None) -> bytes:
    """The poster as JPEG bytes, 1080 px wide; without a picture it is the foot alone."""
    return finish(prepare(picture) if picture else None, facts, places)


def prepare(picture: bytes) -> Image.Image:
    """The picture as it stands on the poster of every store: the slow part, done once for many.

    Raises:
        BadPicture: it is cut, damaged, or no picture.
    """
    with opened(picture) as found:
        found.draft("RGB", (WIDTH, _MAX_HEIGHT))
        image = on_paper(upright(found))
    return ImageOps.fit(image, (WIDTH, poster_height(image.width, image.height)), Image.Resampling.LANCZOS)


def poster_height(width: int, height: int) -> int:
    """How tall a picture of this size is on the poster, px; what is taller is cut at both ends."""
    return min(_MAX_HEIGHT, round(height * WIDTH / width))


def finish(top: Image.Image | None, facts: PosterFacts, places: Places | None = None) -> bytes:
    """A prepared picture with a store's values, on it where `places` says so, else below it; as JPEG bytes."""
    if top is not None and places is not None:
        poster = top.copy()
        _draw_on(poster, facts, places)
    else:
        height = top.height if top else 0
        poster = Image.new("RGB", (WIDTH, height + _FOOT), _PAPER)
        if top:
            poster.paste(top, (0, 0))
        _draw_foot(poster, height, facts)
    out = BytesIO()
    poster.save(out, "JPEG", quality=88)
    return out.getvalue()


def qr_image(link: str, side: int) -> Image.Image:
    """The QR code (error correction M, four modules of quiet zone) as a square of at most `side` px."""
    code = segno.make(link, error="m", micro=False)
    modules = code.symbol_size(scale=1, border=4)[0]
    out = BytesIO()
    code.save(out, kind="png", scale=max(1, side // modules), border=4, dark=_INK, light=_PAPER)
    return Image.open(out).convert("RGB")


def _draw_on(poster: Image.Image, facts: PosterFacts, places: Places) -> None:
    """Code and name on the picture, each on a plate of paper: they can be read on any picture."""
    left, top, side = _pixels(places.code, poster)
    pen = ImageDraw.Draw(poster)
    pen.rounded_rectangle((left, top, left + side, top + side), radius=round(side * 0.06), fill=_PAPER)
    code = qr_image(facts.link, side)
    poster.paste(code, (left + (side - code.width) // 2, top + (side - code.height) // 2))
    if places.name is None:
        return
    left, top, width = _pixels(places.name, poster)
    tall = round(name_height(places.name) / 100 * poster.width)
    pen.rounded_rectangle((left, top, left + width, top + tall), radius=round(tall * 0.16), fill=_PAPER)
    inset = round(tall * 0.16)
    _draw_name(pen, facts, left=left + inset, top=top + inset // 2, room=width - 2 * inset, tall=tall - inset)


def _pixels(box: Box, poster: Image.Image) -> tuple[int, int, int]:
    width = round(box.width / 100 * poster.width)
    left = min(round(box.left / 100 * poster.width), poster.width - width)
    return max(0, left), round(box.top / 100 * poster.height), width


def _draw_foot(poster: Image.Image, top: int, facts: PosterFacts) -> None:
    pen = ImageDraw.Draw(poster)
    code = qr_image(facts.link, _CODE)
    left = WIDTH - _MARGIN - code.width
    poster.paste(code, (left, top + (_FOOT - code.height - _CALL) // 2))
    pen.text((left + code.width / 2, top + _FOOT - 30), facts.call, fill=_INK, font=font(30), anchor="ms")
    _draw_name(pen, facts, left=_MARGIN, top=top + 20, room=left - 2 * _MARGIN, tall=_FOOT - 40)


def _draw_name(pen: ImageDraw.ImageDraw, facts: PosterFacts, *, left: int, top: int, room: int, tall: int) -> None:
    """Name and address, the name first in size and in room, both together in the middle of the height."""
    scale = min(1.25, tall / 140)
    name, address = printable(facts.store), printable(facts.address)
    name_room = round(tall * (0.62 if address else 1))
    named = fit(name, room=room, sizes=_scaled(_NAME_SIZES, scale), most=3, tall=name_room)
    rest = tall - named.height
    addressed = fit(address, room=room, sizes=_scaled(_ADDRESS_SIZES, scale), most=2, tall=rest) if address else None
    y = top + (rest - (addressed.height if addressed else 0)) // 2
    _draw_lines(pen, named, left, y, _INK, bold=True)
    if addressed:
        _draw_lines(pen, addressed, left, y + named.height, _INK_2, bold=False)


def _scaled(sizes: tuple[int, ...], scale: float) -> tuple[int, ...]:
    return tuple(max(16, round(size * scale)) for size in sizes)


def _draw_lines(pen: ImageDraw.ImageDraw, lines: Set, left: int, top: int, ink: str, *, bold: bool) -> None:
    for number, line in enumerate(lines.lines):
        y = top + number * lines.leading
        pen.text((left, y), line, fill=ink, font=font(lines.size), stroke_width=int(bold), stroke_fill=ink)
