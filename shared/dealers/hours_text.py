"""Opening hours as dealers write them (`周一至周五 9:00-18:00；周六 10:00-16:00`), read into `WeeklyHours`."""

from __future__ import annotations

import re
import unicodedata

from shared.dealers.hours import ALL_DAY, DEFAULT_HOURS, BadHours, HolidayRule, OnHolidays, Span, WeeklyHours

_EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
_CHINESE_DAYS = {name: number for number, name in enumerate("一二三四五六日")} | {"天": 6}
_LATIN_DAYS = {name: number for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_NAMED_DAYS = {"工作日": (0, 1, 2, 3, 4), "周末": (5, 6), "双休日": (5, 6), "每天": _EVERY_DAY, "每日": _EVERY_DAY}
_NAMED_DAYS |= {"weekdays": (0, 1, 2, 3, 4), "weekend": (5, 6), "daily": _EVERY_DAY}

_EDGES = ("opens", "closes")
_TO = r"\s*(?:-|~|–|—|―|‐|至|到|to)+\s*"
_WEEK = r"(?:周|星期|礼拜)"
_NAMES = r"[一二三四五六日天]"
_LATIN = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*"


def _clock(name: str) -> str:
    part = rf"(?P<{name}_part>上午|早上|早|中午|下午|晚上|晚)?"
    return rf"{part}\s*(?P<{name}_hour>[0-9]{{1,2}})(?:[:.点时]\s*(?P<{name}_minute>[0-9]{{2}}|半)?分?)?"


_TOKEN = re.compile(
    rf"(?P<named>{'|'.join(_NAMED_DAYS)})"
    rf"|{_WEEK}(?P<first>{_NAMES}(?:[、,和]?{_NAMES})*)(?:{_TO}{_WEEK}?(?P<last>{_NAMES}))?"
    rf"|(?P<latin_first>{_LATIN})(?:{_TO}(?P<latin_last>{_LATIN}))?"
    r"|(?P<all>全天|24\s*小时|24h)(?:营业)?"
    r"|(?P<closed>休息|不营业|闭店|关门|closed)"
    rf"|(?P<span>{_clock('opens')}{_TO}{_clock('closes')})"
    r"|(?P<noise>[\s:,、;。/()和及]+|营业时间|营业)"
)


_ON_HOLIDAYS = re.compile(r"(?:(?:法定|国家)?(?:节假日|节日|假日)|(?:public )?holidays?)\s*:?(?P<said>[^;。]*)")
_MAKE_UP = re.compile(r"(?:节假日)?(?:调休|补班|make-?up)(?P<said>[^,、;。]*)")
_NOT = re.compile(r"不|休息|closed|no\b")
_HOLIDAY_WORDS = {
    OnHolidays.CLOSED: re.compile(r"休息|休|放假|不营业|闭店|关门|closed"),
    OnHolidays.SUNDAY: re.compile(r"(?:同|按|与)?周日(?:一样|相同|营业)?|as (?:on )?sundays?"),
    OnHolidays.OPEN: re.compile(r"(?:照常|正常|营业|不休|as usual|open)+(?:营业)?"),
}


def parse_holidays(text: str | None) -> HolidayRule:
    """Read what a store does on public holidays (`休息`, `照常营业`, `同周日`, `10:00-16:00`), and whether it works on
    make-up workdays (`调休日不营业`). Nothing written: as on Sundays, and it does.

    Raises:
        BadHours: it says something else.
    """
    plain = unicodedata.normalize("NFKC", text or "").strip().lower()
    made_up = _MAKE_UP.search(plain)
    make_up = made_up is None or not _NOT.search(made_up["said"] + plain[: made_up.start()][-1:])
    said = _MAKE_UP.sub("", plain).strip(" ,、;。不")
    if not said:
        return HolidayRule(make_up=make_up)
    for on, words in _HOLIDAY_WORDS.items():
        if words.fullmatch(said):
            return HolidayRule(on, make_up=make_up)
    week = _Reading().read(said).week
    if any(spans != week[0] for spans in week):
        raise BadHours(text=said)
    return HolidayRule.with_hours(week[0], make_up=make_up)


def parse_hours(text: str | None) -> WeeklyHours:
    """Read opening hours; nothing written means every day from 9 to 18.

    Hours without days hold for every day; where days are named, the others are closed. What is said of holidays
    (`节假日休息`) is read by `parse_holidays`.

    Raises:
        BadHours: something in the text is neither a day, a time nor a known word.
    """
    plain = unicodedata.normalize("NFKC", text or "").strip().lower()
    if holidays := _ON_HOLIDAYS.search(plain):
        week = parse_hours(plain[: holidays.start()] + plain[holidays.end() :])
        return week.with_holidays(parse_holidays(holidays["said"]))
    plain = plain.strip(" ,、;。")
    if not plain:
        return DEFAULT_HOURS
    if plain in {"全天", "24小时", "24小时营业", "全天营业"}:
        return ALL_DAY
    return _Reading().read(plain)


class _Reading:
    """Days and openings met so far; a day after an opening begins the next group."""

    def __init__(self) -> None:
        self.days: set[int] = set()
        self.grouped = False
        self.week: dict[int, list[Span]] = {}

    def read(self, text: str) -> WeeklyHours:
        position = 0
        while position < len(text):
            token = _TOKEN.match(text, position)
            if token is None:
                raise BadHours(text=text[position:])
            self._take(token)
            position = token.end()
        if not self.grouped:
            raise BadHours(text=text)
        return WeeklyHours.of([self.week.get(day, []) for day in _EVERY_DAY])

    def _take(self, token: re.Match[str]) -> None:
        if token["noise"]:
            return
        if named := _days_of(token):
            self.days = set(named) if self.grouped else self.days | set(named)
            self.grouped = False
            return
        self.grouped = True
        for day in self.days or _EVERY_DAY:
            if token["closed"]:
                self.week[day] = []
            else:
                self.week.setdefault(day, []).append((0, 24 * 60) if token["all"] else _span(token))


def _days_of(token: re.Match[str]) -> tuple[int, ...]:
    if token["named"]:
        return _NAMED_DAYS[token["named"]]
    if token["first"]:
        listed = [_CHINESE_DAYS[name] for name in token["first"] if name in _CHINESE_DAYS]
        return (*listed, *_through(listed[-1], _CHINESE_DAYS[token["last"]])) if token["last"] else tuple(listed)
    if token["latin_first"]:
        first = _LATIN_DAYS[token["latin_first"][:3]]
        return _through(first, _LATIN_DAYS[token["latin_last"][:3]]) if token["latin_last"] else (first,)
    return ()


def _through(first: int, last: int) -> tuple[int, ...]:
    return tuple((first + step) % 7 for step in range((last - first) % 7 + 1))


def _span(token: re.Match[str]) -> Span:
    opens, closes = (_minute(token[f"{edge}_part"], token[f"{edge}_hour"], token[f"{edge}_minute"]) for edge in _EDGES)
    if opens is None or closes is None or opens == closes:
        raise BadHours(text=token[0])
    return opens, closes


def _minute(part_of_day: str | None, hour: str, minute: str | None) -> int | None:
    """Minutes after midnight, or None for a time that no clock shows."""
    hours, minutes = int(hour), 30 if minute == "半" else int(minute or 0)
    if part_of_day in {"中午", "下午", "晚上", "晚"} and 1 <= hours < 12:
        hours += 12
    total = hours * 60 + minutes
    return total if minutes < 60 and total <= 24 * 60 else None
