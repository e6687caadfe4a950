"""Which series a model that somebody wrote belongs to."""

from __future__ import annotations

import pytest

from shared.dealers.series import SeriesBook, UnknownSeries

BOOK = SeriesBook.of(
    [("S1", "锦程 S1", ["锦程 S1", "锦程 S1 Pro"]), ("S1X", "锦程 S1 Pro Max", []), ("C2", "轻舟 C2", ["轻舟"])]
)


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ("锦程 S1", "S1"),
        ("锦程ｓ１　pro", "S1"),
        ("想看锦程S1 Pro Max 红色", "S1X"),
        ("轻舟", "C2"),
        ("C2", "C2"),
        ("别家的车", None),
        ("", None),
        (None, None),
    ],
)
def test_the_longest_name_that_stands_in_it_counts(model, code):
    assert BOOK.code_of(model) == code


def test_words_between_commas_become_codes_and_back():
    assert BOOK.read("轻舟 C2, 锦程S1；S1") == ["C2", "S1"]
    assert BOOK.read(BOOK.write(["C2", "S1"])) == ["C2", "S1"]
    assert [BOOK.read(text) for text in ("", " 全部 ", "不限", "，")] == [None] * 4


def test_a_word_that_names_none_is_refused():
    with pytest.raises(UnknownSeries, match="飞船"):
        BOOK.read("C2、飞船")
