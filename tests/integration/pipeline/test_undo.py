"""An import is undone: what rested on it alone ends, what a store has in hand is asked about, the books add up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

import hq.intake.imports.jobs  # noqa: F401  declares the drain
from hq.intake.imports import undo_effects, undo_service, undoing
from hq.intake.imports.models import Import
from hq.intake.imports.undo_service import SeenMeanwhile
from hq.qualification.books import balance
from shared.contacts.models import Consent
from shared.db.session import unit_of_work
from shared.identity.actor import Actor, ActorKind
from shared.identity.models import StaffSession
from shared.leads.models import Assignment, Hold, Lead
from shared.notifications.models import Notification
from shared.platform.errors import Invalid
from shared.platform.ids import new_id
from shared.signups.models import Signup
from tests import factories as make

OPERATOR = Actor(kind=ActorKind.HQ, name="沈清")


@pytest.fixture
def listed(world):
    """`listed(*sign-ups)`: they came in one list, which is imported; gives its id."""

    def put(*signups) -> object:
        made = Import(
            import_id=new_id(world.now), kind="signups", state="done", file_name="名单.xlsx", file_key=None,
            sha256=b"x", size=1, campaign_id=None, next_row=9, rows=len(signups), accepted=len(signups), repaired=0,
            rejected=0, skipped=0, continues=None, version=1, reading=None, check_row=None, checked=None, undo=None,
            undo_after=None, notes=[], refusal=None, uploaded_by=None, uploaded_at=world.now, started_at=world.now,
            finished_at=world.now, purge_at=world.now, aside_at=None,
        )  # fmt: skip
        world.rows.add(made)
        world.rows.execute(update(Signup).where(Signup.signup_id.in_(signups)).values(import_id=made.import_id))
        world.rows.commit()
        return made.import_id

    return put


@pytest.fixture
def undo(world, hq_engine):
    """`undo(import_id)`: as an operator who was told what it does, then as the worker."""

    def run(import_id, *, as_recall=True, reason="wrong_file") -> Import:
        with unit_of_work(hq_engine) as session:
            undo_service.undo_signups(
                session, import_id=import_id, as_recall=as_recall, reason=reason, note="", actor=OPERATOR, now=world.now
            )
        world.run("hq.undo_imports")
        world.rows.expire_all()
        return world.rows.get_one(Import, import_id)

    return run


@pytest.fixture
def effects(hq_engine):
    def read(import_id):
        with unit_of_work(hq_engine) as session:
            return undo_effects.of_signups(session, import_id)

    return read


@pytest.fixture
def shop(world, store):
    shop = store(cap=9)
    world.stores(shop)
    return shop


def looked_in(world, shop, *, minutes: float) -> None:
    """Somebody of the store used the portal, so many minutes after the world's time."""
    at = world.now + timedelta(minutes=minutes)
    person = make.staff(world.rows, [shop], login=f"m{new_id(at)}")
    world.rows.add(
        StaffSession(
            dealer_id=shop.dealer_id, session_id=new_id(at), user_id=person.user_id, secret_hash=b"s", created_at=at,
            seen_at=at, expires_at=at + timedelta(days=9), ended_at=None, address="", agent="",
        )
    )  # fmt: skip
    world.rows.commit()


def all_of(world, model):
    world.rows.rollback()
    world.rows.expire_all()
    return world.rows.scalars(select(model)).all()


def difference(hq_engine) -> int:
    with unit_of_work(hq_engine) as session:
        return balance(session).difference


def test_what_no_store_has_seen_goes_without_a_word(world, shop, listed, undo, effects, hq_engine):
    looked_in(world, shop, minutes=-60)
    import_id = listed(world.sign_up(phone="+8613800000001"), world.sign_up(phone="+8613800000002", share=False))
    world.run("hq.qualify", "hq.route")
    before = len(all_of(world, Notification))
    told = effects(import_id)
    assert (told.seen, told.undone, told.ends, told.quiet, told.recalled) == (False, 2, 1, 1, 0)
    job = undo(import_id, as_recall=False, reason="")
    assert (job.state, job.undo["kind"], job.undo["undone"], job.undo["closed"]) == ("undone", "undo", 2, 1)
    assert [one.outcome for one in all_of(world, Signup)] == ["undone", "undone"]
    (lead,) = all_of(world, Lead)
    assert (lead.state, lead.state_reason["code"]) == ("closed", "import_undone")
    (given,) = all_of(world, Assignment)
    assert (given.stage, given.ended_at is not None) == ("recalled", True)
    assert len(all_of(world, Notification)) == before
    assert all_of(world, Consent) == []
    assert difference(hq_engine) == 0


def test_what_is_still_pending_or_put_aside_is_undone_too(world, shop, listed, undo, hq_engine):
    pending, aside = world.sign_up(phone="+8613800000001"), world.sign_up(phone="+8613800000002")
    import_id = listed(pending, aside)
    world.rows.execute(update(Signup).where(Signup.signup_id == aside).values(aside_at=world.now))
    world.rows.commit()
    undo(import_id)
    assert {(one.outcome, one.aside_at) for one in all_of(world, Signup)} == {("undone", None)}
    world.run("hq.qualify", "hq.route")
    assert all_of(world, Lead) == []
    assert difference(hq_engine) == 0


def test_a_lead_that_a_store_may_have_seen_makes_it_a_recall_with_a_reason(world, shop, listed, undo, effects):
    import_id = listed(world.sign_up(phone="+8613800000001"))
    world.run("hq.qualify", "hq.route")
    looked_in(world, shop, minutes=1)
    told = effects(import_id)
    assert (told.seen, told.recalled, told.stores, told.quiet) == (True, 1, 1, 0)
    with pytest.raises(SeenMeanwhile):
        undo(import_id, as_recall=False)
    with pytest.raises(Invalid):
        undo(import_id, reason="")
    job = undo(import_id)
    assert (job.undo["kind"], job.undo["recalled"], job.undo["reason"]) == ("recall", 1, "wrong_file")
    assert {one.kind for one in all_of(world, Notification)} >= {"recalled"}


def test_a_claimed_lead_is_taken_back_and_one_whose_store_has_spoken_comes_to_the_desk(
    world, shop, listed, undo, effects, hq_engine
):
    import_id = listed(*(world.sign_up(phone=f"+861380000000{n}") for n in (1, 2)))
    world.run("hq.qualify", "hq.route")
    claimed, contacted = all_of(world, Assignment)
    for one, stage in ((claimed, "claimed"), (contacted, "contacted")):
        one.stage = stage
        make.hold(world.rows, one)
    world.rows.commit()
    told = effects(import_id)
    assert (told.undone, told.recalled, told.contacted, told.stay) == (1, 1, 1, 1)
    job = undo(import_id)
    assert (job.undo["undone"], job.undo["stayed"], job.undo["asked"]) == (1, 1, 1)
    leads = {lead.lead_id: lead for lead in all_of(world, Lead)}
    assert leads[claimed.lead_id].state == "closed"
    kept = leads[contacted.lead_id]
    assert (kept.state, kept.state_reason["code"], kept.state_reason["reason"]) == (
        "placed",
        "suspected",
        "import_undone",
    )
    assert [hold.lead_id for hold in all_of(world, Hold)] == [contacted.lead_id]
    assert len(all_of(world, Consent)) == 1
    assert difference(hq_engine) == 0


def test_a_lead_that_somebody_signed_up_for_elsewhere_too_stays(world, shop, listed, undo, effects, hq_engine):
    first = world.sign_up(phone="+8613800000001")
    world.run("hq.qualify", "hq.route")
    import_id = listed(world.sign_up(phone="+8613800000001", minutes=60 * 48))
    listed(first)
    world.later(days=3)
    world.run("hq.qualify")
    assert effects(import_id).shared == 1
    undo(import_id)
    (lead,) = all_of(world, Lead)
    assert lead.closed_at is None
    assert len(all_of(world, Consent)) == 1
    assert difference(hq_engine) == 0


def test_a_double_of_what_is_undone_is_looked_at_again_and_opens_the_lead_anew(world, shop, listed, undo, hq_engine):
    import_id = listed(world.sign_up(phone="+8613800000001"))
    world.run("hq.qualify")
    own = world.sign_up(phone="+8613800000001", minutes=5)
    listed(own)
    world.later(minutes=10)
    world.run("hq.qualify")
    assert world.rows.get_one(Signup, own).outcome == "duplicate"
    undo(import_id)
    world.run("hq.qualify")
    assert {one.signup_id: one.outcome for one in all_of(world, Signup)}[own] == "in_lead"
    assert [lead.closed_at is None for lead in all_of(world, Lead)].count(True) == 1
    assert difference(hq_engine) == 0


def test_after_an_undo_the_corrected_file_counts_anew(world, shop, listed, undo):
    import_id = listed(world.sign_up(phone="+8613800000001"))
    world.run("hq.qualify", "hq.route")
    undo(import_id)
    listed(world.sign_up(phone="+8613800000001", occurred_at=world.now - timedelta(days=2), minutes=1))
    world.later(minutes=2)
    world.run("hq.qualify", "hq.route")
    assert [lead.state for lead in all_of(world, Lead)].count("placed") == 1


def test_a_large_import_is_undone_batch_by_batch(world, shop, listed, undo, hq_engine, monkeypatch):
    monkeypatch.setattr(undoing, "BATCH", 10)
    import_id = listed(*(world.sign_up(phone=f"+86138000001{n:02}") for n in range(35)))
    world.run("hq.qualify", "hq.route")
    job = undo(import_id)
    assert (job.state, job.undo["undone"]) == ("undone", 35)
    assert difference(hq_engine) == 0


def test_two_sign_ups_of_one_person_in_different_batches_both_end(world, shop, listed, undo, monkeypatch):
    monkeypatch.setattr(undoing, "BATCH", 1)
    import_id = listed(world.sign_up(phone="+8613800000001"), world.sign_up(phone="+8613800000001", minutes=60 * 48))
    world.later(days=3)
    world.run("hq.qualify", "hq.route")
    job = undo(import_id)
    assert (job.undo["undone"], job.undo["closed"]) == (2, 1)
    assert [one.outcome for one in all_of(world, Signup)] == ["undone", "undone"]
