"""A store's poster: the picture, the store's name and address, and a QR code that leads to its sign-up page. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Final

import pylopdf_fonts_zh_cn
import segno
from PIL import Image, ImageDraw, ImageFont, ImageOps

from content_library.pictures import on_paper, opened, upright

WIDTH: Final = 1080  # px, what phones show at full width
_FOOT: Final = 320
_MARGIN: Final = 48
_QR: Final = 244
_CALL_HEIGHT: Final = 40
_PAPER: Final = "#ffffff"
_INK: Final = "#221d18"
_INK_2: Final = "#564e45"
_MAX_HEIGHT: Final = 2400


@dataclass(frozen=True, slots=True, kw_only=True)
class PosterFacts:
    """What is composed onto the picture."""

    store: str
    address: str
    link: str  # an absolute address, what the QR code holds
    call: str  # one line below the code, such as 扫码报名


def compose(picture: bytes | None, facts: PosterFacts) -> bytes:
    """The poster as JPEG bytes, 1080 px wide; without a picture it is the foot alone."""
    return finish(prepare(picture) if picture else None, facts)


def prepare(picture: bytes) -> Image.Image:
    """The picture as it stands on the poster of every store: the slow part, done once for many.

    Raises:
        BadPicture: it is cut, damaged, or no picture.
    """
    with opened(picture) as found:
        image = on_paper(upright(found))
    height = min(_MAX_HEIGHT, round(image.height * WIDTH / image.width))
    return ImageOps.fit(image, (WIDTH, height), Image.Resampling.LANCZOS)


def finish(top: Image.Image | None, facts: PosterFacts) -> bytes:
    """A prepared picture with a store's foot below it, as JPEG bytes."""
    height = top.height if top else 0
    poster = Image.new("RGB", (WIDTH, height + _FOOT), _PAPER)
    if top:
        poster.paste(top, (0, 0))
    _draw_foot(poster, height, facts)
    out = BytesIO()
    poster.save(out, "JPEG", quality=88, optimize=True)
    return out.getvalue()


def qr_image(link: str, side: int) -> Image.Image:
    """The QR code (error correction M, four modules of quiet zone) as a square of about `side` px."""
    code = segno.make(link, error="m", micro=False)
    modules = code.symbol_size(scale=1, border=4)[0]
    out = BytesIO()
    code.save(out, kind="png", scale=max(1, side // modules), border=4, dark=_INK, light=_PAPER)
    return Image.open(out).convert("RGB")


def _draw_foot(poster: Image.Image, top: int, facts: PosterFacts) -> None:
    pen = ImageDraw.Draw(poster)
    code = qr_image(facts.link, _QR)
    left = WIDTH - _MARGIN - code.width
    poster.paste(code, (left, top + (_FOOT - code.height - _CALL_HEIGHT) // 2))
    pen.text((left + code.width / 2, top + _FOOT - 30), facts.call, fill=_INK, font=_font(30), anchor="ms")
    room = left - 2 * _MARGIN
    name = _lines(pen, facts.store, 46, room, most=2)
    address = _lines(pen, facts.address, 30, room, most=2) if facts.address else []
    y = top + (_FOOT - len(name) * 62 - len(address) * 42) // 2
    for line in name:
        pen.text((_MARGIN, y), line, fill=_INK, font=_font(46), stroke_width=1, stroke_fill=_INK)
        y += 62
    for line in address:
        pen.text((_MARGIN, y + 6), line, fill=_INK_2, font=_font(30))
        y += 42


def _lines(pen: ImageDraw.ImageDraw, words: str, size: int, room: int, *, most: int) -> list[str]:
    """Break at any character, as Chinese does; what does not fit ends in an ellipsis."""
    lines = [""]
    for character in words:
        if pen.textlength(lines[-1] + character, font=_font(size)) > room:
            if len(lines) == most:
                lines[-1] = lines[-1][:-1] + "…"
                break
            lines.append("")
        lines[-1] += character
    return lines


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(pylopdf_fonts_zh_cn.sans_path()), size)
