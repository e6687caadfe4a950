"""The sign-up API as a mini-program's server meets it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from shared.campaigns.models import Campaign
from shared.platform.ids import new_id
from shared.platform.settings import Settings
from shared.signups.models import ApiClient, Receipt, Signup, SignupPayload
from shared.signups.rows import Sealer
from tests import factories as make
from tests.portals.conftest import Faces
from tests.portals.intake.calling import PHONE, SAID, TOKEN, Caller, but, client


def count(rows: Session) -> tuple[int, int, int]:
    """How many receipts, sign-ups and payloads there are."""
    rows.rollback()
    return tuple(
        rows.scalar(select(func.count()).select_from(table)) or 0 for table in (Receipt, Signup, SignupPayload)
    )  # type: ignore[return-value]


def pointers(answer: TestResponse) -> dict[str, str]:
    """What is wrong, by field."""
    assert answer.status_code == 422, answer.text
    assert answer.mimetype == "application/problem+json"
    return {error["pointer"]: error["code"] for error in answer.get_json()["errors"]}


def test_a_signup_is_stored_with_its_facts_and_the_person_sealed(
    caller: Caller, rows: Session, settings: Settings
) -> None:
    answer = caller.post()
    assert answer.status_code == 202
    stored = rows.scalars(select(Signup)).one()
    assert answer.get_json()["id"] == str(stored.signup_id)
    assert answer.get_json()["received_at"].startswith(f"{stored.accepted_at:%Y-%m-%dT%H:%M:%S}")
    assert (stored.source, stored.state, stored.runs) == ("api", "received", 0)
    assert stored.region == SAID["region"]
    assert stored.interest == SAID["interest"]
    assert stored.actions == SAID["actions"]
    assert stored.phone_bidx == make.BLIND.phone("+86" + PHONE)
    assert stored.inviter_bidx == make.BLIND.of("openid", SAID["invited_by"])
    assert stored.occurred_at.isoformat() == "2026-11-10T00:00:06.973000+00:00"
    assert stored.marketing_text_id is not None
    assert stored.share_text_id is not None
    sealed = rows.scalars(select(SignupPayload)).one()
    person = Sealer(settings.public().keys).open(stored.signup_id, sealed.sealed)
    assert person["phone"] == "+86" + PHONE
    assert person["name"] == "欧阳小明"
    assert sealed.purge_at - stored.accepted_at == timedelta(days=180)


def test_no_phone_number_is_plain_in_the_database_or_the_log(
    caller: Caller, rows: Session, capfd: pytest.CaptureFixture[str]
) -> None:
    caller.post(but(name=f"王小明{PHONE}", interest={"model": f"+86 {PHONE}"}))
    caller.post(but(phone="1390000123", name="坏号码"))
    caller.post(but(phone=PHONE, region={"lng": PHONE}))
    tables = [name for (name,) in rows.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))]
    dump = "".join(str(row) for table in tables for row in rows.execute(text(f"TABLE {table}")))
    told = "".join(capfd.readouterr())
    for secret in (PHONE, "1390000123", SAID["openid"], SAID["device_id"], TOKEN):
        assert secret not in dump
        assert secret not in told
    assert "王小明***" in dump
    assert "王小明" not in told


def test_a_number_that_cannot_be_used_is_taken_and_its_reason_kept(caller: Caller, rows: Session) -> None:
    for said in (but(phone="1380013800"), but(phone=None), but(phone="010-88888888")):
        assert caller.post(said).status_code == 202
    assert {one.phone_problem for one in rows.scalars(select(Signup))} == {
        "phone_length",
        "phone_missing",
        "phone_landline",
    }


def test_the_same_key_and_body_get_the_same_answer(caller: Caller, rows: Session) -> None:
    first, again = caller.post(key="k"), caller.post(key="k")
    assert again.status_code == 202
    assert again.get_json() == first.get_json()
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert count(rows) == (1, 1, 1)


def test_the_same_key_with_another_body_changes_nothing(caller: Caller, rows: Session) -> None:
    caller.post(key="k")
    answer = caller.post(but(name="别人"), key="k")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "key_reused")
    other = make.campaign(rows, code="SAT")
    rows.commit()
    without = but(consents={"marketing": False, "share_with_dealer": False})
    assert caller.post(without, key="k", code=other.code).get_json()["code"] == "key_reused"
    assert count(rows) == (1, 1, 1)
    assert rows.scalars(select(Signup.name)).one() == "欧阳小明"


def test_keys_of_two_clients_never_meet(caller: Caller, faces: Faces, rows: Session) -> None:
    client(rows, "koi_another")
    rows.commit()
    first = caller.post(key="k")
    second = Caller(faces, caller.code, token="koi_another").post(key="k")
    assert first.get_json()["id"] != second.get_json()["id"]


def test_twins_at_the_same_moment_are_one_signup_with_one_answer(
    caller: Caller, rows: Session, race: Callable[..., list[TestResponse]]
) -> None:
    answers = race(lambda _number: caller.post(key="twin"), range(24))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    assert count(rows) == (1, 1, 1)


def test_a_twin_that_takes_too_long_is_answered_503_and_stores_nothing(caller: Caller, rows: Session) -> None:
    sender = rows.scalars(select(ApiClient)).one()
    slow = Receipt(
        signup_id=new_id(make.NOW),
        client_id=sender.client_id,
        key="slow",
        body_hmac=b"",
        accepted_at=make.NOW,
        expires_at=make.NOW + timedelta(days=2),
    )
    rows.add(slow)
    rows.flush()  # not committed: as if another request were storing it
    answer = caller.post(key="slow")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "busy")
    assert int(answer.headers["Retry-After"]) > 0
    rows.rollback()
    assert count(rows) == (0, 0, 0)
    assert caller.post(key="slow").status_code == 202


def test_an_expired_key_stands_for_a_new_signup(caller: Caller, rows: Session) -> None:
    first = caller.post(key="k").get_json()["id"]
    rows.execute(update(Receipt).values(expires_at=make.NOW - timedelta(days=400)))
    rows.commit()
    second = caller.post(but(name="别人"), key="k")
    assert second.status_code == 202
    assert second.get_json()["id"] != first
    assert count(rows) == (2, 2, 2)
    kept = {str(one.signup_id): one.key for one in rows.scalars(select(Receipt))}
    assert kept == {first: None, second.get_json()["id"]: "k"}


def test_a_key_is_remembered_for_a_day_at_least(caller: Caller, rows: Session) -> None:
    caller.post()
    receipt = rows.scalars(select(Receipt)).one()
    assert receipt.expires_at - receipt.accepted_at >= timedelta(hours=24)


@pytest.mark.parametrize(
    ("key", "code"), [(None, "key_missing"), ("k" * 129, "key_unusable"), ("two words", "key_unusable")]
)
def test_a_signup_needs_a_usable_key(caller: Caller, rows: Session, key: str | None, code: str) -> None:
    answer = caller.post(key=key)
    assert (answer.status_code, answer.get_json()["code"]) == (400, code)
    assert count(rows) == (0, 0, 0)


@pytest.mark.parametrize("token", [None, "", "koi_wrong", "锦鲤"])
def test_without_a_good_token_nothing_is_told(caller: Caller, token: str | None) -> None:
    caller.token = token.encode().decode("latin-1") if token else token
    for said in (SAID, b"{"):
        answer = caller.post(said)
        assert (answer.status_code, answer.get_json()["code"]) == (401, "bad_token")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert caller.campaign().status_code == 401


def test_a_revoked_token_is_refused_from_the_next_request_on(caller: Caller, rows: Session) -> None:
    assert caller.post().status_code == 202
    rows.execute(update(ApiClient).values(revoked_at=make.NOW))
    rows.commit()
    assert caller.post().status_code == 401
    assert count(rows) == (1, 1, 1)


def test_a_token_for_one_campaign_sees_no_other(caller: Caller, rows: Session) -> None:
    other = make.campaign(rows, code="SAT")
    rows.execute(update(ApiClient).values(campaign_id=other.campaign_id))
    rows.commit()
    assert caller.post().get_json()["code"] == "campaign_unknown"
    assert caller.campaign().status_code == 404
    assert caller.campaign("SAT").status_code == 200


@pytest.mark.parametrize("code", ["NOPE", "%00", "%ff", "fri"])
def test_an_unknown_campaign_is_404(caller: Caller, code: str) -> None:
    answer = caller.post(code=code)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "campaign_unknown")


@pytest.mark.parametrize(
    ("values", "status", "code"),
    [
        ({"status": "closed"}, 409, "campaign_closed"),
        ({"ends_at": make.NOW}, 409, "campaign_closed"),
        ({"starts_at": make.NOW + timedelta(days=9000)}, 409, "campaign_not_started"),
        ({"status": "draft"}, 404, "campaign_unknown"),
    ],
)
def test_a_campaign_that_is_not_open_takes_nothing_but_knows_what_it_took(
    caller: Caller, rows: Session, values: dict[str, Any], status: int, code: str
) -> None:
    first = caller.post(key="before")
    rows.execute(update(Campaign).values(**values))
    rows.commit()
    for said in (SAID, but(touchpoint="billboard")):
        answer = caller.post(said)
        assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert caller.post(key="before").get_json() == first.get_json()
    assert count(rows) == (1, 1, 1)


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"", {}, 400, "body_unreadable"),
        (b'{"consents": ', {}, 400, "body_unreadable"),
        (b"\xff\xfe{}", {}, 400, "body_unreadable"),
        (b'{"name": "\\ud800", "consents": {}}', {}, 400, "body_unreadable"),
        (b"[" * 60_000, {}, 400, "body_unreadable"),
        (b" " * 65_537, {}, 413, "too_large"),
        (b" " * 1_000_000, {}, 413, "too_large"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "json_needed"),
        (b"{}", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "json_needed"),
    ],
)
def test_a_body_that_cannot_be_read_is_said_to_be_so(
    caller: Caller, rows: Session, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = caller.post(body, **headers)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert answer.mimetype == "application/problem+json"
    assert count(rows) == (0, 0, 0)


MARKETING_V, SHARE_V = "/consents/marketing_version", "/consents/share_with_dealer_version"
DATED = {"marketing": True, "share_with_dealer": False}


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        (b"[]", {"": "wrong_type"}),
        (but(touchpoint="billboard"), {"/touchpoint": "not_allowed"}),
        (but(favourite="red"), {"/favourite": "unknown_field"}),
        (but(interest={"budget": "a lot"}), {"/interest/budget": "not_allowed"}),
        (but(interest={"colour": "red"}), {"/interest/colour": "unknown_field"}),
        (but(actions={"draws": "2"}), {"/actions/draws": "wrong_type"}),
        (but(actions={"draws": -1}), {"/actions/draws": "out_of_range"}),
        (but(actions={"draws": 10**30}), {"/actions/draws": "out_of_range"}),
        (but(actions={"booked_test_ride": 1}), {"/actions/booked_test_ride": "wrong_type"}),
        (but(phone=13800138000), {"/phone": "wrong_type"}),
        (but(phone="1" * 65), {"/phone": "too_long"}),
        (but(name="a\u0000b"), {"/name": "malformed"}),
        (but(name="很" * 65), {"/name": "too_long"}),
        (but(ip="300.1.1.1"), {"/ip": "malformed"}),
        (but(ip="fe80::1%eth0"), {"/ip": "malformed"}),
        (but(region={"county_code": "33010"}), {"/region/county_code": "malformed"}),
        (but(region={"lng": 120.1}), {"/region/lat": "required", "/region/coord_sys": "required"}),
        (but(region={"lng": 181, "lat": 30, "coord_sys": "GCJ-02"}), {"/region/lng": "out_of_range"}),
        (but(occurred_at="2026-11-10T08:00:00"), {"/occurred_at": "offset_needed"}),
        (but(occurred_at="yesterday"), {"/occurred_at": "malformed"}),
        (but(occurred_at=1_700_000_000), {"/occurred_at": "wrong_type"}),
        (but(occurred_at="0001-01-01T00:00:00+14:00"), {"/occurred_at": "out_of_range"}),
        (but(occurred_at="9999-12-31T23:59:59-12:00"), {"/occurred_at": "in_future"}),
        (but(consents=None), {"/consents": "required"}),
        (but(consents={"marketing": True}), {"/consents/share_with_dealer": "required"}),
        (but(consents={"marketing": True, "share_with_dealer": True}), {MARKETING_V: "required", SHARE_V: "required"}),
        (but(consents={**DATED, "marketing_version": 7}), {MARKETING_V: "version_unknown"}),
        (but(consents={**DATED, "marketing_version": 2**40}), {MARKETING_V: "out_of_range"}),
    ],
)
def test_what_is_wrong_is_named_field_by_field(caller: Caller, rows: Session, said: Any, wrong: dict[str, str]) -> None:
    answer = caller.post(said)
    assert pointers(answer) == wrong
    assert all(error["detail"] and "%(" not in error["detail"] for error in answer.get_json()["errors"])
    assert count(rows) == (0, 0, 0)


def test_a_refused_value_is_never_repeated(caller: Caller, capfd: pytest.CaptureFixture[str]) -> None:
    answer = caller.post(but(phone_verified=PHONE, store_code=PHONE * 4, region={"county_code": PHONE}))
    assert answer.status_code == 422
    assert PHONE not in answer.text
    assert PHONE not in "".join(capfd.readouterr())


def test_a_clock_may_be_five_minutes_ahead(caller: Caller, rows: Session) -> None:
    now = rows.scalar(select(func.now()))
    assert now is not None
    assert caller.post(but(occurred_at=(now + timedelta(minutes=4)).isoformat())).status_code == 202
    late = caller.post(but(occurred_at=(now + timedelta(minutes=6)).isoformat()))
    assert pointers(late) == {"/occurred_at": "in_future"}


def test_without_a_time_it_happened_when_it_came(caller: Caller, rows: Session) -> None:
    caller.post(but(occurred_at=None))
    stored = rows.scalars(select(Signup)).one()
    assert stored.occurred_at == stored.accepted_at


def test_refusing_both_consents_is_no_obstacle(caller: Caller, rows: Session) -> None:
    assert caller.post(but(consents={"marketing": False, "share_with_dealer": False})).status_code == 202
    stored = rows.scalars(select(Signup)).one()
    assert (stored.marketing_text_id, stored.share_text_id) == (None, None)


def test_a_consent_belongs_to_the_version_that_was_read(caller: Caller, event: Campaign, rows: Session) -> None:
    newer = make.share_text(rows, event, [make.dealer(rows), make.dealer(rows)], version=2)
    rows.commit()
    caller.post()
    assert rows.scalars(select(Signup.share_text_id)).one() != newer.text_id
    assert caller.campaign().get_json()["consents"]["share_with_dealer"]["version"] == 2


def test_a_campaign_says_its_name_and_texts_in_the_callers_language(caller: Caller) -> None:
    found = caller.campaign().get_json()
    assert (found["code"], found["state"]) == ("FRI", "open")
    assert found["consents"]["marketing"] == {"version": 1, "text": "Send me news", "language": "en"}
    caller.language = "zh-CN,zh;q=0.9"
    assert caller.campaign().get_json()["consents"]["marketing"]["text"] == "给我发消息"


def test_problems_speak_the_callers_language(caller: Caller) -> None:
    assert caller.post(key=None).get_json()["title"] == "Idempotency-Key is missing"
    caller.language = "fr"
    assert caller.post(key=None).get_json()["title"] == "缺少 Idempotency-Key"


def test_connections_that_the_server_dropped_are_replaced(caller: Caller, rows: Session) -> None:
    assert caller.post().status_code == 202
    theirs = "FROM pg_stat_activity WHERE usename = 'koi_public' AND datname = current_database()"
    rows.execute(text(f"SELECT pg_terminate_backend(pid) {theirs}"))
    rows.commit()
    assert [caller.post().status_code for _number in range(3)] == [202, 202, 202]


def test_the_express_lane_answers_with_every_security_header(caller: Caller) -> None:
    express, other = caller.post(), caller.post(key=None)
    names = {"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Cache-Control", "X-Request-ID"}
    for answer in (express, other):
        assert names <= set(answer.headers.keys())
        assert answer.headers["Cache-Control"] == "no-store"


def test_ids_are_ordered_by_time(caller: Caller) -> None:
    ids = [UUID(caller.post().get_json()["id"]) for _number in range(3)]
    assert all(one.version == 7 for one in ids)


def test_a_key_that_holds_a_number_works_like_any_other_and_keeps_no_number(caller: Caller, rows: Session) -> None:
    key = f"{PHONE}-20261120"
    first, again = caller.post(key=key), caller.post(key=key)
    assert (first.status_code, first.get_json()) == (202, again.get_json())
    assert caller.post(key=f"{PHONE}-20261121").get_json()["id"] != first.get_json()["id"]
    assert count(rows) == (2, 2, 2)
    assert [key for key in rows.scalars(select(Receipt.key)) if PHONE in (key or "")] == []
