"""What an uploaded video is: an MP4's boxes, read without decoding it. Pure.

Boxes as in ISO/IEC 14496-12: 4 bytes of size, 4 of type; size 1 means 8 more bytes of size, size 0 "to the end".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from shared.platform.errors import Invalid

MAX_BYTES: Final = 100 * 1024 * 1024
MAX_SECONDS: Final = 10 * 60
MEDIA_TYPE: Final = "video/mp4"
_PLAYS: Final = frozenset({b"avc1", b"avc3"})  # H.264: what every phone's browser plays
_MOOV_LIMIT: Final = 16 * 1024 * 1024
_BRANDS: Final = frozenset({b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V "})


class BadVideo(Invalid):
    """The video cannot be used; `reason`: empty, too_heavy, not_mp4, cut, no_picture_track, codec, too_long."""

    code = "bad_video"


@dataclass(frozen=True, slots=True)
class Video:
    """A video whose container was read to its end."""

    seconds: int
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class _Box:
    kind: bytes
    start: int  # of its content
    end: int


def examine(file: BinaryIO) -> Video:
    """Look into an MP4 by what it holds, not by its name.

    Raises:
        BadVideo: see its reasons; sizes in MB and times in seconds are in the parameters.
    """
    size = file.seek(0, 2)
    if not size:
        raise _bad("empty")
    if size > MAX_BYTES:
        raise _bad("too_heavy", megabytes=round(size / 2**20, 1), limit=MAX_BYTES // 2**20)
    try:
        return _read(file, size)
    except (struct.error, IndexError) as error:
        raise _bad("cut") from error


def _read(file: BinaryIO, size: int) -> Video:
    boxes = list(_top_boxes(file, size))
    kinds = [box.kind for box in boxes]
    if not boxes or kinds[0] != b"ftyp" or not _is_known(file, boxes[0]):
        raise _bad("not_mp4")
    if b"moov" not in kinds or b"mdat" not in kinds or boxes[-1].end > size:
        raise _bad("cut")
    head = boxes[kinds.index(b"moov")]
    if head.end - head.start > _MOOV_LIMIT:
        raise _bad("not_mp4")
    file.seek(head.start)
    moov = file.read(head.end - head.start)
    seconds = _seconds(moov)
    codecs = _picture_codecs(moov)
    if not codecs:
        raise _bad("no_picture_track")
    if not codecs <= _PLAYS:
        unplayable = next(iter(codecs - _PLAYS))
        raise _bad("codec", codec=unplayable.decode("latin-1").strip() if unplayable.isalnum() else "?")
    if seconds > MAX_SECONDS:
        raise _bad("too_long", minutes=round(seconds / 60), limit=MAX_SECONDS // 60)
    return Video(seconds=max(1, round(seconds)), size=size)


def _is_known(file: BinaryIO, ftyp: _Box) -> bool:
    file.seek(ftyp.start)
    brands = file.read(min(ftyp.end - ftyp.start, 256))
    return any(brands[at : at + 4] in _BRANDS for at in range(0, len(brands), 4))


def _top_boxes(file: BinaryIO, size: int) -> Iterator[_Box]:
    at = 0
    while at + 8 <= size:
        file.seek(at)
        box = _box(file.read(16), at, size)
        if box is None:
            raise _bad("cut" if at else "not_mp4")
        yield box
        at = box.end


def _box(head: bytes, at: int, limit: int) -> _Box | None:
    length, kind = struct.unpack_from(">I4s", head)
    start = at + 8
    if length == 1:
        (length,) = struct.unpack_from(">Q", head, 8)
        start += 8
    elif length == 0:
        length = limit - at
    return _Box(kind, start, at + length) if at + length >= start else None


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(content):
        box = _box(content[at : at + 16].ljust(16, b"\0"), at, len(content))
        if box is None or box.end > len(content):
            raise _bad("cut")
        yield box.kind, content[box.start : box.end]
        at = box.end


def _inside(content: bytes, kind: bytes) -> list[bytes]:
    return [body for found, body in _boxes(content) if found == kind]


def _seconds(moov: bytes) -> float:
    header = _inside(moov, b"mvhd")
    if not header:
        raise _bad("cut")
    body = header[0]
    scale, length = struct.unpack_from(">IQ", body, 20) if body[0] == 1 else struct.unpack_from(">II", body, 12)
    return float(length / scale) if scale else 0.0


def _picture_codecs(moov: bytes) -> set[bytes]:
    codecs: set[bytes] = set()
    for track in _inside(moov, b"trak"):
        for media in _inside(track, b"mdia"):
            if any(handler[8:12] == b"vide" for handler in _inside(media, b"hdlr")):
                codecs |= _codecs(media)
    return codecs


def _codecs(media: bytes) -> set[bytes]:
    tables = [table for part in _inside(media, b"minf") for table in _inside(part, b"stbl")]
    described = [each for table in tables for each in _inside(table, b"stsd")]
    return {kind for each in described for kind, _body in _boxes(each[8:])}


def _bad(reason: str, **params: object) -> BadVideo:
    return BadVideo(reason=reason, field="video", **params)
