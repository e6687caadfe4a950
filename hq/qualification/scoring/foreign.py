"""Columns of another system's export as facts of Koi: guessed by their names and by what stands in them. No numpy."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from hq.intake.imports import words as known
from hq.intake.imports.columns import SIGNUP_COLUMNS, plain
from hq.intake.imports.words import squeezed, yes_or_no
from hq.qualification.scoring.catalogue import CATALOGUE, Kind

SIGNED_UP = "signed_up"
"""No fact itself: a column of moments, from which the hour and the day of the week are taken."""
_ENOUGH = 0.7  # of the answers that must be understood before a column is taken for a fact by them alone


def _words(listed: str) -> list[str]:
    return listed.split()


_BY_IMPORTS = {
    "touchpoint": "touchpoint",
    "model": "model",
    "horizon": "purchase_horizon",
    "vehicle": "current_vehicle",
    "budget": "budget",
    "draws": "draws",
    "test_ride": "booked_test_ride",
    "visited": "visited_store",
    "occurred_at": SIGNED_UP,
}
_ALSO = {
    "purchase_horizon": "意向时间 预计购买时间 拟购时间 计划购买时间 购车周期 购买意向时间 timeframe",
    "current_vehicle": "目前用车 现有车型 现有交通工具 当前车辆 现有座驾 在用车辆 currentvehicletype",
    "budget": "预算范围 购车预算范围 预算区间 心理价位 budgetrange pricerange",
    "model": "意向产品 关注车型 咨询车型 interestmodel modelofinterest product",
    "touchpoint": "来源渠道 线索来源 渠道来源 一级来源 leadchannel",
    "hour": "报名小时 小时 留资小时 hourofday signuphour",
    "weekday": "星期 星期几 周几 dayofweek",
    "signups": "报名次数 留资次数 signupcount",
    "store_km": "离店距离 到店距离 门店距离 离最近门店距离 最近门店距离 距离 距离公里 distance distancekm",
    "scanned_store": "是否扫码 是否扫门店码 扫门店码 扫码",
    "wechat_known": "是否加微信 已加微信 是否关注公众号 关注公众号 wechatadded",
    "phone_verified": "手机号验证 验证方式 手机验证 phoneverification",
    "booked_test_ride": "是否预约试驾 是否预约试骑 预约试乘试驾 testdrivebooked",
    "wish_age_days": "线索天数 线索年龄 leadage leadagedays",
}
_OUTCOME = frozenset(
    _words(
        "结果 线索结果 跟进结果 最终结果 成交结果 是否成交 是否购车 是否购买 成交 成交状态 线索状态 战败成交 y outcome"
        " result won converted conversion target label class bought purchased sold status leadstatus"
    )
)
_LATE = re.compile(
    r"跟进|回访|战败|失败原因|流失原因|退回|通话|接通|试驾结果|交车|提车|订单|合同|定金|成交时间|成交日期|成交车型|成交价|销售顾问"
    r"|备注|remark|^notes?$|duration|followup|closedate|lostreason|contactedat|lastcontact|ordernumber|deposit"
)


_PERSON = re.compile(
    r"姓名|手机|电话|编号|单号|序号|身份证|邮箱|地址|昵称|微信号|openid|unionid|phone|mobile|email|address"
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a column is.

    Attributes:
        fact: of the catalogue, or `SIGNED_UP`.
        words: answer of the file → answer of the fact; "" means not told. What is not named is read by `answer`.
    """

    fact: str
    words: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read the stored form."""
        return cls(stored["fact"], dict(stored.get("words", {})))

    def as_json(self) -> dict[str, Any]:
        """The stored form."""
        return {"fact": self.fact, "words": dict(self.words)}

    def answer(self, word: str) -> str | None:
        """The fact's answer for a word of the file; None: not told."""
        if word in self.words:
            return self.words[word] or None
        return answer(self.fact, word)


def outcome_of(names: Sequence[str]) -> str | None:
    """The column that says what became of a lead, by its name."""
    return next((name for name in names if plain(name) in _OUTCOME), None)


def is_late(name: str) -> bool:
    """Whether a column is called like something that is filled in after the first contact."""
    return _LATE.search(plain(name)) is not None


def is_person(name: str) -> bool:
    """Whether a column is called like something that names a person or a row."""
    return _PERSON.search(plain(name)) is not None


def fact_of(name: str, sort: str, words: Sequence[tuple[str, int]]) -> str | None:
    """The fact that a column is, by its name, else by its answers.

    Args:
        sort: `number`, `word` or `day`.
        words: its answers with how often, where there are few.
    """
    fact = _NAMES.get(plain(name))
    if fact is not None:
        return fact if fits(fact, sort) else None
    if sort != "word" or not words:
        return None
    return next((fact for fact in _BY_ANSWERS if _understood(fact, words) >= _ENOUGH), None)


def fits(fact: str, sort: str) -> bool:
    """Whether a column of this sort can be that fact."""
    if fact == SIGNED_UP:
        return sort == "day"
    if CATALOGUE[fact].kind is Kind.NUMBER:
        return sort == "number"
    return sort in ("word", "number")


def answer(fact: str, word: str) -> str | None:
    """What a word of another system means as an answer of a fact; None when nobody can tell."""
    found = CATALOGUE[fact]
    if found.kind is Kind.CHOICE and not found.choices:
        return word
    if word in found.choices:
        return word
    if found.kind is Kind.YES_NO:
        told = yes_or_no(word)
        return None if told is None else "yes" if told else "no"
    reader = _READERS.get(fact)
    return reader(squeezed(word)) if reader else None


def _understood(fact: str, words: Sequence[tuple[str, int]]) -> float:
    """Share of the answers that a fact's words explain; 0 where they all mean the same."""
    read = [(answer(fact, word), count) for word, count in words]
    if len({each for each, _ in read if each}) < 2:
        return 0.0
    return sum(count for each, count in read if each) / max(sum(count for _, count in read), 1)


_DIGITS = {sign: str(i) for i, sign in enumerate("零一二三四五六七八九")} | {"两": "2", "十": "10", "半": "0.5"}
_PERIOD = re.compile(
    r"(?:(?P<from>\d+)(?:个?月|months?)?[-~至到])?(?P<number>\d+(?:\.\d+)?)\+?(?P<unit>天|日|周|星期|礼拜|个?月|年|days?|weeks?|months?|years?|m)"
)
_DAYS = {"天": 1, "日": 1, "d": 1, "周": 7, "星": 7, "礼": 7, "w": 7, "个": 30, "月": 30, "m": 30, "年": 365, "y": 365}
_BEYOND = re.compile(r"以上|之后|以后|后|\+|more|over|later|after")
_SPANS = ((10, "now"), (31, "1m"), (93, "3m"), (186, "6m"))
_SOON = re.compile(r"立即|马上|现在|尽快|近期|今天|明天|本周|随时|immediate|^now|asap|thisweek")
_NEVER = re.compile(r"暂无|没有?计划|无计划|不考虑|不买|暂不|观望|noplan|notplanning|none")


def _horizon(word: str) -> str | None:
    if (code := known.HORIZONS.get(word)) is not None:
        return code
    if _NEVER.search(word):
        return "none"
    plain_word = "".join(_DIGITS.get(sign, sign) for sign in word)
    if found := _PERIOD.search(plain_word):
        days = float(found["number"]) * _DAYS[found["unit"][0]]
        beyond = _BEYOND.search(plain_word) is not None
        return next((code for most, code in _SPANS if days <= most and not (beyond and days >= most - 10)), "later")
    if _SOON.search(word):
        return "now"
    return "later" if re.search(r"以后|再说|later|明年", word) else None


_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_BANDS = ((2000, "<2000"), (3500, "2000-3500"), (5000, "3500-5000"), (8000, "5000-8000"))


def _budget(word: str) -> str | None:
    if (code := known.BUDGETS.get(word)) is not None:
        return code
    tidy = word.replace(",", "").replace("千", "000").replace("k", "000")
    numbers = [float(each) * (10_000 if "万" in tidy else 1) for each in _NUMBER.findall(tidy)]
    if not numbers or len(numbers) > 2:
        return None
    middle = sum(numbers) / len(numbers)
    if len(numbers) == 1 and re.search(r"以下|以内|内|不到|<|under|below|upto", tidy):
        middle -= 1
    elif len(numbers) == 1 and re.search(r"以上|>|over|above|\+", tidy):
        middle += 1
    return next((code for most, code in _BANDS if middle < most), ">8000")


def _vehicle(word: str) -> str | None:
    if (code := known.VEHICLES.get(word)) is not None:
        return code
    for code, pattern in (
        ("none", r"^(无|没有).*|novehicle"),
        ("ebike_same_brand", r"本品牌|samebrand"),
        ("petrol_motorcycle", r"摩托|motorcycle|motorbike"),
        ("ebike_other", r"电动|电瓶|ebike|electric"),
        ("bicycle", r"自行车|单车|bicycle"),
        ("car", r"汽车|轿车|小车|suv|car"),
    ):
        if re.search(pattern, word):
            return code
    return None


def _touchpoint(word: str) -> str | None:
    if (code := known.TOUCHPOINTS.get(word)) is not None:
        return code
    for code, pattern in (
        ("channels_live", r"直播|视频号|live"),
        ("mini_program", r"小程序|miniprogram"),
        ("official_account", r"公众号|officialaccount"),
        ("moments", r"朋友圈|moments"),
        ("community", r"社群|微信群|community"),
        ("store_qr", r"扫码|二维码|qr"),
        ("phone_call", r"电话|来电|400|热线|phone|call"),
        ("walk_in", r"到店|展厅|自然进店|进店|walkin|showroom"),
    ):
        if re.search(pattern, word):
            return code
    return None


_WEEKDAYS = {
    **{f"{head}{sign}": str(i) for head in ("周", "星期", "礼拜") for i, sign in enumerate("一二三四五六日", 1)},
    **{f"{head}天": "7" for head in ("周", "星期", "礼拜")},
    **{
        name[:length]: str(i)
        for i, name in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), 1)
        for length in (3, len(name))
    },
}


def _verified(word: str) -> str | None:
    if re.search(r"短信|验证码|sms", word):
        return "sms"
    if re.search(r"微信|wechat", word):
        return "wechat"
    return "none" if re.search(r"未验证|没有|^无$|^否$|^no$", word) else None


_READERS: Mapping[str, Callable[[str], str | None]] = {
    "purchase_horizon": _horizon,
    "budget": _budget,
    "current_vehicle": _vehicle,
    "touchpoint": _touchpoint,
    "weekday": _WEEKDAYS.get,
    "phone_verified": _verified,
}
#: Facts whose answers give them away, the least mistakable first.
_BY_ANSWERS = ("weekday", "purchase_horizon", "touchpoint", "budget", "current_vehicle")
_NAMES = {
    **{plain(fact.name): fact.name for fact in CATALOGUE.values() if fact.choosable},
    **{alias: fact for name, fact in _BY_IMPORTS.items() for alias in _words(SIGNUP_COLUMNS[name])},
    **{alias: fact for fact, aliases in _ALSO.items() for alias in _words(aliases)},
}
