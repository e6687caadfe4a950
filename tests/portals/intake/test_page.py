"""A campaign's page, as a person on a phone meets it; no scripts run here, and none are needed."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from shared.campaigns.models import Campaign
from shared.platform.settings import Settings
from shared.signups.models import Receipt, Signup, SignupPayload
from shared.signups.rows import Sealer
from shared.web.filters import DIST
from tests import factories as make
from tests.portals.conftest import Browser

_HIDDEN = re.compile(r'<input[^>]*name="(\w+)"[^>]*type="hidden"[^>]*value="([^"]*)"')
_VERSION = re.compile(r'name="(\w+_version)" value="(\d+)"')
_LIMIT = 60 * 1024
_PICTURE = 34 * 1024  # what `hq.campaigns.pictures` makes of any picture
SAID = {
    "phone": "138 0013 8000",
    "name": "陈小明",
    "province": "浙江省",
    "city": "杭州",
    "model": "Q1",
    "horizon": "1m",
}


@pytest.fixture
def person(browser: Callable[[], Browser], event: Campaign) -> Browser:
    return browser()


def hidden(page: TestResponse) -> dict[str, str]:
    """What the form carries unseen."""
    return dict(_HIDDEN.findall(page.text)) | dict(_VERSION.findall(page.text))


def stored(rows: Session) -> list[Signup]:
    rows.rollback()
    return list(rows.scalars(select(Signup)))


def test_a_person_signs_up(person: Browser, rows: Session, settings: Settings) -> None:
    page = person.get("/c/FRI?t=moments")
    answer = person.post("/c/FRI", {**hidden(page), **SAID, "share": "y"})
    assert answer.status_code == 303
    done = person.get(answer.location)
    assert done.status_code == 200
    found = stored(rows)[0]
    assert (found.source, found.client_id, found.touchpoint) == ("page", None, "moments")
    assert found.region == {"province": "浙江省", "city": "杭州"}
    assert found.interest == {"model": "Q1", "purchase_horizon": "1m"}
    assert found.phone_bidx == make.BLIND.phone("+8613800138000")
    assert found.share_text_id is not None
    assert found.marketing_text_id is None
    sealed = rows.scalars(select(SignupPayload.sealed)).one()
    assert Sealer(settings.public().keys).open(found.signup_id, sealed)["phone"] == "+8613800138000"


def test_consents_are_apart_and_never_ticked_beforehand(person: Browser) -> None:
    page = person.get("/c/FRI").text
    boxes = re.findall(r'<input[^>]*type="checkbox"[^>]*>', page)
    assert len(boxes) == 2
    assert not any("checked" in box for box in boxes)
    assert page.count("<details>") == 2


def test_without_consent_the_signup_counts_all_the_same(person: Browser, rows: Session) -> None:
    page = person.get("/c/FRI")
    answer = person.post("/c/FRI", {**hidden(page), **SAID})
    assert answer.status_code == 303
    assert "shared=0" in answer.location
    assert [(one.share_text_id, one.marketing_text_id) for one in stored(rows)] == [(None, None)]


def test_a_double_tap_is_one_signup(person: Browser, rows: Session, race: Callable[..., list[TestResponse]]) -> None:
    form = {**hidden(person.get("/c/FRI")), **SAID}
    answers = race(lambda _tap: person.post("/c/FRI", form), range(4))
    assert {answer.status_code for answer in answers} == {303}
    assert len(stored(rows)) == 1
    assert rows.scalar(select(func.count()).select_from(Receipt)) == 1


def test_the_back_button_and_another_name_do_not_make_a_second(person: Browser, rows: Session) -> None:
    form = {**hidden(person.get("/c/FRI")), **SAID}
    person.post("/c/FRI", form)
    again = person.post("/c/FRI", {**form, "name": "陈大明"})
    assert again.status_code == 409
    assert [one.name for one in stored(rows)] == ["陈小明"]


@pytest.mark.parametrize("phone", ["", "1380013800", "010-88888888", "12800138000"])
def test_a_number_that_cannot_be_used_is_said_at_once_and_the_rest_is_kept(
    person: Browser, rows: Session, phone: str
) -> None:
    form = {**hidden(person.get("/c/FRI")), **SAID, "phone": phone, "share": "y"}
    answer = person.post("/c/FRI", form)
    assert answer.status_code == 422
    assert "koi-field-error" in answer.text
    assert 'value="陈小明"' in answer.text
    assert re.search(r'<input[^>]*name="share"[^>]*checked|checked[^>]*name="share"', answer.text)
    assert re.search(r'<option selected value="浙江省"|value="浙江省" selected', answer.text)
    assert hidden(answer)["nonce"] == form["nonce"]
    assert stored(rows) == []


def test_a_scanned_store_is_named_and_kept(person: Browser, event: Campaign, rows: Session) -> None:
    store = make.store(rows, code="QJ1", name="青骥文三路店")
    make.share_text(rows, event, [store], version=2)
    rows.commit()
    assert "青骥文三路店" in person.get("/c/FRI?store=QJ1").text
    page = person.get("/c/FRI?s=QJ1")
    assert "青骥文三路店" in page.text
    assert 'name="province"' not in page.text  # the store's place is known
    only = {name: value for name, value in SAID.items() if name not in ("province", "city")}
    assert person.post("/c/FRI", {**hidden(page), **only}).status_code == 303
    assert [(one.store_code, one.touchpoint) for one in stored(rows)] == [("QJ1", "store_qr")]


def test_a_store_that_the_text_does_not_cover_is_not_promised_the_number(person: Browser, rows: Session) -> None:
    make.store(rows, code="QJ2", name="别家店")
    rows.commit()
    assert "别家店" not in person.get("/c/FRI?s=QJ2").text


def test_a_text_that_changed_meanwhile_leaves_the_consent_with_the_words_that_were_read(
    person: Browser,
    event: Campaign,
    rows: Session,
) -> None:
    page = person.get("/c/FRI")
    newer = make.share_text(rows, event, [make.dealer(rows)], version=2)
    rows.commit()
    person.post("/c/FRI", {**hidden(page), **SAID, "share": "y"})
    assert stored(rows)[0].share_text_id not in (None, newer.text_id)
    made_up = person.post("/c/FRI", {**hidden(person.get("/c/FRI")), **SAID, "share": "y", "share_version": "9"})
    assert made_up.status_code == 422


@pytest.mark.parametrize(
    ("values", "shown", "posted"),
    [
        ({"status": "closed"}, 410, 409),
        ({"ends_at": make.NOW}, 410, 409),
        ({"starts_at": make.NOW + timedelta(days=9000)}, 200, 409),
        ({"status": "draft"}, 404, 404),
    ],
)
def test_a_campaign_that_is_not_open_says_so(
    person: Browser, rows: Session, values: dict[str, object], shown: int, posted: int
) -> None:
    form = {**hidden(person.get("/c/FRI")), **SAID}
    rows.execute(update(Campaign).values(**values))
    rows.commit()
    assert person.get("/c/FRI").status_code == shown
    assert person.post("/c/FRI", form).status_code == posted
    assert stored(rows) == []


@pytest.mark.parametrize("path", ["/c/NOPE", "/c/%00", "/c/NOPE/done", "/c/FRI/consent/other", "/c/FRI?s=%00"])
def test_strange_links_are_answered_with_a_page(person: Browser, path: str) -> None:
    answer = person.get(path)
    assert answer.status_code == (200 if "?" in path else 404)
    assert answer.mimetype == "text/html"


def test_a_form_of_another_site_or_without_its_token_is_refused(person: Browser, rows: Session) -> None:
    form = {**hidden(person.get("/c/FRI")), **SAID}
    assert person.post("/c/FRI", {**form, "csrf_token": "x"}).status_code == 400
    assert person.post("/c/FRI", form, headers={"Origin": "https://evil.example"}).status_code == 403
    assert stored(rows) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"horizon": "soon"},
        {"province": "Atlantis"},
        {"nonce": ""},
        {"nonce": "' OR 1"},
        {"share_version": "x"},
        {"name": "很" * 65},
        {"s": "x" * 33},
    ],
)
def test_what_the_form_would_not_send_is_not_taken(person: Browser, rows: Session, changes: dict[str, str]) -> None:
    form = {**hidden(person.get("/c/FRI")), **SAID, **changes}
    assert person.post("/c/FRI", form).status_code == 422
    assert stored(rows) == []


def test_a_page_that_went_stale_says_so(person: Browser) -> None:
    answer = person.post("/c/FRI", {**hidden(person.get("/c/FRI")), **SAID, "nonce": "x"})
    assert answer.status_code == 422
    assert "重新打开这一页" in answer.text


def test_the_page_speaks_both_languages_and_carries_no_session(person: Browser) -> None:
    chinese, english = person.get("/c/FRI"), person.get("/c/FRI?lang=en")
    assert "手机号" in chinese.text
    assert "Mobile number" in english.text
    assert "koi_public" not in str(chinese.headers)


@pytest.mark.skipif(not (DIST / "public.css").exists(), reason="the front end is not built")
def test_the_whole_page_weighs_at_most_60_kb(person: Browser, event: Campaign, rows: Session) -> None:
    make.face(rows, event)
    rows.commit()
    page = person.get("/c/FRI").text
    files = {Path(name).name for name in re.findall(r'(?:href|src)="/static/([^"?#]+)', page)}
    sent = [page.encode(), *((DIST / name).read_bytes() for name in files)]
    assert sum(len(gzip.compress(each)) for each in sent) <= _LIMIT - _PICTURE
