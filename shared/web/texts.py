"""Translations kept complete: finds the texts in code and templates, and says which have no Chinese."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from shared.web.catalogs import CHECKOUT, LANGUAGE, PACKAGES, po_file

_METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
_OPTIONS = {"**/templates/**.html": {"silent": "false", "trimmed": "true"}}
_KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "Counted": (1, 2)}
_COMMON = ("shared", "content_library")
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")


@click.group()
def texts() -> None:
    """Chinese translations of the pages' texts."""


@texts.command()
def update() -> None:
    """Bring every package's messages.po up to date with its code."""
    for package in PACKAGES:
        catalog = _merged(package)
        if len(catalog):
            _write(po_file(package), catalog)
            missing = sum(1 for message in catalog if message.id and not _done(message))
            click.echo(f"{package}: {len(catalog)} texts, {missing} without Chinese")


@texts.command()
def check() -> None:
    """Fail when a text has no Chinese, or one that does not fit."""
    found = list(problems())
    for problem in found:
        click.echo(problem)
    if found:
        raise SystemExit(1)


def problems() -> Iterator[str]:
    """Texts without Chinese, or with one that does not fit, as lines."""
    seen: dict[object, tuple[str, object]] = {}
    for package in sorted(PACKAGES, key=lambda name: name not in _COMMON):
        for message in _merged(package):
            if message.id and not _done(message):
                yield f"{package}: no Chinese for {message.id!r}"
            elif message.id:
                yield from _misfits(package, message, seen)


def _misfits(package: str, message: Message, seen: dict[object, tuple[str, object]]) -> Iterator[str]:
    if not _fits(message):
        yield f"{package}: other placeholders in the Chinese of {message.id!r}"
    # a face reads these catalogs and its own as one, so what they say must mean the same in its own
    mine = (package, message.string)
    known = seen.setdefault(_key(message), mine) if package in _COMMON else seen.get(_key(message), mine)
    other, chinese = known
    if chinese != message.string:
        yield f"{package}: {message.string!r} for {message.id!r}, but {chinese!r} in {other}"


def _key(message: Message) -> object:
    return (message.context, message.id if isinstance(message.id, str) else tuple(message.id))


def _merged(package: str) -> Catalog:
    known = _read(po_file(package))
    known.update(_found(package), no_fuzzy_matching=True)
    known.obsolete.clear()
    return known


def _found(package: str) -> Catalog:
    catalog = Catalog(locale=LANGUAGE, charset="utf-8")
    for _name, _line, text, comments, context in extract_from_dir(
        CHECKOUT / package, _METHODS, _OPTIONS, keywords=_KEYWORDS, strip_comment_tags=True
    ):
        catalog.add(text, None, [], auto_comments=comments, context=context)
    return catalog


def _read(path: Path) -> Catalog:
    if not path.exists():
        return Catalog(locale=LANGUAGE, charset="utf-8")
    with path.open("rb") as po:
        return read_po(po, locale=LANGUAGE)


def _write(path: Path, catalog: Catalog) -> None:
    """Write without dates, places or wrapping: two people's changes then touch only their own lines."""
    body = io.BytesIO()
    write_po(body, catalog, width=0, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)
    header = f'msgid ""\nmsgstr ""\n"Language: {LANGUAGE}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    plural = '"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((header + plural).encode() + body.getvalue())


def _done(message: Message) -> bool:
    strings = message.string if isinstance(message.string, (tuple, list)) else [message.string]
    return not message.fuzzy and all(strings)


def _fits(message: Message) -> bool:
    ids = message.id if isinstance(message.id, (tuple, list)) else [message.id]
    strings = message.string if isinstance(message.string, (tuple, list)) else [message.string]
    asked = set(_PLACEHOLDER.findall(str(ids[-1])))
    return all(set(_PLACEHOLDER.findall(str(text))) <= asked for text in strings)
