"""What an uploaded picture is, before anything is done with it. Pure."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from shared.platform.errors import Invalid

MAX_BYTES: Final = 10 * 1024 * 1024
MAX_PIXELS: Final = 25_000_000  # a 20 kB PNG can claim 169 megapixels; Pillow itself only warns
MIN_SIDE: Final = 200
# What Pillow says of files that are cut, damaged, or made to confuse it.
_BROKEN: Final = (OSError, SyntaxError, ValueError, EOFError, OverflowError, struct.error, zlib.error)
_TYPES: Final = {"PNG": ("image/png", "png"), "JPEG": ("image/jpeg", "jpg")}


class BadPicture(Invalid):
    """The picture cannot be used; `reason`: empty, too_heavy, not_picture, too_many_pixels, too_small, cut."""

    code = "bad_picture"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was opened and read to its end."""

    media_type: str
    ending: str
    width: int
    height: int


def examine(content: bytes) -> Picture:
    """Open a PNG or JPEG by what it holds, not by its name.

    Raises:
        BadPicture: see its reasons; sizes in bytes and pixels are in the parameters.
    """
    if not content:
        raise BadPicture(reason="empty", field="picture")
    if len(content) > MAX_BYTES:
        raise BadPicture(reason="too_heavy", megabytes=round(len(content) / 2**20, 1), limit=10, field="picture")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the size is checked here, more strictly
        return _read(content)


def _read(content: bytes) -> Picture:
    try:
        with Image.open(BytesIO(content), formats=tuple(_TYPES)) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise BadPicture(
                    reason="too_many_pixels", megapixels=width * height // 1_000_000, limit=25, field="picture"
                )
            if min(width, height) < MIN_SIDE:
                raise BadPicture(reason="too_small", width=width, height=height, least=MIN_SIDE, field="picture")
            image.load()
            media_type, ending = _TYPES[str(image.format)]
            return Picture(media_type, ending, width, height)
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise BadPicture(reason="not_picture", field="picture") from error
    except _BROKEN as error:
        raise BadPicture(reason="cut", field="picture") from error


@contextmanager
def opened(content: bytes) -> Iterator[Image.Image]:
    """A picture to work with.

    Raises:
        BadPicture: it is cut or damaged; also when that shows only while one works with it.
    """
    try:
        with Image.open(BytesIO(content), formats=tuple(_TYPES)) as image:
            yield image
    except _BROKEN as error:
        raise BadPicture(reason="cut", field="picture") from error


def upright(image: Image.Image) -> Image.Image:
    """The picture as the camera was held; as it is where the camera's own words are damaged."""
    try:
        return ImageOps.exif_transpose(image)
    except _BROKEN:
        return image


def on_paper(image: Image.Image) -> Image.Image:
    """The picture without transparency: what was see-through is white, as on paper."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    layered = image.convert("RGBA")
    paper = Image.new("RGB", layered.size, "white")
    paper.paste(layered, mask=layered.getchannel("A"))
    return paper
