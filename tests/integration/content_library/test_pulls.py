"""Stores take content; posters are drawn once for all that is the same."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from sqlalchemy import select

from content_library import on_shelf, posters, pulls
from content_library.models import Pull
from content_library.pictures import BadPicture
from shared.audit.models import AuditEntry
from shared.dealers.models import Dealer
from shared.platform.errors import Missing
from tests import factories as make
from tests.factories import content

BASE = "https://koi.example"
PLACES = {"code": [70, 70, 26], "name": [4, 80, 60]}


@pytest.fixture
def stocked(rows, storage):
    """A store, its manager, and a publication with a picture and a campaign on its shelf."""

    def made(picture=None, campaign=True, places=None, **store):
        store = make.store(rows, **store)
        manager = make.staff(rows, [store])
        event_of = make.campaign(rows, code="锦鲤-5") if campaign else None
        asset = content.asset(
            rows,
            campaign_id=event_of and event_of.campaign_id,
            picture_key="content/a/one.png",
            picture_type="image/png",
            places=places,
        )
        for key in ("content/a/one.png", "content/a/one.png.poster.png"):
            storage.delete(key)
        if picture is not None:
            storage.put("content/a/one.png", picture)
        publication = content.publication(rows, asset, [store])
        rows.commit()
        return store, make.actor_of(rows, manager), publication

    return made


def take(at_store, store, actor, publication, *, kind="poster", key="k1", **more):
    arguments = {"store_id": store.store_id, "publication_id": publication.publication_id, "kind": kind}
    return at_store(store, pulls.pull, request_key=key, actor=actor, now=make.NOW, **{**arguments, **more})


def draw(at_store, storage, store, publication):
    place = {"dealer_id": store.dealer_id, "store_id": store.store_id, "now": make.NOW, "base_url": BASE}
    poster = at_store(store, on_shelf.shelf_item, publication_id=publication.publication_id, **place).poster
    found = posters.drawn(storage, poster.key, picture_key=poster.picture_key, facts=poster.facts, places=poster.places)
    return poster.key, found


def decoded(poster):
    image = cv2.imdecode(np.frombuffer(poster, np.uint8), cv2.IMREAD_COLOR)
    return cv2.QRCodeDetector().detectAndDecode(image)[0]


@pytest.mark.parametrize("places", [None, PLACES], ids=["below", "on"])
def test_a_poster_carries_a_code_that_leads_to_the_stores_sign_up(at_store, stocked, storage, places):
    store, _actor, publication = stocked(content.picture(), places=places, code="QJ15397", name="文三路店")
    _key, poster = draw(at_store, storage, store, publication)
    assert decoded(poster) == f"{BASE}/c/%E9%94%A6%E9%B2%A4-5?s=QJ15397&t=store_qr"


def test_without_a_campaign_the_code_leads_to_the_first_page(at_store, stocked, storage):
    store, _actor, publication = stocked(content.picture(), campaign=False)
    assert decoded(draw(at_store, storage, store, publication)[1]) == f"{BASE}/"


def test_a_poster_is_drawn_once_until_what_stands_on_it_changes(rows, at_store, stocked, storage):
    store, _actor, publication = stocked(content.picture())
    key, _poster = draw(at_store, storage, store, publication)
    storage.put(key, b"kept")
    assert draw(at_store, storage, store, publication) == (key, b"kept")
    rows.merge(store).name = "文三路新店"
    rows.commit()
    assert draw(at_store, storage, store, publication)[0] != key


@pytest.mark.parametrize(
    ("picture", "refusal"), [(None, Missing), (b"not a picture", BadPicture), (content.picture()[:200], BadPicture)]
)
def test_a_picture_that_cannot_be_used_is_said(at_store, stocked, storage, picture, refusal):
    store, _actor, publication = stocked(picture)
    with pytest.raises(refusal):
        draw(at_store, storage, store, publication)


def test_a_double_click_takes_it_once(rows, at_store, stocked):
    store, actor, publication = stocked(content.picture())
    first, second = (take(at_store, store, actor, publication, key="same") for _ in range(2))
    assert first == second
    assert len(rows.scalars(select(Pull.pull_id)).all()) == 1
    assert rows.scalars(select(AuditEntry.action)).all() == ["content:pull_poster"]


def test_what_is_not_on_the_shelf_cannot_be_taken(rows, at_store, stocked):
    store, actor, publication = stocked(content.picture())
    other_store, other, other_publication = stocked(content.picture(), campaign=False)
    with pytest.raises(Missing):
        take(at_store, store, actor, other_publication)
    with pytest.raises(Missing):
        take(at_store, other_store, other, publication)
    with pytest.raises(Missing):
        take(at_store, store, actor, publication, store_id=other_store.store_id)


def test_another_stores_pull_does_not_exist(rows, at_store, stocked):
    store, actor, publication = stocked(content.picture())
    pull_id = take(at_store, store, actor, publication)
    other_store, other, _ = stocked(content.picture(), campaign=False)
    with pytest.raises(Missing):
        at_store(other_store, pulls.state, pull_id=pull_id, actor=other)
    sister = make.store(rows, rows.get(Dealer, store.dealer_id))
    colleague = make.actor_of(rows, make.staff(rows, [sister]))
    rows.commit()
    with pytest.raises(Missing):
        at_store(sister, pulls.state, pull_id=pull_id, actor=colleague)
