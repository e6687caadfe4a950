"""The page of components: there for those who build pages, never in production."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hq.app import create_hq_app
from tests.portals.conftest import Browser, sign_in


@pytest.fixture
def at(settings, hq_person, _hq_engine):
    """Signs in at headquarters where it runs on servers of its own, or on others'."""

    def open_browser(*, embedded: bool) -> Browser:
        app = create_hq_app(replace(settings.hq(), embedded=embedded), engine=_hq_engine)
        here = Browser(app.test_client())
        sign_in(here, "", hq_person().login)
        return here

    return open_browser


@pytest.mark.parametrize("path", ["/_design", "/_design/phone"])
def test_it_shows_components_where_koi_is_developed(at, path):
    assert at(embedded=True).get(path).status_code == 200


def test_its_form_keeps_what_was_written_and_its_act_can_be_taken_back(at):
    here = at(embedded=True)
    here.get("/_design")
    refused = here.post("/_design", {"name": " ", "note": "<b>写了一半"})
    assert refused.status_code == 422
    assert "&lt;b&gt;写了一半" in refused.text
    here.post("/_design", {"name": "李娜", "model": "s1", "horizon": "now"})

    assert 'action="/_design/take-back"' in here.get("/_design").text


def test_production_has_no_such_page(at):
    assert at(embedded=False).get("/_design").status_code == 404
