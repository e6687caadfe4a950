"""Every text has its Chinese, and one English text one Chinese within a face."""

from __future__ import annotations

from babel.messages.catalog import Message

from shared.web import texts


def test_everything_is_translated():
    assert list(texts.problems()) == []


def test_a_missing_or_fuzzy_translation_is_found():
    assert not texts._done(Message("Claim", ""))
    assert not texts._done(Message("Claim", "领取", flags={"fuzzy"}))
    assert not texts._done(Message(("%(n)s lead", "%(n)s leads"), ("",)))
    assert texts._done(Message("Claim", "领取"))


def test_a_translation_that_names_what_is_not_there_is_found():
    assert not texts._fits(Message("Wait %(wait)s", "%(until)s后再试"))
    assert texts._fits(Message("Wait %(wait)s", "%(wait)s后再试"))


def test_two_meanings_of_one_text_are_found():
    seen = {}

    assert list(texts._misfits("shared", Message("Open", "打开"), seen)) == []
    assert list(texts._misfits("hq", Message("Open", "进行中"), seen)) != []
    assert list(texts._misfits("dealer", Message("Open", "打开"), seen)) == []
