"""Translations: each top package keeps `translations/zh/LC_MESSAGES/messages.po`; the `.mo` is built when needed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGES = ("shared", "hq", "dealer", "content_library")
LANGUAGE = "zh"


def po_file(package: str) -> Path:
    """Where a package's Chinese texts are."""
    return CHECKOUT / package / "translations" / LANGUAGE / "LC_MESSAGES" / "messages.po"


def built(packages: Iterable[str]) -> Sequence[Path]:
    """The translation folders of packages, each with its `.mo` up to date."""
    return [_build(po_file(package)).parents[2] for package in packages if po_file(package).exists()]


def _build(source: Path) -> Path:
    target = source.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
        return target
    with source.open("rb") as po:
        catalog = read_po(po, locale=LANGUAGE)
    # several processes may start at once: each writes its own file and puts it in place
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".mo.new")
    with os.fdopen(handle, "wb") as mo:
        write_mo(mo, catalog)
    Path(name).replace(target)
    return target
