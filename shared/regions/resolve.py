"""The division that a province, a city and a county mean as people write them."""

from __future__ import annotations

from collections import defaultdict
from functools import cache, lru_cache

from shared.regions.divisions import Division, Tables, tables
from shared.regions.names import name_stem, tidy

# Quarters, former cities, foreign names and usual misspellings that are no division's name.
_ALIASES = {
    "亦庄": "110115", "来广营": "110105", "塘沽": "120116", "胶南": "370211", "荷泽": "371700", "襄樊": "420600",
    "杨凌": "610403", "荣阳": "410182", "浙川": "411326", "都善": "650421",
    "urumqi": "650100", "hohhot": "150100", "harbin": "230100", "lhasa": "540100", "hongkong": "810000",
    "macau": "820000", "macao": "820000", "taiwan": "710000", "tibet": "540000", "innermongolia": "150000",
}  # fmt: skip

_PINYIN_ENDINGS = ("", "shi", "city", "sheng", "province", "diqu", "meng", "zhou", "xian", "linqu")
_NAMED, _SHORTENED, _FORMERLY = range(3)  # how sure a spelling is
_COUNTY_ENDINGS = ("区", "县", "旗")
_ENDINGS_BY_WEIGHT = "市区县旗"


def resolve(province: str | None, city: str | None = None, county: str | None = None) -> Division | None:
    """The smallest division that the three texts name, or None when not even the province is known.

    Endings (省, 市, 区, 自治州 …) may be missing, names may be former ones or in pinyin, a county may stand
    in the city's place (昆山), with or without its city before it (宁波宁海). A county that its city does
    not have is looked for in the whole province. What cannot be found falls back to the level above.
    """
    return _resolve(tidy(province), tidy(city), tidy(county))


@lru_cache(maxsize=20_000)
def _resolve(province: str, city: str, county: str) -> Division | None:
    names = _names()
    place = names.province(province) or names.anywhere(city) or names.anywhere(province)
    if place is None:
        return None
    top = tables().by_code[place.province_code]
    if city:
        place = names.within(top, city) or place
    if county:
        city_code = place.city_code
        scope = tables().by_code[city_code] if city_code else top
        return names.within(scope, county) or names.within(top, county) or place
    return place


class _Names:
    """Every spelling of every division, by the province or city it is looked for in."""

    def __init__(self, known: Tables) -> None:
        self._by_code = known.by_code
        self._provinces: dict[str, Division] = {}
        self._inside: dict[tuple[str, str], list[tuple[int, Division]]] = defaultdict(list)
        for division in known.by_code.values():
            for spelling, sureness in _spellings(division, known).items():
                self._add(spelling, sureness, division)

    def _add(self, spelling: str, sureness: int, division: Division) -> None:
        if division.level == "province":
            self._provinces[spelling] = division
            return
        self._inside["", spelling].append((sureness, division))
        self._inside[division.province_code, spelling].append((sureness, division))
        if division.city_code and division.level == "county":
            self._inside[division.city_code, spelling].append((sureness, division))

    def province(self, text: str) -> Division | None:
        """The province with this name."""
        alias = self._alias(text)
        if alias and alias.level == "province":
            return alias
        return self._provinces.get(text) or self._provinces.get(name_stem(text))

    def anywhere(self, text: str) -> Division | None:
        """The one division in all of China with this name; of a city and its counties the city."""
        return self._alias(text) or self.province(text) or self._only("", text)

    def within(self, place: Division, text: str) -> Division | None:
        """The division with this name in a province or city, which may be named before it (宁波宁海)."""
        alias = self._alias(text)
        if alias and alias.province_code == place.province_code:
            return alias
        if found := self._only(place.code, text):
            return found
        if text in {place.name, place.short}:
            return place
        return self._behind(place, text) if place.level == "province" else None

    def _behind(self, place: Division, text: str) -> Division | None:
        for length in range(2, len(text) - 1):
            head, rest = text[:length], text[length:]
            above = place if head in {place.name, place.short} else self._only(place.code, head)
            if above is None:
                continue
            alias = self._alias(rest)
            if alias and alias.province_code == place.province_code:
                return alias
            if found := self._only(above.code, rest):
                return found
        return None

    def _alias(self, text: str) -> Division | None:
        return self._by_code.get(_ALIASES.get(text) or _ALIASES.get(name_stem(text), ""))

    def _only(self, scope: str, text: str) -> Division | None:
        """The surest division of this spelling; None where two are equally sure."""
        for spelling in dict.fromkeys((text, name_stem(text))):
            found = self._inside.get((scope, spelling), [])
            if spelling != text and text.endswith(_COUNTY_ENDINGS):  # 朝阳区 is not the city of 朝阳
                found = [entry for entry in found if entry[1].level == "county"]
            surest = min((sureness for sureness, _ in found), default=None)
            if only := _weightiest([division for sureness, division in found if sureness == surest]):
                return only
        return None


def _spellings(division: Division, known: Tables) -> dict[str, int]:
    """All ways to write a division, with how sure each is."""
    before = known.former_names.get(division.code, ())
    spellings = {tidy(name): _FORMERLY for name in (*before, *map(name_stem, before))}
    if pinyin := known.pinyin.get(division.code):
        spellings |= {pinyin + ending: _SHORTENED for ending in _PINYIN_ENDINGS}
    if division.level == "province":
        spellings |= {tidy(division.short + ending): _SHORTENED for ending in "省市"}
    if division.name.endswith("自治州"):
        spellings[tidy(division.short + "州")] = _SHORTENED
    return spellings | {tidy(division.short): _SHORTENED, tidy(division.name): _NAMED}


def _weightiest(found: list[Division]) -> Division | None:
    """Of namesakes the city (朝阳), or within one city the 市 before 区 before 县 (伊宁); else the only one."""
    cities = [division for division in found if division.level == "city"]
    candidates = cities or found
    if len({division.code[:4] for division in candidates}) != 1:
        return None
    return min(candidates, key=lambda division: _ENDINGS_BY_WEIGHT.find(division.name[-1]) % 10)


@cache
def _names() -> _Names:
    return _Names(tables())
