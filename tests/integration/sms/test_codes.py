"""Codes: one use, few tries, and limits that hold for whoever races, but spare the shared Wi-Fi of a store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from shared.contacts.phones import mask
from shared.platform.errors import DomainError
from shared.sms.codes import Asker, Codes, network_of
from shared.sms.errors import CodeGone, CodeTooSoon, CodeWrong
from shared.sms.models import SmsCode, SmsMessage
from tests.factories.counting import RING, phone_number

WIFI = "203.0.113.7"
CODE = 421907


@pytest.fixture
def codes(public_engine: Any) -> Iterator[Codes]:
    """Codes of the public face, which are all 421907."""
    made = Codes(public_engine, RING.sms, random=lambda: CODE)
    yield made
    made._links.close()


def ask(codes: Codes, phone: str, *, address: str = WIFI, device: str | None = None, **more: Any) -> None:
    codes.ask(Asker(phone=phone, purpose="signup", address=address, device=device), **more)


def later(rows: Session, seconds: int) -> None:
    """Let time pass for every code."""
    rows.execute(
        text(
            "UPDATE sms_codes SET created_at = created_at - :s * interval '1 s',"
            " expires_at = expires_at - :s * interval '1 s'"
        ),
        {"s": seconds},
    )
    rows.commit()


def test_the_right_code_is_right_once(codes: Codes) -> None:
    phone = phone_number()
    ask(codes, phone)
    codes.check(phone, "signup", "４２１ 907", use="form-1")
    codes.check(phone, "signup", "421907", use="form-1")  # a double click
    with pytest.raises(CodeGone):
        codes.check(phone, "signup", "421907", use="form-2")


def test_of_two_forms_with_one_code_one_wins(codes: Codes, race: Callable[..., list[Any]]) -> None:
    phone = phone_number()
    ask(codes, phone)
    answers = race(lambda form: codes.check(phone, "signup", "421907", use=form), [f"form-{n}" for n in range(4)])
    assert sorted(str(type(each).__name__) for each in answers) == ["CodeGone", "CodeGone", "CodeGone", "NoneType"]


def test_a_code_belongs_to_its_number_and_its_purpose(codes: Codes) -> None:
    phone, other = phone_number(), phone_number()
    ask(codes, phone)
    for number, purpose in ((other, "signup"), (phone, "own_page")):
        with pytest.raises(CodeGone):
            codes.check(number, purpose, "421907", use="form")
    codes.check(phone, "signup", "421907", use="form")


def test_five_wrong_tries_end_a_code(codes: Codes) -> None:
    phone = phone_number()
    ask(codes, phone)
    refusals: list[DomainError] = []
    for typed in ("000000", "", "1", "42190", "999999", "421907"):
        with pytest.raises(DomainError) as refused:
            codes.check(phone, "signup", typed, use="form")
        refusals.append(refused.value)
    assert [each.params.get("left") for each in refusals[:4]] == [4, 3, 2, 1]
    assert [type(each) for each in refusals[3:]] == [CodeWrong, CodeGone, CodeGone]


def test_an_old_code_is_gone(codes: Codes, rows: Session) -> None:
    phone = phone_number()
    ask(codes, phone)
    later(rows, 601)
    with pytest.raises(CodeGone):
        codes.check(phone, "signup", "421907", use="form")


def test_the_next_code_for_a_number_has_to_wait_and_is_told_how_long(codes: Codes, rows: Session) -> None:
    phone = phone_number()
    ask(codes, phone)
    later(rows, 20)
    with pytest.raises(CodeTooSoon) as refused:
        ask(codes, phone)
    assert refused.value.params["reason"] == "phone"
    assert 38 <= refused.value.params["seconds"] <= 40
    later(rows, 41)
    ask(codes, phone)


def test_a_used_code_does_not_delay_the_next(codes: Codes) -> None:
    phone = phone_number()
    ask(codes, phone)
    codes.check(phone, "signup", "421907", use="form")
    ask(codes, phone)


def test_five_codes_an_hour_for_a_number_whoever_asks(codes: Codes, rows: Session) -> None:
    phone = phone_number()
    for n in range(5):
        ask(codes, phone, address=f"203.0.113.{n}")
        later(rows, 61)
    with pytest.raises(CodeTooSoon) as refused:
        ask(codes, phone, address="198.51.100.9")
    assert refused.value.params["seconds"] > 3000


def test_codes_asked_for_on_a_campaigns_page_keep_no_manager_out(codes: Codes, rows: Session) -> None:
    phone = phone_number()
    for n in range(10):
        ask(codes, phone, address=f"203.0.113.{n}")
        later(rows, 721)
    with pytest.raises(CodeTooSoon):
        ask(codes, phone, address="198.51.100.9")
    codes.ask(Asker(phone=phone, purpose="staff_sign_in", address=WIFI))
    with pytest.raises(CodeTooSoon):
        codes.ask(Asker(phone=phone, purpose="reset", address=WIFI))


def test_a_shared_wifi_is_spared_while_people_type_their_codes_in(codes: Codes) -> None:
    for _person in range(45):
        phone = phone_number()
        ask(codes, phone)
        codes.check(phone, "signup", "421907", use=phone)


def test_an_address_that_types_nothing_in_is_stopped(codes: Codes) -> None:
    for _number in range(40):
        ask(codes, phone_number())
    with pytest.raises(CodeTooSoon) as refused:
        ask(codes, phone_number())
    assert refused.value.params["reason"] == "address"
    ask(codes, phone_number(), address="198.51.100.9")


def test_a_device_is_limited_wherever_it_is(codes: Codes) -> None:
    for n in range(10):
        ask(codes, phone_number(), address=f"203.0.113.{n}", device="one")
    with pytest.raises(CodeTooSoon) as refused:
        ask(codes, phone_number(), address="198.51.100.9", device="one")
    assert refused.value.params["reason"] == "device"


def test_who_races_gets_no_more_than_the_limit(codes: Codes, race: Callable[..., list[Any]], rows: Session) -> None:
    phone = phone_number()
    answers = race(lambda n: ask(codes, phone, address=f"203.0.113.{n}"), list(range(6)))
    assert sorted(type(each).__name__ for each in answers) == [*["CodeTooSoon"] * 5, "NoneType"]
    assert rows.scalars(select(SmsCode)).all().__len__() == 1


def test_an_unknown_number_costs_and_says_the_same_but_gets_no_message(codes: Codes, rows: Session) -> None:
    phone = phone_number()
    ask(codes, phone, deliver=False)
    with pytest.raises(CodeTooSoon):
        ask(codes, phone, deliver=False)
    with pytest.raises(CodeWrong):
        codes.check(phone, "signup", "421907", use="form")
    assert rows.scalars(select(SmsMessage.state)).all() == ["void"]


def test_neither_number_nor_code_is_in_the_tables(codes: Codes, rows: Session) -> None:
    phone = phone_number()
    ask(codes, phone)
    codes.check(phone, "signup", "421907", use="form")
    stored = str(rows.execute(text("SELECT sms_codes::text, sms_messages::text FROM sms_codes, sms_messages")).all())
    for secret in (phone[3:], phone[3:].encode().hex(), "421907", b"421907".hex(), mask(phone)):
        assert secret not in stored


@pytest.mark.parametrize("table", ["sms_codes", "sms_messages"])
def test_the_public_face_cannot_read_what_it_asked_for(public_engine: Any, table: str) -> None:
    with pytest.raises(Exception, match="permission denied"), public_engine.connect() as connection:
        connection.execute(text(f"SELECT * FROM {table}"))


@pytest.mark.parametrize(
    ("address", "network"),
    [("203.0.113.7", "203.0.113.7"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"), (None, "unknown"), ("x", "unknown")],
)
def test_an_address_counts_as_one_household(address: str | None, network: str) -> None:
    assert network_of(address) == network
