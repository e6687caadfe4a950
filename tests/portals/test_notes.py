"""What a page says after an act: once, as a toast, with a way back where there is one."""

from __future__ import annotations

import re

import pytest
from flask import Blueprint, redirect

from hq.app import create_hq_app
from shared.web.access import public
from shared.web.notes import Undo, done


@pytest.fixture
def page(settings, _hq_engine):
    """A sign-in page of headquarters to which an act of ours has just led back."""
    app = create_hq_app(settings.hq(), engine=_hq_engine)
    bp = Blueprint("trial", __name__)

    @bp.get("/act")
    @public
    def act():
        done("Given to Li Na", undo=Undo("/take-back", {"to": "<wang>"}))
        return redirect("/sign-in", 303)

    app.register_blueprint(bp)
    client = app.test_client()

    def shown() -> str:
        return re.sub(r"<template.*?</template>", "", client.get("/sign-in").text, flags=re.DOTALL)

    client.get("/act")
    return shown


def test_what_was_done_is_told_with_a_form_that_takes_it_back(page):
    text = page()

    assert "Given to Li Na" in text
    form = re.search(r'<form method="post" action="/take-back">(.*?)</form>', text, re.DOTALL)
    assert 'name="csrf_token"' in form[1]
    assert 'name="to" value="&lt;wang&gt;"' in form[1]


def test_it_is_told_once(page):
    page()

    assert "Given to Li Na" not in page()
