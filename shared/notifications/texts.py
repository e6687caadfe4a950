"""What messages say outside the portal, in both languages: how many of what, until when, and where to look.

Nothing of a notice's details is quoted but a grade and a time, so no name and no number can get into a message.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.notifications.kinds import KINDS
from shared.web.formats import moment

_GRADES: Final = frozenset("ABCD")
_CLAIM: Final = ("offered", "claim_soon")

# kind → Chinese, English for one, English for several
_WORDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "offered": ("{n} 条{grade}新线索", "{n} new lead{grade}", "{n} new leads{grade}"),
    "given": ("{n} 条{grade}线索交给你了", "{n} lead{grade} given to you", "{n} leads{grade} given to you"),
    "strengthened": ("{n} 位客户又报名了", "{n} customer signed up again", "{n} customers signed up again"),
    "claim_soon": ("{n} 条线索快到领取时限", "{n} lead to be claimed soon", "{n} leads to be claimed soon"),
    "contact_soon": ("{n} 位客户该打电话了", "{n} customer to be called soon", "{n} customers to be called soon"),
    "follow_up_soon": ("{n} 次跟进快到时间", "{n} follow-up due soon", "{n} follow-ups due soon"),
    "claim_late": ("{n} 条线索过了领取时限", "{n} lead past its time to claim", "{n} leads past their time to claim"),
    "contact_late": ("{n} 位客户没按时联系", "{n} customer not called in time", "{n} customers not called in time"),
    "follow_up_late": ("{n} 次跟进逾期", "{n} follow-up late", "{n} follow-ups late"),
    "expired": ("{n} 条线索没领，过时了", "{n} lead not claimed in time", "{n} leads not claimed in time"),
    "recycled": ("{n} 条线索没人跟进被收回", "{n} lead taken back: no follow-up", "{n} leads taken back: no follow-up"),
    "recalled": ("总部撤回了 {n} 条线索", "headquarters took back {n} lead", "headquarters took back {n} leads"),
    "taken": ("{n} 条线索被别的店先领了", "{n} lead claimed by another store", "{n} leads claimed by other stores"),
    "escalated": ("{n} 条逾期线索已上报", "{n} late lead escalated", "{n} late leads escalated"),
    "desk": ("{n} 条线索等待人工分配", "{n} lead on the assignment desk", "{n} leads on the assignment desk"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One notice as far as a message may tell of it."""

    kind: str
    grade: str | None = None
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """A message: one line that says it all, and the same as a list."""

    summary: str
    lines: Sequence[str]


def words(items: Iterable[Item], language: str, now: datetime) -> Words:
    """One message about all of these, most pressing kinds first as `KINDS` has them.

    Args:
        items: at least one.
        language: `zh` or `en`.
    """
    by_kind: dict[str, list[Item]] = {}
    for item in items:
        by_kind.setdefault(item.kind, []).append(item)
    lines = [_line(kind, by_kind[kind], language, now) for kind in KINDS if kind in by_kind]
    summary = ("; " if language == "en" else "；").join(lines)
    return Words(summary[:1].upper() + summary[1:], lines)


def confirm(code: str) -> tuple[str, str]:
    """Subject and text of the e-mail that proves an address; in both languages, as it is the first one."""
    chinese = f"验证码 {code}，用于确认这个邮箱，30 分钟内有效。不是你本人操作，请忽略。"
    english = f"{code} is your code to confirm this address. It is good for 30 minutes. If you did not ask, ignore it."
    return f"锦鲤验证码 / Koi code: {code}", f"{chinese}\n\n{english}\n"


def _line(kind: str, items: Sequence[Item], language: str, now: datetime) -> str:
    chinese, single, several = _WORDS[kind]
    count = len(items)
    pattern = (single if count == 1 else several) if language == "en" else chinese
    told = pattern.format(n=count, grade=_grade(items, language))
    earliest = min((item.deadline for item in items if item.deadline), default=None)
    if kind not in _CLAIM or earliest is None:
        return told
    when = moment(earliest, now, language)
    if language == "en":
        return f"{told}, claim by {when}" if count == 1 else f"{told}, the first to be claimed by {when}"
    return f"{told}，{when} 前要领取" if count == 1 else f"{told}，最早 {when} 前要领取"


def _grade(items: Sequence[Item], language: str) -> str:
    """The grade that they all have, if it is one."""
    grades = {item.grade for item in items}
    grade = grades.pop() if len(grades) == 1 else None
    if grade not in _GRADES:
        return ""
    return f" of grade {grade}" if language == "en" else f" {grade} 级"
