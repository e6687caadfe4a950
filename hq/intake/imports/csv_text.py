"""Text with separators: whatever its encoding, line ends and quotes, row by row, with little memory."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from hq.intake.imports.grid import Cell, Grid, Note, Refused, Row

LOST = "\ufffd"  # stands for bytes that the encoding has no character for
_SEPARATORS = ",;\t|"
_LOOK_AT = 60  # lines that the separator is judged by
_LONGEST = 40  # lines that one quoted note may span before the quote counts as never closed
_PIECE = 1 << 20  # bytes
_COMMON, _WITHIN = 0.4, 0.5  # see `_is_latin`
_NOT_TEXT = 0.2  # share of lost characters above which a file is no text in this encoding


def open_csv(data: bytes, notes: tuple[Note, ...] = ()) -> Grid:
    """Open a text file.

    Raises:
        Refused: `not_text`: the bytes are no text in any encoding that spreadsheets write.
    """
    encoding = encoding_of(data)
    separator = separator_of(_lines(data, encoding))
    if encoding not in ("utf-8", "utf-8-sig"):
        notes = (*notes, Note("encoding", {"name": encoding.upper()}))
    if separator != ",":
        notes = (*notes, Note("separator", {"character": "TAB" if separator == "\t" else separator}))
    if b"\n" not in data and b"\r" in data:
        notes = (*notes, Note("bare_cr"))
    ended = data.endswith((b"\n", b"\r", b"\n\0", b"\0\n"))
    return Grid("csv", lambda: _rows(_lines(data, encoding), separator, ended=ended), notes)


def encoding_of(data: bytes) -> str:
    """UTF-8 or UTF-16 by their marks, else whichever of UTF-8 and GB18030 loses fewer characters; what is no Chinese
    in GB18030 is Western."""
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = data.count(0)
    if zeros > len(data) // 4:
        return "utf-16-le" if data[1::2].count(0) > data[::2].count(0) else "utf-16-be"
    share = {encoding: _lost_share(data, encoding) for encoding in ("utf-8", "gb18030")}
    best = min(share, key=lambda encoding: share[encoding])
    if zeros > len(data) // 1000 or share[best] > _NOT_TEXT:
        raise Refused("not_text")
    return "cp1252" if best == "gb18030" and _is_latin(data[:_PIECE]) else best


def _is_latin(data: bytes) -> bool:
    """Whether a text that GB18030 can read is none: most of its signs are rare ones, and stand within Latin words, as
    umlauts and accents do."""
    text = data.decode("gb18030", "replace")
    foreign = [i for i, sign in enumerate(text) if not sign.isascii()]
    common = sum(_is_common(text[i]) for i in foreign)
    within = sum(any(_is_letter(each) for each in (text[i - 1 : i], text[i + 1 : i + 2])) for i in foreign)
    return common < _COMMON * len(foreign) and within > _WITHIN * len(foreign)


def _is_common(sign: str) -> bool:
    """One of the 3,755 usual characters, or punctuation (GB/T 2312, rows 1 to 3 and 16 to 55)."""
    code = sign.encode("gb2312", "ignore")
    return len(code) == 2 and (0xA1 <= code[0] <= 0xA3 or 0xB0 <= code[0] <= 0xD7)


def _is_letter(sign: str) -> bool:
    return sign.isascii() and sign.isalpha()


def _lost_share(data: bytes, encoding: str) -> float:
    """Characters lost, of all that are not plain ASCII."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    lost = foreign = 0
    for start in range(0, len(data), _PIECE):
        text = decoder.decode(data[start : start + _PIECE], final=start + _PIECE >= len(data))
        if not text.isascii():
            lost += text.count(LOST)
            foreign += len(text) - len(text.encode("ascii", "ignore"))
    return lost / foreign if foreign else 0.0


def separator_of(lines: Iterable[str]) -> str:
    """The separator that gives most of the first lines the same number of cells, more than one."""
    look = [line for line in islice(lines, _LOOK_AT) if line.strip()]
    if look and look[0].lower().startswith("sep=") and len(look[0].strip()) == len("sep=;"):
        return look[0].strip()[-1]

    def regular(separator: str) -> tuple[int, int]:
        widths = Counter(len(cells) for cells in csv.reader(look, delimiter=separator) if len(cells) > 1)
        width, times = widths.most_common(1)[0] if widths else (0, 0)
        return times * width, width

    return max(_SEPARATORS, key=regular)


def _lines(data: bytes, encoding: str) -> Iterator[str]:
    # newline="" ends a line at CR, LF or CRLF and leaves the end on, as the csv module wants it
    return io.TextIOWrapper(io.BytesIO(data), encoding=encoding, errors="replace", newline="")


def _rows(lines: Iterator[str], separator: str, *, ended: bool) -> Iterator[Row]:
    """Rows with their record numbers. Whether the last one was cut off shows only beside the others."""
    widest = narrowest = number = 0
    held: Row | None = None
    for number, (cells, damage) in enumerate(_records(lines, separator), 1):
        if held is not None:
            yield held
            width = len(held.cells)
            widest = max(widest, width)
            if width * 2 >= widest:
                narrowest = min(narrowest, width) if narrowest * 2 >= widest else width
        held = Row(number, list[Cell](cells), damage)
    if held is not None:
        cut = not ended and (len(held.cells) < narrowest or "unclosed_quote" in held.damage)
        yield Row(held.number, held.cells, held.damage | {"truncated_row"}) if cut and not held.blank else held


class _Taken:
    """Lines, remembering those that the reader took since `taken` was last emptied."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.taken: list[str] = []
        self.over = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            line = next(self._lines)
        except StopIteration:
            self.over = True
            raise
        self.taken.append(line)
        return line


_NONE: frozenset[str] = frozenset()


def _records(lines: Iterator[str], separator: str) -> Iterator[tuple[list[str], frozenset[str]]]:
    """Cells of each record and what was wrong with it. A quote that never closes harms its own line only."""
    source = _Taken(lines)
    reader = csv.reader(source, delimiter=separator)
    width = 0
    while True:
        source.taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a cell above the module's limit: the quote around it was never closed
            reader = csv.reader(source, delimiter=separator)
            yield from _one_by_one(source.taken, separator)
            continue
        if len(source.taken) > 1 and _ran_away(cells, source, width, separator):
            yield from _one_by_one(source.taken, separator)
            continue
        damage = _damage(source.taken)
        if len(cells) == 1 and separator in cells[0] and width != 1:
            again = next(csv.reader(cells[0].splitlines() or [""], delimiter=separator), cells)
            cells, damage = again, damage | {"whole_row_quoted"}
        elif source.over and _odd_quotes(source.taken):
            damage |= {"unclosed_quote"}
        width = max(width, len(cells))
        yield cells, damage


def _damage(lines: Iterable[str]) -> frozenset[str]:
    return frozenset({"undecodable_bytes"}) if any(LOST in line for line in lines) else _NONE


def _odd_quotes(lines: Iterable[str]) -> bool:
    return sum(line.count('"') for line in lines) % 2 == 1


def _ran_away(cells: list[str], source: _Taken, width: int, separator: str) -> bool:
    """True when a quote swallowed other rows: no end in sight, or a swallowed line is a whole row by itself."""
    if len(source.taken) > _LONGEST or (source.over and _odd_quotes(source.taken)):
        return True
    alone = (line.count(separator) + 1 for line in source.taken[1:])
    return len(cells) != width > 1 and any(count >= width for count in alone)


def _one_by_one(lines: list[str], separator: str) -> Iterator[tuple[list[str], frozenset[str]]]:
    """Each line as a record of its own; one whose quotes do not pair is split without minding them."""
    for line in list(lines):
        odd = line.count('"') % 2 == 1
        alone = csv.reader([line], delimiter=separator, quoting=csv.QUOTE_NONE if odd else csv.QUOTE_MINIMAL)
        cells = next(alone, [])
        yield cells, _damage([line]) | ({"unclosed_quote"} if odd else _NONE)
