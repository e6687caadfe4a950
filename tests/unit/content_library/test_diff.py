"""Two texts side by side, and two people's changes put together."""

import pytest

from content_library.diff import compare, merge


def shown(stretches):
    return "".join(f"[{one.text}]" if one.changed else one.text for one in stretches)


@pytest.mark.parametrize(
    ("before", "after", "left", "right"),
    [
        ("今晚八点截止", "今晚九点截止", "今晚[八]点截止", "今晚[九]点截止"),
        ("来{门店}找我", "来{门店名称}找我", "来[{门店}]找我", "来[{门店名称}]找我"),
        ("M3 now 20:00", "M3 now 20:30", "M3 now [20:00]", "M3 now [20:30]"),
        ("一样", "一样", "一样", "一样"),
        ("", "新写的", "", "[新写的]"),
    ],
)
def test_what_differs_is_marked_word_by_word(before, after, left, right):
    old, new = compare(before, after)
    assert (shown(old), shown(new)) == (left, right)


def test_changes_in_different_places_come_together():
    base = "今晚八点截止，来门店报名。\n地址见下。"
    ours, theirs = base.replace("八", "九"), base + "\n电话也见下。"
    assert merge(base, ours, theirs) == "今晚九点截止，来门店报名。\n地址见下。\n电话也见下。"


def test_changes_of_the_same_place_do_not():
    assert merge("今晚八点", "今晚九点", "今晚十点") is None
    assert merge("今晚", "今晚八点", "今晚九点") is None


def test_who_changed_nothing_takes_the_others_text():
    assert merge("甲", "甲", "乙") == "乙"
    assert merge("甲", "乙", "甲") == "乙"
    assert merge("甲", "乙", "乙") == "乙"
