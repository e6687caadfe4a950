"""The stores' content pages: what may be sent, taking it, and the poster."""

from __future__ import annotations

import re
from urllib.parse import unquote

import cv2
import numpy as np
import pytest
from sqlalchemy import select

import content_library.jobs  # noqa: F401  declares the drain
from content_library import release, service
from content_library.files import files
from content_library.models import Pull
from content_library.release import Audience
from content_library.service import Draft
from shared.dealers.models import Dealer, Store
from shared.identity.actor import system
from shared.identity.models import StaffStore
from shared.identity.permissions import Role
from shared.work.place import at_work
from shared.work.runs import run_all
from tests import factories as make
from tests.factories import content
from tests.portals.conftest import sign_in

HQ = system("test")
ENDED = "这条素材已经结束"


@pytest.fixture
def publish(as_hq, settings):
    """Publish something to all stores, or to those of dealers; gives (asset id, publication id)."""

    def go(*dealer_codes, copy="来{门店名称}找{店长}", picture=True, title="开奖前/最后一天"):
        def act(session, now):
            storage = files(settings.var)
            drafted = Draft(
                title=title,
                copy_text=copy,
                picture=content.picture() if picture else None,
                campaign_id=None,
            )
            audience = Audience(
                kind="dealer" if dealer_codes else "all", codes=dealer_codes, starts_at=now, ends_at=None
            )
            asset_id = service.create(session, storage, draft=drafted, actor=HQ, now=now)
            release.approve(session, asset_id=asset_id, version=1, actor=HQ, now=now)
            more = {"asset_id": asset_id, "version": 1, "actor": HQ, "now": now}
            return asset_id, release.publish(session, audience=audience, **more)

        return as_hq(act)

    return go


@pytest.fixture
def at_store(browser, staff_person):
    """A browser of somebody who works at a new store, and the person."""

    def go(role=Role.STORE_MANAGER, **place):
        person = staff_person(role, **place)
        here = browser()
        sign_in(here, "/dealer", person.login)
        here.get("/dealer/account")
        return here, person

    return go


@pytest.fixture
def draw(settings):
    def go():
        with at_work(settings.worker()) as place:
            return run_all(place, "content.posters")

    return go


def hidden(page, action):
    """The fields of the form that goes to an address."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)[0]
    return dict(re.findall(r'name="(store|request_key)" value="([^"]*)"', form))


def take(here, publication_id, kind):
    action = f"/dealer/content/{publication_id}/{kind}"
    fields = hidden(here.get(f"/dealer/content/{publication_id}").text, action)
    return here.post(action, fields)


def test_a_store_without_content_is_told_what_will_come(at_store):
    here, _person = at_store()
    assert "还没有可发的素材" in here.get("/dealer/content").text


def test_a_store_sees_its_own_values_underlined(at_store, publish):
    here, person = at_store()
    publish()
    page = here.get("/dealer/content").text
    assert f"找<mark>{person.name}</mark>" in page
    assert "今天发" in page


def test_the_text_is_taken_with_one_press_and_counted_once(at_store, publish, rows):
    here, person = at_store()
    _asset_id, publication_id = publish()
    page = here.get(f"/dealer/content/{publication_id}").text
    action = f"/dealer/content/{publication_id}/copy"
    fields = hidden(page, action)
    assert here.post(action, fields, headers={"HX-Request": "true"}).status_code == 204
    assert here.post(action, fields, headers={"HX-Request": "true"}).status_code == 204
    assert rows.execute(select(Pull.kind, Pull.user_id)).all() == [("copy", person.user_id)]
    assert "刚刚用过" in here.get(f"/dealer/content/{publication_id}").text


def test_without_scripts_the_press_says_how_to_copy(at_store, publish):
    here, _person = at_store()
    _asset_id, publication_id = publish()
    answer = take(here, publication_id, "copy")
    assert answer.status_code == 303
    page = here.get(answer.location).text
    assert "长按" in page
    assert 'class="koi-copy"' in page


def test_a_poster_is_drawn_shown_and_saved_under_its_name(at_store, publish, draw, settings):
    here, _person = at_store()
    _asset_id, publication_id = publish()
    answer = take(here, publication_id, "poster")
    waiting = here.get(answer.location).text
    assert "正在做海报" in waiting
    assert 'hx-trigger="every 1s"' in waiting
    assert 'http-equiv="refresh"' in waiting
    assert here.get(f"{answer.location}/file").status_code == 409
    assert draw() == 1
    part = here.get(answer.location, headers={"HX-Request": "true"}).text
    assert "存海报" in part
    assert "<html" not in part
    assert "hx-trigger" not in part
    saved = here.get(f"{answer.location}/file?save=1")
    assert saved.mimetype == "image/jpeg"
    disposition = saved.headers["Content-Disposition"]
    name = unquote(re.search(r"filename\*=UTF-8''(\S+)", disposition)[1])
    assert re.fullmatch(r"海报-门店\d+-开奖前 最后一天\.jpg", name)
    assert disposition.startswith("attachment")
    image = cv2.imdecode(np.frombuffer(saved.data, np.uint8), cv2.IMREAD_COLOR)
    assert cv2.QRCodeDetector().detectAndDecode(image)[0] == f"{settings.base_url}/"
    shown = here.get(f"{answer.location}/file")
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert (shown.headers["X-Content-Type-Options"], shown.headers["Cache-Control"]) == ("nosniff", "no-store")


def test_a_poster_that_cannot_be_drawn_says_why_and_stops_asking(at_store, publish, draw, settings, rows):
    here, _person = at_store()
    _asset_id, publication_id = publish()
    from content_library.models import AssetVersion

    files(settings.var).delete(rows.scalars(select(AssetVersion.picture_key)).one())
    answer = take(here, publication_id, "poster")
    draw()
    page = here.get(answer.location).text
    assert "原图不见了" in page
    assert "hx-trigger" not in page
    assert "http-equiv" not in page


def test_content_that_was_withdrawn_says_so_and_shows_no_poster(at_store, publish, draw, as_hq):
    here, _person = at_store()
    asset_id, publication_id = publish(title="旧价格")
    answer = take(here, publication_id, "poster")
    draw()
    as_hq(lambda session, now: release.retire(session, asset_id=asset_id, version=1, actor=HQ, now=now))
    for path in (f"/dealer/content/{publication_id}", answer.location, f"{answer.location}/file"):
        gone = here.get(path)
        assert gone.status_code == 404
        assert ENDED in gone.text
    listed = here.get("/dealer/content").text
    assert "我用过" in listed
    assert "旧价格" in listed
    again = here.post(f"/dealer/content/{publication_id}/copy", {"store": "x", "request_key": "y"})
    assert again.status_code == 422


def test_another_dealers_content_and_posters_do_not_exist(at_store, publish, draw, rows):
    mine, person = at_store()
    other, _somebody = at_store()
    code = rows.get(Dealer, person.dealer_id).code
    _asset_id, publication_id = publish(code)
    poster = take(mine, publication_id, "poster").location
    draw()
    assert "还没有可发的素材" in other.get("/dealer/content").text
    fields = {"store": str(person.store_id), "request_key": str(person.user_id)}
    for path in (f"/dealer/content/{publication_id}", f"/dealer/content/{publication_id}/thumbnail", poster):
        for suffix in ("", f"?store={person.store_id}"):
            answer = other.get(path + suffix)
            assert answer.status_code == 404
            assert ENDED not in answer.text
    assert other.get(f"{poster}/file").status_code == 404
    for kind in ("copy", "poster"):
        assert other.post(f"/dealer/content/{publication_id}/{kind}", fields).status_code == 404


def test_a_colleagues_store_of_the_same_dealer_is_not_ours(at_store, publish, draw):
    mine, person = at_store()
    sister, _colleague = at_store(dealer_id=person.dealer_id)
    _asset_id, publication_id = publish()
    poster = take(mine, publication_id, "poster").location
    draw()
    assert sister.get(poster).status_code == 404
    assert sister.get(f"{poster}/file").status_code == 404
    assert sister.get(f"/dealer/content?store={person.store_id}").status_code == 404


def test_somebody_with_several_stores_chooses_one(at_store, publish, rows):
    here, person = at_store()
    second = make.store(rows, rows.get(Dealer, person.dealer_id), name="东门二店", hours={})
    rows.add(StaffStore(dealer_id=person.dealer_id, user_id=person.user_id, store_id=second.store_id))
    rows.commit()
    publish()
    assert 'name="store"' in here.get("/dealer/content").text
    assert "<mark>东门二店</mark>" in here.get(f"/dealer/content?store={second.store_id}").text


def test_an_owner_sees_the_content_of_every_store(at_store, publish, rows):
    here, person = at_store(Role.DEALER_OWNER)
    second = make.store(rows, rows.get(Dealer, person.dealer_id), name="东门二店", hours={})
    rows.commit()
    publish()
    assert "<mark>东门二店</mark>" in here.get(f"/dealer/content?store={second.store_id}").text


def test_somebody_without_an_open_store_is_told_whom_to_ask(at_store, rows):
    here, person = at_store()
    rows.get(Store, (person.dealer_id, person.store_id)).status = "closed"
    rows.commit()
    answer = here.get("/dealer/content")
    assert answer.status_code == 404
    assert "还没有营业中的门店" in answer.text
