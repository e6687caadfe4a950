"""Addresses, headers and forms that no browser of ours sends: refused in words, never with a mistake of ours."""

from __future__ import annotations

import pytest

from shared.identity.permissions import Role
from tests import factories
from tests.portals.conftest import sign_in

_NO_ADDRESS = "http://["


@pytest.fixture
def here(browser, hq_person):
    """Headquarters' portal, signed in as its administrator."""
    made = browser()
    assert sign_in(made, "/hq", hq_person(Role.ADMINISTRATOR).login).status_code == 303
    return made


def test_a_place_to_go_on_to_that_is_no_address_leads_home(browser):
    assert browser().get(f"/hq/sign-in?next={_NO_ADDRESS}").status_code == 200


def test_a_referrer_that_is_no_address_is_as_good_as_none(browser):
    assert browser().get("/hq/nothing-here", headers={"Referer": _NO_ADDRESS}).status_code == 404


def test_the_way_back_never_leads_to_another_site(browser):
    page = browser().get("/hq/nothing-here", headers={"Referer": "http://localhost//elsewhere.example/"})
    assert "elsewhere.example" not in page.text


def test_a_form_from_an_origin_that_is_no_address_is_from_another_site(rows, browser):
    factories.campaign(rows, code="koi-odd")
    rows.commit()
    assert browser().post("/c/koi-odd", headers={"Origin": _NO_ADDRESS}).status_code == 403


@pytest.mark.parametrize("path", ["leads?q=%00", "signups?q=%00", "stores?q=%00", "audit?actor=%00"])
def test_what_no_text_may_hold_is_searched_in_vain(here, path):
    assert here.get(f"/hq/{path}").status_code in (200, 400)


@pytest.mark.parametrize("path", ["leads", "signups", "stores", "staff", "audit"])
def test_a_place_in_another_list_is_no_place_in_this_one(here, path, hq_person):
    for _ in range(60):
        hq_person()  # the audit log gets a second page
    after = here.get("/hq/audit").text.split("after=")[1].split('"')[0].split("&")[0]
    assert here.get(f"/hq/{path}?after={after}").status_code in (200, 400)


def test_a_campaign_code_with_a_sign_that_no_text_may_hold_is_unknown(rows, browser):
    campaign = factories.campaign(rows, code="koi-odd")
    factories.share_text(rows, campaign, [factories.dealer(rows)])
    rows.commit()
    visitor = browser()
    visitor.get("/c/koi-odd")
    form = {"phone": "13912345678", "nonce": "n" * 20, "province": "", "name": "", "city": "", "model": ""}
    assert visitor.post("/c/%00koi-odd", form).status_code == 404
    assert visitor.get("/c/%00koi-odd").status_code == 404
    assert visitor.get("/api/v1/campaigns/%00", headers={"Authorization": "Bearer x"}).status_code in (401, 404)


@pytest.mark.parametrize("name", ["a\0b", "中\0文"])
def test_a_name_with_a_sign_that_no_text_may_hold_is_refused(here, name):
    here.get("/hq/users")
    answer = here.post("/hq/users", {"login": "somebody@example.com", "name": name, "role": "analyst"})
    assert answer.status_code in (200, 400, 422)


def test_made_up_methods_are_counted_as_one(browser):
    for method in ("FIRST-ODD", "SECOND-ODD"):
        assert browser().client.open("/", method=method).status_code == 405
    figures = browser().get("/metrics").text
    assert "-ODD" not in figures
    assert 'method="other"' in figures


@pytest.mark.parametrize("portal", ["/hq", "/dealer"])
def test_a_form_of_a_million_fields_is_not_read(browser, portal):
    body = {"data": b"a&" * 1_000_000, "content_type": "application/x-www-form-urlencoded"}
    assert browser().client.post(f"{portal}/sign-in", **body).status_code == 413


def test_only_who_is_signed_in_may_send_a_large_file(here, browser):
    page = here.get("/hq/imports").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    parts = {"csrf_token": token, "kind": "signups", "campaign": "", 'file"; filename="a.csv': "x" * 1_000_000}
    head = "--b\r\nContent-Disposition: form-data; name="
    body = "".join(f'{head}"{name}"\r\n\r\n{text}\r\n' for name, text in parts.items())
    sent = {"data": f"{body}--b--\r\n".encode(), "content_type": "multipart/form-data; boundary=b"}
    assert here.client.post("/hq/imports", **sent).status_code == 303
    assert browser().client.post("/hq/sign-in", **sent).status_code == 413


_ARGUMENTS = ("q", "after", "show", "state", "status", "campaign", "store", "drain", "subject", "actor", "version", "s")
_ODD = ("%00", "-1", "99999999999999999999", "%ED%A0%80", "%C2%B2", "9999-12-31", "//[", "%0D%0AX:%20y", "x" * 2000)


@pytest.mark.parametrize("odd", _ODD)
def test_no_list_fails_on_what_its_address_asks_for(here, faces, odd):
    rules = [rule for rule in faces.hq.url_map.iter_rules() if "GET" in rule.methods and not rule.arguments]
    query = "&".join(f"{name}={odd}" for name in _ARGUMENTS)
    paths = [f"/hq{rule.rule}?{query}" for rule in rules]
    assert len(paths) > 10
    assert [path for path in paths if here.get(path).status_code >= 500] == []
