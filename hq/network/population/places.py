"""Which division a row of a population table is about: by its code, else by its names. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from hq.intake.imports.region_cells import parts_of
from shared.regions import divisions
from shared.regions.divisions import Division
from shared.regions.names import name_stem, tidy
from shared.regions.resolve import resolve

#: 市辖区 and the like: the sum of a city's districts, no district.
_PLACEHOLDER = re.compile(r"市辖区|县|市辖县|(省|自治区)?直辖县(级行政(区划|单位))?|全市|全省|全县|小计|其中|市区")
_WHOLE = re.compile(
    r"全国|中国|中华人民共和国|(全[国省市区县])?(合计|总计|共计|总数|总和)|total|sum|china|nationaltotal", re.IGNORECASE
)
_ZONE = re.compile(
    r".*(开发区|示范区|管理区|产业区|工业园区?|园区|新区|新城|食品区|风景名胜区|实验区|保税区|集聚区|管委会|度假区)"
)


class Said(NamedTuple):
    """What a row says of its place; empty where it says nothing."""

    code: str
    province: str
    city: str
    county: str

    @property
    def words(self) -> str:
        """As people read it."""
        names = " ".join(filter(None, (self.province, self.city, self.county)))
        return f"{self.code} {names}".strip()

    @property
    def last(self) -> str:
        """The name of the smallest division that it names."""
        return self.county or self.city or self.province


class Meant(NamedTuple):
    """The division, or a problem.

    Attributes:
        problem: unknown_code, unknown_name, several, zone, town, differs, subtotal, total, nothing; empty with a
            division. A zone's `division` is the city that it lies in, where that is known.
        how: code, old_code, name.
        other: for `differs` the division that the name names.
    """

    division: Division | None
    problem: str = ""
    how: str = "code"
    other: Division | None = None


class Reader:
    """Reads places row by row: a province or city above counts where a row leaves it out."""

    def __init__(self) -> None:
        self._province = self._city = ""

    def read(self, said: Said) -> Meant:
        """The division of the next row."""
        said = Said(_digits(said.code), *(_squeezed(each) for each in said[1:]))
        if not any(said):
            return Meant(None, "nothing")
        if _WHOLE.fullmatch(said.last) or said.code == "000000":
            return Meant(None, "total")
        meant = self._by_code(said) if said.code else self._by_name(said)
        if meant.division is not None and not meant.problem:
            self._remember(meant.division)
        return meant

    def _by_code(self, said: Said) -> Meant:
        if re.fullmatch(r"[0-9]{12}|[0-9]{9}", said.code) and said.code[6:].strip("0"):
            return Meant(None, "town")
        code = said.code[:6]
        current = divisions.current_code(code)
        found = divisions.by_code(current or code)
        if found is None:
            return self._unknown_code(said, code)
        if found.level == "province" and not code.endswith("0000"):
            return Meant(None, "subtotal")
        if found.level == "county" and said.last and not called(found, said.last):
            other = _resolved((said.province, said.city, said.county))
            if other is not None and other != found and other.level == "county":
                return Meant(found, "differs", other=other)
        return Meant(found, how="code" if code == found.code else "old_code")

    def _unknown_code(self, said: Said, code: str) -> Meant:
        if "70" <= code[4:6] <= "79" and (city := divisions.by_code(code[:4] + "00")) is not None:
            return Meant(city, "zone")
        if code[2:4] == "90" and code.endswith("00"):
            return Meant(None, "subtotal")
        named = self._by_name(said) if said.last else Meant(None)
        if named.division is not None and named.division.code[:2] == code[:2]:
            return named
        return Meant(None, "unknown_code")

    def _by_name(self, said: Said) -> Meant:
        city = "" if _PLACEHOLDER.fullmatch(said.city) else said.city
        if said.county and _PLACEHOLDER.fullmatch(said.county):
            whole = _resolved((said.province or self._province, city, ""))
            return (
                Meant(whole, how="name")
                if whole is not None and not divisions.inside(whole.code)
                else Meant(None, "subtotal")
            )
        if said.city and not city and not said.county:
            return Meant(None, "subtotal")
        for words in self._ways(Said("", said.province, city, said.county)):
            if (found := _resolved(words)) is not None:
                return Meant(found, how="name")
        if _ZONE.fullmatch(said.last):
            above = _resolved((said.province or self._province, city or self._city, ""))
            return Meant(above, "zone", how="name")
        written = {tidy(said.last), name_stem(tidy(said.last))}
        same = set[str]().union(*(_namesakes().get(each, ()) for each in written))
        return Meant(None, "several" if len(same) > 1 else "unknown_name", how="name")

    def _ways(self, said: Said) -> Iterator[tuple[str, str, str]]:
        """The names as they stand, then with those of the rows above, then all in one cell."""
        province, city, county = said[1:]
        if province:
            yield province, city, county
        if city and not province:
            yield self._province, city, county
        if county and not city:
            same = not province or (self._province and tidy(name_stem(province)) == tidy(name_stem(self._province)))
            if self._city and same:
                yield self._province, self._city, county
            yield province or self._province, "", county
        if said.last and not (province and said.last != province):
            parts = parts_of(said.last)
            yield parts.get("province", ""), parts.get("city", ""), parts.get("county", "")
            yield "", "", said.last

    def _remember(self, division: Division) -> None:
        province = divisions.by_code(division.province_code)
        city = divisions.by_code(division.city_code or "")
        self._province = province.name if province else ""
        self._city = city.name if city else ""


def called(division: Division, text: str) -> bool:
    """Whether a division has or had this name, with or without its ending."""
    return not _spellings(division).isdisjoint((tidy(text), name_stem(tidy(text))))


@cache
def _spellings(division: Division) -> frozenset[str]:
    names = (division.name, division.short, *divisions.tables().former_names.get(division.code, ()))
    return frozenset(each for name in names for each in (tidy(name), name_stem(tidy(name))))


@cache
def _namesakes() -> Mapping[str, set[str]]:
    """Codes by each spelling."""
    found: dict[str, set[str]] = defaultdict(set)
    for division in divisions.tables().by_code.values():
        for spelling in _spellings(division):
            found[spelling].add(division.code)
    return found


def _resolved(words: tuple[str, str, str]) -> Division | None:
    """The division that the last of the names names; a fall back to the level above is none."""
    last = next((word for word in reversed(words) if word), "")
    if not last:
        return None
    province, city, county = words
    if not province and not city:
        found = resolve(county)
    elif not province:
        found = resolve(city, None, county)
    else:
        found = resolve(province, city or None, county or None)
    if found is None or called(found, last):
        return found
    # A usual misspelling (荣阳, 浙川) is known to `resolve`, which otherwise gives the level above.
    return found if county and found.level == "county" and found != resolve(province, city or None) else None


def _digits(code: str) -> str:
    """A code with its zeros: 11 and 1101 are 110000 and 110100; a number with .0 behind it is one too."""
    text = tidy(code).removesuffix(".0")
    if re.fullmatch(r"[0-9]{2}|[0-9]{4}", text):
        return text.ljust(6, "0")
    return text


def _squeezed(name: str) -> str:
    return tidy(name)
