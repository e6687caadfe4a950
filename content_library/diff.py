"""Two texts side by side, word by word, and two people's changes of one text put together. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

# A variable, a Latin word, a number or a line end is one word; so is each Chinese character.
_WORD = re.compile(r"\{[^{}\n]{1,20}\}|[A-Za-z]+|[0-9]+(?:[.,:][0-9]+)*|\n|[^\S\n]+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a text; `changed`: the other text does not have it there."""

    text: str
    changed: bool


def words(text: str) -> list[str]:
    """The text cut into what counts as one word; joined they are the text again."""
    return _WORD.findall(text)


def compare(before: str, after: str) -> tuple[tuple[Stretch, ...], tuple[Stretch, ...]]:
    """Both texts in stretches, what is only in one of them marked."""
    old, new = words(before), words(after)
    left: list[Stretch] = []
    right: list[Stretch] = []
    for kind, a, b, c, d in _steps(old, new):
        _add(left, "".join(old[a:b]), changed=kind != "equal")
        _add(right, "".join(new[c:d]), changed=kind != "equal")
    return tuple(left), tuple(right)


def _steps(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """What differs; a single word that two changes have between them belongs to the change."""
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    last = len(steps) - 1
    return [
        ("replace" if kind == "equal" and 0 < i < last and b - a == 1 and _is_short(old[a]) else kind, a, b, c, d)
        for i, (kind, a, b, c, d) in enumerate(steps)
    ]


def _is_short(word: str) -> bool:
    return len(word) == 1 and word != "\n"


def _add(stretches: list[Stretch], text: str, *, changed: bool) -> None:
    if not text:
        return
    if stretches and stretches[-1].changed == changed:
        text = stretches.pop().text + text
    stretches.append(Stretch(text, changed))


def merge(base: str, ours: str, theirs: str) -> str | None:
    """Both people's changes of a text in one; None when they changed the same place differently."""
    if ours == theirs or theirs == base:
        return ours
    if ours == base:
        return theirs
    old = words(base)
    edits = sorted({*_edits(old, words(ours)), *_edits(old, words(theirs))})
    if any(later[0] <= earlier[1] for earlier, later in pairwise(edits)):
        return None  # they meet: nobody can say which comes first
    merged: list[str] = []
    at = 0
    for start, end, put in edits:
        merged += [*old[at:start], *put]
        at = end
    return "".join([*merged, *old[at:]])


def _edits(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, tuple[str, ...]]]:
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(a, b, tuple(new[c:d])) for kind, a, b, c, d in steps if kind != "equal"]
