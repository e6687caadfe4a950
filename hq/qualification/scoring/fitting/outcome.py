"""What became of each lead: won, lost, or not known because nobody has worked on it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hq.intake.imports.grid import Cell
from hq.intake.imports.words import squeezed
from hq.qualification.scoring.attributes import as_text
from hq.qualification.scoring.fitting.refusals import FitRefused


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_WON = _words(
    "yes y true t 1 won win sold sale bought purchased purchase converted conversion closedwon success successful"
    " 成交 已成交 是 成功 已购 已购车 已购买 购买 赢单 签约 已签约 已交车 交车 下单 已下单 转化 已转化 对 √ ✓"
)
_LOST = _words(
    "no n false f 0 -1 lost lose closedlost failed failure notsold unsold notconverted rejected dead disqualified"
    " 战败 已战败 否 失败 未成交 没成交 不成交 未购 未购车 未购买"
    " 输单 流失 已流失 无效 放弃 已放弃 未转化 关闭 已关闭 不 ×"
)
_OPEN = _words(
    "open pending new unworked working inprogress uncontacted notcontacted assigned unassigned expired timeout"
    " recycled null none na n/a nan unknown ? - -- 跟进中 未跟进 待跟进 新建 新线索 未联系 待联系 未处理 待处理 处理中"
    " 超时 已超时 回收 已回收 未知 待定 未分配 待分配 进行中 空"
)
_WHOLE = re.compile(r"(?<=\d)\.0+$")  # 1.0 is the same answer as 1
_MOST_WORDS = 12  # distinct outcomes that an error lists
Outcomes = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Told:
    """The outcomes of a file.

    Attributes:
        values: by row 1 won, 0 lost, -1 not worked on: such a row says something about the store, not the customer.
        won, lost, unworked: the words that were read as each, with how often.
        guessed: the words did not say which is which: the larger number, or the rarer word, was taken for won.
    """

    values: Outcomes
    won: dict[str, int]
    lost: dict[str, int]
    unworked: dict[str, int]
    guessed: bool


def read_outcome(
    cells: Sequence[Cell], column: str, *, won: Collection[str] = (), unworked: Collection[str] = ()
) -> Told:
    """Read the outcome column.

    Args:
        won: words that mean a sale; empty: known words of both languages, or of two numbers the larger, or of counts
            all above 0.
        unworked: words that mean that nobody worked on the lead; what is empty means it in any case.

    Raises:
        FitRefused: `no_outcome`, `one_class`, `outcome_words`, `no_such_word`.
    """
    words = [_word(cell) for cell in cells]
    counts = Counter(words)
    told = Counter({word: count for word, count in counts.items() if word})
    _known(told, (*won, *unworked), column)
    is_open = {word for word in told if word in unworked or (not unworked and word not in won and _in(word, _OPEN))}
    judged = {word: count for word, count in told.items() if word not in is_open}
    if not judged:
        raise FitRefused("no_outcome", column=column)
    sold, guessed = ({*won}, False) if won else _sold(judged, column)
    values = {word: 1 if word in sold else 0 for word in judged}
    both = {value: {w: n for w, n in judged.items() if values[w] == value} for value in (1, 0)}
    if not both[1] or not both[0]:
        raise FitRefused("one_class", column=column, word=next(iter(judged)))
    empty = {"": counts[""]} if counts[""] else {}
    return Told(
        np.array([values.get(word, -1) for word in words], dtype=np.int8),
        both[1],
        both[0],
        {**{word: told[word] for word in is_open}, **empty},
        guessed,
    )


def _word(cell: Cell) -> str:
    text = as_text(cell).strip() if isinstance(cell, bool | int | float) else str(cell).strip()
    return _WHOLE.sub("", text)


def _in(word: str, words: frozenset[str]) -> bool:
    return squeezed(word).replace("_", "").replace("-", "") in words or squeezed(word) in words


def _known(told: Counter[str], named: Collection[str], column: str) -> None:
    for word in named:
        if word not in told:
            raise FitRefused("no_such_word", column=column, word=word, words=_most(told))


def _sold(judged: dict[str, int], column: str) -> tuple[set[str], bool]:
    """The words that mean a sale, and whether that is a guess."""
    sold = {word for word in judged if _in(word, _WON)}
    lost = {word for word in judged if _in(word, _LOST)}
    if sold and lost and len(sold) + len(lost) == len(judged):
        return sold, False
    numbers = _numbers(judged)
    if numbers is not None and len(judged) == 2:
        return {max(numbers, key=lambda word: numbers[word])}, min(numbers.values()) not in (0, -1)
    if numbers is not None and min(numbers.values(), default=1) == 0:
        return {word for word, number in numbers.items() if number > 0}, True
    if len(judged) == 2 and bool(sold) != bool(lost):  # one known word is enough to know the other
        return (sold or set(judged) - lost), False
    if len(judged) == 2:
        return {min(sorted(judged), key=lambda word: judged[word])}, True
    if len(judged) == 1:
        return set(), False
    raise FitRefused("outcome_words", column=column, words=_most(Counter(judged)))


def _numbers(judged: dict[str, int]) -> dict[str, float] | None:
    try:
        return {word: float(word) for word in judged}
    except ValueError:
        return None


def _most(told: Counter[str]) -> list[str]:
    return [word for word, _ in told.most_common(_MOST_WORDS)]
