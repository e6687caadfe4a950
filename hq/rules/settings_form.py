"""A form of numbers and choices: fields with their words and limits, what was typed, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _

from hq.rules import words
from hq.rules.settings import Setting


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form: what it is called, what stands in it, and what is wrong with that."""

    setting: Setting
    label: str
    text: str
    hint: str
    error: str = ""


def fields_of(kind: str, settings: Sequence[Setting], values: Mapping[str, str]) -> list[Field]:
    """The fields with their texts, by name."""
    return [_checked(_field(kind, each, values.get(each.name, "").strip())) for each in settings]


def texts_of(settings: Sequence[Setting], body: Mapping[str, Any]) -> dict[str, str]:
    """What stands in the fields for a body."""
    return {each.name: _text(_at(body, each.path)) for each in settings}


def body_of(fields: Sequence[Field]) -> dict[str, Any]:
    """The body that good fields make. An empty field of a group is left out of it; any other one is None."""
    body: dict[str, Any] = {}
    for field in fields:
        *above, name = field.setting.path
        within = body
        for part in above:
            within = within.setdefault(part, {})
        value = (field.text or None) if field.setting.choices else _value(field.text)
        if value is not None or not above:
            within[name] = value
    return body


def _field(kind: str, setting: Setting, text: str) -> Field:
    if setting.choices:
        return Field(setting, words.setting_words(kind, setting.path), text, "")
    span = _("%(least)s to %(most)s", least=f"{setting.least:,}", most=f"{setting.most:,}")
    empty = words.empty_words(setting.empty)
    hint = _("%(span)s; empty: %(empty)s", span=span, empty=empty) if setting.empty else span
    return Field(setting, words.setting_words(kind, setting.path), text, str(hint))


def _checked(field: Field) -> Field:
    setting, value = field.setting, _value(field.text)
    if setting.choices:
        known = field.text in setting.choices or (field.text == "" and setting.empty)
        return field if known else replace(field, error=str(_("Choose one")))
    if field.text == "":
        return field if setting.empty else replace(field, error=str(_("Fill this in")))
    if value is None or not setting.least <= value <= setting.most:
        told = {"least": f"{setting.least:,}", "most": f"{setting.most:,}"}
        return replace(field, error=str(_("A whole number from %(least)s to %(most)s", **told)))
    return field


def _value(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _text(value: Any) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _at(body: Mapping[str, Any], path: Sequence[str]) -> Any:
    value: Any = body
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
