"""Drawn pictures for the demo's content: a scooter, a few rings of water, the title in large type."""

from __future__ import annotations

import math
from io import BytesIO
from random import Random
from typing import Final

from PIL import Image, ImageDraw

from content_library.type_setting import fit, font

# ground, rings, body, ink
_PALETTES: Final = (
    ("#e8552b", "#f07a52", "#fff3e6", "#221d18"),
    ("#fff3e6", "#f3d9bd", "#e8552b", "#221d18"),
    ("#223a36", "#2f4f49", "#e8a23b", "#f5efe4"),
    ("#efe6d8", "#e0d2bb", "#8a4b2a", "#221d18"),
)
_BLACK: Final = "#1b1713"


def picture(number: int, title: str, line: str, *, size: tuple[int, int] = (1080, 1440)) -> bytes:
    """A picture as PNG; the same number and words give the same picture."""
    ground, rings, body, ink = _PALETTES[number % len(_PALETTES)]
    rnd = Random(number)  # noqa: S311 - the demo is the same every time
    width, height = size
    image = Image.new("RGB", size, ground)
    pen = ImageDraw.Draw(image)
    x, y = rnd.randrange(width // 3, width), rnd.randrange(height // 4, height // 2)
    for radius in range(110, 900, 130):
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline=rings, width=10)
    is_tall = height > width
    ground_at = height - (330 if is_tall else 90)
    pen.rectangle((0, ground_at, width, height), fill=rings)
    _scooter(pen, width / 2 - 270 if is_tall else width - 620, ground_at, body)
    room = width - 160 if is_tall else width - 760
    setting = fit(title, room=room, sizes=(128, 112, 96, 84, 72), most=2)
    for row, words in enumerate(setting.lines):
        place = (80, 96 + row * setting.leading)
        pen.text(place, words, fill=ink, font=font(setting.size), stroke_width=2, stroke_fill=ink)
    pen.text((84, 120 + setting.height), line, fill=ink, font=font(46))
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _scooter(pen: ImageDraw.ImageDraw, left: float, ground: float, body: str) -> None:
    """A scooter that stands on `ground`, 540 px long."""
    wheel = ground - 74
    pen.rounded_rectangle((left + 20, wheel - 120, left + 460, wheel - 30), 26, fill=body)
    front = [(left + 396, wheel - 50), (left + 470, wheel - 330), (left + 520, wheel - 330), (left + 462, wheel - 30)]
    pen.polygon(front, fill=body)
    pen.line((left + 490, wheel - 322, left + 436, wheel - 380), fill=_BLACK, width=20)
    pen.rounded_rectangle((left + 30, wheel - 184, left + 250, wheel - 116), 30, fill=_BLACK)
    for at in (left + 74, left + 470):
        pen.ellipse((at - 74, wheel - 74, at + 74, wheel + 74), fill=_BLACK)
        pen.ellipse((at - 38, wheel - 38, at + 38, wheel + 38), fill=body)
        for spoke in range(3):
            turn = spoke * 2 * math.pi / 3 + 0.4
            pen.line((at, wheel, at + 60 * math.cos(turn), wheel + 60 * math.sin(turn)), fill="#8a7f70", width=6)
