"""Every accepted sign-up is in exactly one place, at any moment."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

from click.testing import CliRunner
from sqlalchemy import text

from hq.qualification.books import PLACES, balance
from shared.db.session import unit_of_work
from shared.work.drains import find
from shared.work.runs import run
from tests import factories as make
from tests.working import at_work


def accept(world, count: int) -> None:
    """Sign-ups with their receipts: people of every kind."""
    for n in range(count):
        make.signup(
            world.rows,
            world.campaign,
            phone_bidx=make.BLIND.phone(f"+86138{n % 90:08}") if n % 9 else None,
            phone_problem=None if n % 9 else "phone_length",
            openid_bidx=make.BLIND.of("openid", f"o{n % 70}"),
            device_bidx=make.BLIND.of("device", "farm" if n % 13 == 0 else f"d{n}"),
            share_text_id=world.text.text_id if n % 7 else None,
            interest={"purchase_horizon": ("now", "none", "3m")[n % 3]},
            region={"county_code": "330106"},
        )
    world.rows.commit()


def books(engine):
    with unit_of_work(engine) as session:
        return balance(session)


def test_nothing_is_accepted_and_nothing_is_missing(hq_engine):
    assert books(hq_engine).as_json() == {"accepted": 0, **dict.fromkeys(PLACES, 0), "difference": 0}


def test_the_difference_is_nought_at_every_moment_while_the_pipeline_runs(world, store, hq_engine):
    world.stores(store(cap=9))
    accept(world, 200)
    assert books(hq_engine).places["pending"] == 200
    done = threading.Event()

    def work() -> None:
        with at_work(world.settings.worker(), now=world.now) as place:
            for name in ("hq.qualify", "hq.route", "hq.settle"):
                run(place, replace(find(name), batch=10))
        done.set()

    worker = threading.Thread(target=work)
    worker.start()
    seen = []
    while not done.is_set():
        seen.append(books(hq_engine))
    worker.join()
    assert {each.difference for each in seen} == {0}
    assert {each.accepted for each in seen} == {200}
    last = books(hq_engine)
    assert (last.difference, last.places["pending"]) == (0, 0)
    assert min(last.places[place] for place in ("rejected", "no_consent")) > 0
    # who of one person comes first in a batch decides which of these their sign-ups are
    assert sum(last.places[place] for place in ("quarantined", "in_lead", "duplicate", "nurture")) > 0


def test_a_sign_up_that_vanished_or_has_no_decision_is_a_difference(world, store, hq_engine):
    world.stores(store())
    accept(world, 12)
    world.run("hq.qualify")
    world.rows.execute(text("UPDATE signups SET runs = 9 WHERE ctid = (SELECT ctid FROM signups LIMIT 1)"))
    world.rows.commit()
    found = books(hq_engine)
    assert (found.difference, found.as_json()["unaccounted"]) == (1, 1)


def test_the_command_prints_the_books_and_fails_on_a_difference(world, store, monkeypatch):
    from hq.qualification.cli import reconcile

    world.stores(store())
    accept(world, 5)
    settings = world.settings
    for name, value in {
        "DATABASE_URL": settings.owner_url,
        "REDIS_URL": settings.redis_url,
        "KOI_SECRET_KEY": settings.secret_text,
        "KOI_VAR": str(settings.var),
    }.items():
        monkeypatch.setenv(name, value)
    good = CliRunner().invoke(reconcile, ["--json"])
    assert (good.exit_code, json.loads(good.output)["pending"]) == (0, 5)
    world.rows.execute(text("DELETE FROM signups WHERE ctid = (SELECT ctid FROM signups LIMIT 1)"))
    world.rows.commit()
    bad = CliRunner().invoke(reconcile, [])
    assert bad.exit_code == 1
    assert "1 difference" in bad.output
