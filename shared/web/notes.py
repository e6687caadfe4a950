"""What a page says after an act, once: `done("Given to Li Na.", undo=Undo(address, fields))`.

The note travels in the session to the next page of the same face. Both layouts show a good one as a toast and the
others as a note at the head of the page; `flash(text, "warn")` is fine for those.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, flash, get_flashed_messages

_KINDS = frozenset({"ok", "warn", "late"})


@dataclass(frozen=True, slots=True)
class Undo:
    """How to take an act back: a POST to an address of the same face, with fields beside the form's token.

    Attributes:
        address: where to post; made with `url_for`.
        fields: hidden fields; short codes only, they travel in the session's cookie.
        label: the button's words, instead of "Undo".
    """

    address: str
    fields: Mapping[str, str] = field(default_factory=dict)
    label: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A note ready to show. `kind` is `ok`, `warn` or `late`."""

    kind: str
    text: str
    undo: Undo | None = None


def done(text: Any, *, undo: Undo | None = None) -> None:
    """Tell on the next page what was done, in the reader's words; with a way back where there is one."""
    if undo is None:
        flash(str(text), "ok")
        return
    way_back = {"address": undo.address, "fields": dict(undo.fields), "label": str(undo.label)}
    flash({"text": str(text), "undo": way_back}, "ok")  # type: ignore[arg-type]  # the session's JSON takes more than text


def waiting() -> list[Note]:
    """The notes of this page; however often a page asks, they are the same."""
    told: list[tuple[str, Any]] = list(get_flashed_messages(with_categories=True))  # type: ignore[arg-type]
    return [_note(kind, said) for kind, said in told]


def _note(kind: str, said: Any) -> Note:
    shown = kind if kind in _KINDS else "ok"
    if isinstance(said, dict):
        return Note(shown, said["text"], Undo(**said["undo"]))
    return Note(shown, str(said))


def register(app: Flask) -> None:
    """Give templates `waiting_notes()`."""
    app.jinja_env.globals["waiting_notes"] = waiting
