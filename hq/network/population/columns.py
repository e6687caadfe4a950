"""Which column of a census or a yearbook is which, and in what its figures are counted. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from hq.intake.imports.columns import Vocabulary, plain

COLUMNS: Mapping[str, str] = {
    "code": "行政区划代码 区划代码 地区代码 区县代码 区县编码 县级代码 县代码 区划码 行政代码 代码 编码 国标码"
    " code adcode countycode districtcode divisioncode gbcode gb gb2260 regioncode areacode",
    "province": "省 省份 所在省 省级 省名 省级政区 省市区 province provincename",
    "city": "市 城市 所在市 地市 地级市 市州 地级 地级名称 市名 city cityname prefecture",
    "county": "区县 县 区 县区 县市区 县级 区县名称 县名 县级名称 地区 地区名称 名称 行政区划 行政区划名称 行政区"
    " 区划名称 区划 单位 单位名称 所在地区 county countyname district name region regionname division area areaname",
    "people": "人口 常住人口 总人口 人口数 人口数量 人口总数 常住人口数 年末常住人口 年末总人口 人数"
    " population people inhabitants totalpopulation pop",
}
FIELDS = tuple(COLUMNS)
_PEOPLE = re.compile(r"人口|人数|population|people|inhabitants")
_OTHER = re.compile(
    r"密度|比重|比例|占比|增长|增速|增减|率|年龄|岁|男|女|性别|城镇|城市人口|乡村|农村|农业|流动|户数|家庭户|集体户|少数民族|汉族|自然"
    r"|density|share|ratio|rate|growth|male|urban|rural|perkm|household"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_CODE = re.compile(r"代码|编码|adcode|code")
_UNIT_SAID = re.compile(r"单位[::]?\s*([^\s,,;;))]{1,6})|unit:?\s*(\w+)", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"[((\[【]([^))\]】]+)[))\]】]")
_UNITS = (
    (10_000, re.compile(r"万")),
    (1_000_000, re.compile(r"百万|million", re.IGNORECASE)),
    (1_000, re.compile(r"千|thousand", re.IGNORECASE)),
    (100_000_000, re.compile(r"亿")),
    (1, re.compile(r"人|persons?|people", re.IGNORECASE)),
)
#: What figures may be counted in, so many people each.
UNITS = (1, 1_000, 10_000, 1_000_000)


def knows(heading: str) -> bool:
    """Whether a heading names a column that is understood."""
    return _NAMES.knows(heading) or _rank(heading) is not None


def guess(headings: Sequence[str]) -> dict[str, int]:
    """Which column (from 0) each field is in, by the names; of several with people the best."""
    found = {field: i for i, field in _NAMES.guess(headings).items() if field != "people"}
    if "code" not in found:
        named = [i for i, heading in enumerate(headings) if _CODE.search(plain(heading))]
        found |= {"code": named[0]} if named else {}
    ranked = [(rank, -i) for i, heading in enumerate(headings) if (rank := _rank(heading)) is not None]
    return found | ({"people": -max(ranked)[1]} if ranked else {})


def unit_of(heading: str, above: Sequence[str] = ()) -> int | None:
    """So many people one in the column stands for; None where neither its name nor the lines above the table say it.

    Args:
        above: the texts over the heading, where yearbooks write 单位:万人.
    """
    text = unicodedata.normalize("NFKC", heading)
    for inside in _IN_BRACKETS.findall(text):
        if (unit := _unit(inside)) is not None:
            return unit
    if ends := re.search(r"(万人|万|千人|百万人)$|in (thousands|millions)", text.strip(), re.IGNORECASE):
        return _unit(ends[0])
    for line in above:
        if said := _UNIT_SAID.search(unicodedata.normalize("NFKC", line)):
            return _unit(said[1] or said[2])
    return None


def year_of(texts: Sequence[str]) -> int | None:
    """The year that these texts name, the first; None where they name none."""
    found = (match for text in texts if (match := _YEAR.search(text)))
    return next((int(match[0]) for match in found), None)


def _unit(text: str) -> int | None:
    if "百万" in text:
        return 1_000_000
    return next((size for size, names in _UNITS if names.search(text)), None)


def _rank(heading: str) -> tuple[int, int, int] | None:
    """How surely a column holds people: those who live there before those who are registered, the latest year."""
    text = plain(heading)
    if not (_PEOPLE.search(text) or text in _POPULATION) or _OTHER.search(text):
        return None
    year = _YEAR.search(text)
    lives = 2 if "常住" in text else 0 if "户籍" in text else 1
    return lives, int(year[0]) if year else 0, int(text in _POPULATION)


_NAMES = Vocabulary(COLUMNS, ("people",))
_POPULATION = frozenset(COLUMNS["people"].split())
