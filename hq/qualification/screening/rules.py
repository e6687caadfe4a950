"""The rules of screening, as data with a version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

from hq.qualification.screening.kinds import ALL, OFF, Kind
from shared.platform.errors import Invalid


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule that is on: what it does, and a number for each parameter of its kind."""

    kind: Kind
    effect: str
    values: Mapping[str, int]

    @property
    def code(self) -> str:
        """Of the rule and of its reasons."""
        return self.kind.code

    def __getitem__(self, name: str) -> int:
        return self.values[name]


@dataclass(frozen=True, slots=True)
class ScreeningRules:
    """The rules that are on, by code. Why the defaults are what they are: docs/decisions/0210-screening-rules.md."""

    on: Mapping[str, Rule]

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.on.values())

    def get(self, code: str) -> Rule | None:
        """A rule, or None when it is off."""
        return self.on.get(code)

    @classmethod
    def default(cls) -> Self:
        """The rules with which Koi starts."""
        return cls.parse(default_body())

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Self:
        """Rules from their stored form, `{code: {"effect": …, parameter: number, …}}`; one that is missing is off.

        Raises:
            Invalid: an unknown rule, effect or parameter, a missing one, or a number outside its limits; `field` is
                `<code>` or `<code>.<parameter>`.
        """
        read = {code: _read(code, said) for code, said in body.items()}
        return cls(MappingProxyType({code: rule for code in ALL if (rule := read.get(code)) and rule.effect != OFF}))


def default_body() -> dict[str, Any]:
    """The stored form of the rules with which Koi starts."""
    return {
        code: {"effect": kind.default, **{param.name: param.default for param in kind.params}}
        for code, kind in ALL.items()
    }


def _read(code: str, said: Any) -> Rule:
    kind = ALL.get(code)
    if kind is None or not isinstance(said, Mapping):
        raise Invalid(field=code)
    if said.get("effect") not in (OFF, *kind.effects):
        raise Invalid(field=f"{code}.effect")
    params = {param.name: param for param in kind.params}
    for name in said:
        if name != "effect" and name not in params:
            raise Invalid(field=f"{code}.{name}")
    values = {}
    for name, param in params.items():
        value = said.get(name)
        if type(value) is not int or not param.least <= value <= param.most:
            raise Invalid(field=f"{code}.{name}", least=param.least, most=param.most)
        values[name] = value
    return Rule(kind, said["effect"], MappingProxyType(values))
