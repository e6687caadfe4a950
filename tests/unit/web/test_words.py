"""Codes become sentences; what nobody taught stays a code."""

from __future__ import annotations

from flask import Flask
from flask_babel import Babel

from shared.web import words
from shared.web.limits import storage_uri


def test_parameters_are_filled_in_and_missing_ones_do_not_break():
    words.tell("test_full", "%(store)s is full until %(until)s", "Take %(other)s")

    assert words.say("test_full", {"store": "A"}) == "A is full until …"
    assert words.advise("test_full", {"other": "B"}) == "Take B"


def test_a_reason_of_a_code_may_have_its_own_words():
    words.tell("test_bad", "Bad")
    words.tell("test_bad.short", "Too short")

    assert words.say("test_bad", {"reason": "short"}) == "Too short"
    assert words.say("test_bad", {"reason": "other"}) == "Bad"


def test_an_unknown_code_is_shown_as_it_is():
    assert words.say("never_taught") == "never_taught"
    assert words.advise("never_taught") == ""


def test_the_limits_find_redis_on_a_socket_too():
    assert storage_uri("unix:///run/valkey.sock?db=1") == "redis+unix:///run/valkey.sock?db=1"
    assert storage_uri("redis://localhost:6379/0") == "redis://localhost:6379/0"
    assert storage_uri("") == "memory://"


def test_several_things_are_listed_as_the_reader_writes_them():
    words.tell("test_several", "Several: %(names)s")
    said = {"names": ["A", "B"]}
    assert words.say("test_several", said) == "Several: A、B"

    app = Flask(__name__)
    Babel(app, locale_selector=lambda: "en")
    with app.test_request_context():
        assert words.say("test_several", said) == "Several: A, B"
