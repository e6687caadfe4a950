"""A campaign's picture, made light enough for a page that is opened on a bad network."""

from __future__ import annotations

from io import BytesIO
from typing import Final

from PIL import Image, ImageOps

from content_library.pictures import examine, on_paper, opened, upright

SIZE: Final = (780, 400)  # px: a phone's width at two device pixels each
_MOST_BYTES: Final = 34 * 1024  # the whole page may weigh 60 kB
_QUALITIES: Final = (80, 70, 60, 50, 40, 30)


def lightened(content: bytes) -> bytes:
    """A JPEG of the middle of an uploaded picture, 780 × 400 px or smaller, at most about 34 kB.

    Raises:
        BadPicture: see `content_library.pictures.examine`.
    """
    examine(content)
    with opened(content) as image:
        fitted = ImageOps.fit(on_paper(upright(image)), SIZE, Image.Resampling.LANCZOS)
    for quality in _QUALITIES:
        light = _jpeg(fitted, quality)
        if len(light) <= _MOST_BYTES:
            return light
    return _jpeg(fitted.resize((SIZE[0] // 2, SIZE[1] // 2), Image.Resampling.LANCZOS), 60)  # a picture of noise


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()
