"""No text says "1 leads": what counts things has one form for one and one for many."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest
from flask import Flask
from flask_babel import Babel

from shared.sms import words as _sms_words  # noqa: F401
from shared.web import texts
from shared.web.catalogs import PACKAGES
from shared.web.counted import Counted
from shared.web.words import say

_NO_NOUN = "is|was|has|as|its|this|less|loses|takes|others"
_MANY_OF = re.compile(rf"(?:%\((\w+)\)[sd]|%%s)(?: [a-z'’-]+){{0,3}}? ((?!(?:{_NO_NOUN})\b)[a-z-]+s|people)\b")
_MANY_DO = re.compile(r"(?:%\((\w+)\)[sd]|%%s) (are|were|have|stay)\b")
# Parameters that are words, names or shares, and limits of the product, which are all larger than one.
_NO_COUNT = frozenset(
    [
        "begun",
        "by",
        "campaign",
        "code",
        "copy",
        "detail",
        "fact",
        "first",
        "goes",
        "grade",
        "low",
        "name",
        "phone",
        "read",
        "row",
        "share",
        "span",
        "stays",
        "store",
        "time",
        "version",
        "versions",
        "who",
        "whom",
        "least",
        "limit",
        "longest",
        "max",
        "max_length",
        "most",
        "shortest",
    ]
)
_FROM_TWO = "the screening rule asks for two at least"
_TOO_MANY = "told only of what is too large"
_FIXED = "a fixed number, larger than one"
_MORE = "told only of more than one"
_NEVER_ONE = {
    "%(count)s minutes": "up to two minutes it is told in seconds",
    "%(count)s hours": "up to two hours it is told in minutes",
    "The picture has %(megapixels)s megapixels; at most %(limit)s can be used. Make it smaller.": _TOO_MANY,
    "The picture has %(width)s × %(height)s pixels; each side needs at least %(least)s.": _MORE,
    "The video runs %(minutes)s minutes; at most %(limit)s can be used.": _TOO_MANY,
    "%(leads)s leads are too many at once": _TOO_MANY,
    "%(much)s sales to be expected": "a difference with a decimal, +1.0",
    "%(fact)s: other points in %(count)s of %(all)s combinations, by %(least)s to %(most)s": _MORE,
    "%(first)s and others, %(num)s campaigns": _MORE,
    "%(first)s and others, %(num)s cities": _MORE,
    "%(first)s and others, %(num)s dealers": _MORE,
    "%(first)s and others, %(num)s provinces": _MORE,
    "%(first)s and others, %(num)s stores": _MORE,
    "%(flags)s signs at once": _FROM_TWO,
    "%(people)s people invited by one within %(span)s; draws each on average: %(draws)s": _FROM_TWO,
    "%(people)s people invited each other in a circle": _FROM_TWO,
    "%(people)s people within %(span)s on this device": _FROM_TWO,
    "%(people)s people within %(span)s on this network address": _FROM_TWO,
    "%(people)s people within %(span)s on this network address; draws each on average: %(draws)s": _FROM_TWO,
    "%(phones)s phone numbers with one WeChat account": _FROM_TWO,
    "%(signups)s sign-ups within one minute from one network address and browser": _FROM_TWO,
    "All %(count)s versions": _MORE,
    "Interval after Wilson. Below %(count)s people judged it is too wide to lean on. Headquarters looks only at those "
    "who were stopped, so this says nothing about whom a rule misses.": _FIXED,
    "The latest %(count)s are shown.": _FIXED,
    "The row is cut off: %(have)s of %(width)s cells": _MORE,
    "You can take it back until a store claims, within %(minutes)s minutes.": _FIXED,
    "the nearest %(count)s stores are full today": _MORE,
    "%(count)s times": _MORE,
    "Choose a day within the next %(days)s days": _FIXED,
    "The lead was offered to %(count)s stores at once.": _MORE,
}


def test_what_counts_things_has_a_form_for_one():
    assert [text for text in _single() if text not in _NEVER_ONE and list(_plurals(text))] == []


def test_no_exception_outlives_its_text():
    assert set(_NEVER_ONE) - {text for text in _single() if list(_plurals(text))} == set()


@pytest.mark.parametrize(
    "text",
    [
        "%(count)s leads",
        "Import %(rows)s new rows",
        "%(num)s people wait",
        "%(left)s stay as they are",
        "%(n)d were lost",
    ],
)
def test_a_counted_noun_is_found(text):
    assert list(_plurals(text))


@pytest.mark.parametrize(
    "text",
    ["%(name)s is back", "At most %(limit)s rows", "%(store)s has bought", "%(count)s late", "Row %(row)s is empty"],
)
def test_what_counts_nothing_is_not_found(text):
    assert not list(_plurals(text))


@pytest.fixture
def reader():
    app = Flask("reader")
    Babel(app)
    with app.test_request_context("/"):
        yield


def test_a_sentence_for_a_code_says_one_and_many(reader):
    assert say("sms_code_wrong", {"left": 1}) == "This is not the code that was sent. 1 more try"
    assert say("sms_code_wrong", {"left": 2}) == "This is not the code that was sent. 2 more tries"


@pytest.mark.parametrize(("count", "said"), [(1, "one"), ("1", "one"), (0, "many"), (21, "many"), ("1,200", "many")])
def test_a_number_or_its_text_chooses_the_form(reader, count, said):
    assert Counted("one", "many").among({"count": count}) == said


@cache
def _single() -> tuple[str, ...]:
    return tuple(str(each.id) for package in PACKAGES for each in texts._found(package) if isinstance(each.id, str))


def _plurals(text: str) -> Iterator[str]:
    for pattern in (_MANY_OF, _MANY_DO):
        yield from (found.group() for found in pattern.finditer(text) if found.group(1) not in _NO_COUNT)
