"""Pages arrive light and compressed."""

from __future__ import annotations

import gzip

import pytest

from tests.portals.conftest import sign_in
from tests.portals.weight import weight

PHONE = 150_000
PUBLIC = 60_000
DESK = 150_000  # without charts, which pages with charts load for themselves


@pytest.fixture
def manager(browser, staff_person):
    here = browser()
    sign_in(here, "/dealer", staff_person().login)
    return here


@pytest.mark.parametrize("path", ["/dealer/inbox", "/dealer/leads", "/dealer/account"])
def test_a_stores_first_page_is_light(manager, path):
    assert weight(manager.client.get, path) < PHONE


@pytest.mark.parametrize(("path", "limit"), [("/dealer/sign-in", PHONE), ("/hq/sign-in", DESK), ("/", PUBLIC)])
def test_a_strangers_first_page_is_light(browser, path, limit):
    assert weight(browser().client.get, path) < limit


def test_a_page_is_compressed_for_those_who_can_read_it(browser):
    client = browser().client
    plain = client.get("/hq/sign-in", headers={"Accept-Encoding": "identity"})
    packed = client.get("/hq/sign-in", headers={"Accept-Encoding": "gzip, br"})

    assert b"<form" in plain.data
    assert b"<form" in gzip.decompress(packed.data)
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]


def test_a_built_file_is_kept_for_a_year_in_the_form_it_was_asked_for(browser):
    client = browser().client
    address = next(part for part in client.get("/hq/sign-in").text.split('"') if "hq.css" in part)
    with client.get(address, headers={"Accept-Encoding": "identity"}) as plain:
        whole = plain.data
    with client.get(address, headers={"Accept-Encoding": "gzip"}) as packed:
        assert gzip.decompress(packed.data) == whole
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert packed.headers["Content-Type"].startswith("text/css")
    assert "immutable" in packed.headers["Cache-Control"]


def test_a_file_that_is_not_there_is_not_found(browser):
    answer = browser().client.get("/hq/static/none.css", headers={"Accept-Encoding": "gzip"})

    assert answer.status_code == 404
