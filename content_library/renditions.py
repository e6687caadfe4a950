"""Stored pictures in the sizes that pages show: WebP, made when first asked for and kept."""

from __future__ import annotations

from io import BytesIO
from typing import Final

from PIL import Image

from content_library.pictures import on_paper, opened, upright
from shared.platform.errors import Missing
from shared.platform.storage import Storage

#: px of width: a row's thumbnail, a card, a whole page; each for screens of two to three device pixels.
WIDTHS: Final = (192, 480, 1080)
MEDIA_TYPE: Final = "image/webp"
_TALLEST: Final = 3  # times the width: what is taller is long pictures, which a list shows only the top of


def rendition(storage: Storage, key: str, width: int) -> bytes:
    """The picture as WebP, at most so wide.

    Args:
        key: of the picture in the storage.
        width: one of `WIDTHS`.

    Raises:
        Missing: no such picture.
        BadPicture: it is damaged.
    """
    small = f"{key}.{width}.webp"
    try:
        return storage.get(small)
    except Missing:
        content = webp(storage.get(key), width)
        storage.put(small, content)
        return content


def sendable(storage: Storage, key: str) -> bytes:
    """The picture in full size as stores send it: without what a camera wrote into it, such as where it was taken.

    Raises:
        Missing: no such picture.
        BadPicture: it is damaged.
    """
    clean = f"{key}.clean"
    try:
        return storage.get(clean)
    except Missing:
        content = _clean(storage.get(key))
        storage.put(clean, content)
        return content


def _clean(content: bytes) -> bytes:
    out = BytesIO()
    with opened(content) as image:
        kind = str(image.format)
        turned = upright(image)
        plain = turned.convert("RGBA") if turned.mode == "P" else turned
        bare = Image.new(plain.mode, plain.size)  # a new picture: saving an opened one saves its notes too
        bare.paste(plain)
        bare.save(out, kind, **({"quality": 92} if kind == "JPEG" else {}))
    return out.getvalue()


def webp(content: bytes, width: int) -> bytes:
    """A picture as WebP, at most so wide, without what a camera wrote into it.

    Raises:
        BadPicture: it is cut or damaged.
    """
    with opened(content) as image:
        image.draft("RGB", (width, width * _TALLEST))
        small = upright(image)
        small.thumbnail((width, width * _TALLEST))
        out = BytesIO()
        on_paper(small).save(out, "WEBP", quality=80, method=4)
        return out.getvalue()
