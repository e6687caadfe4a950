"""Stores take content, and a worker draws their posters."""

from io import BytesIO

import cv2
import numpy as np
import pytest
from PIL import Image
from sqlalchemy import event, select

import content_library.jobs  # noqa: F401  declares the drain
from content_library import pulls
from content_library.models import Pull
from content_library.pulls import DRAIN, PosterNotReady
from shared.audit.models import AuditEntry
from shared.platform.errors import Missing
from shared.work import doorbell
from shared.work.drains import find
from shared.work.place import at_work
from shared.work.runs import run
from shared.work.taking import take as take_rows
from tests import factories as make
from tests.factories import content


@pytest.fixture
def draw(settings):
    """Draw all posters that wait."""

    def go():
        with at_work(settings.worker(), now=make.NOW) as place:
            return run(place, find(DRAIN))

    return go


@pytest.fixture
def stocked(rows, storage):
    """A store, its manager, and a publication with a picture and a campaign on its shelf."""

    def made(picture=None, campaign=True, **store):
        store = make.store(rows, **store)
        manager = make.staff(rows, [store])
        event_of = make.campaign(rows, code="锦鲤-5") if campaign else None
        asset = content.asset(
            rows,
            campaign_id=event_of and event_of.campaign_id,
            picture_key="content/a/one.png",
            picture_type="image/png",
        )
        if picture is not None:
            storage.put("content/a/one.png", picture)
        else:
            storage.delete("content/a/one.png")
        publication = content.publication(rows, asset, [store])
        rows.commit()
        return store, make.actor_of(rows, manager), publication

    return made


def take(at_store, store, actor, publication, *, kind="poster", key="k1", **more):
    arguments = {"store_id": store.store_id, "publication_id": publication.publication_id, "kind": kind}
    return at_store(store, pulls.pull, request_key=key, actor=actor, now=make.NOW, **{**arguments, **more})


def stored(rows, pull_id):
    rows.rollback()
    rows.expire_all()
    return rows.scalars(select(Pull).where(Pull.pull_id == pull_id)).one()


def decoded(poster):
    image = cv2.imdecode(np.frombuffer(poster, np.uint8), cv2.IMREAD_COLOR)
    return cv2.QRCodeDetector().detectAndDecode(image)[0]


def test_a_poster_is_drawn_with_a_code_that_leads_to_the_stores_sign_up(
    rows, at_store, stocked, draw, storage, settings
):
    store, actor, publication = stocked(content.picture(), code="QJ15397", name="文三路店")
    pull_id = take(at_store, store, actor, publication)
    with pytest.raises(PosterNotReady):
        at_store(store, pulls.poster_key, pull_id=pull_id, actor=actor)
    assert draw().rows == 1
    key = at_store(store, pulls.poster_key, pull_id=pull_id, actor=actor)
    assert key == f"posters/{store.dealer_id}/{pull_id}.jpg"
    poster = storage.get(key)
    assert Image.open(BytesIO(poster)).format == "JPEG"
    assert decoded(poster) == f"{settings.base_url}/c/%E9%94%A6%E9%B2%A4-5?s=QJ15397&t=store_qr"
    assert draw().rows == 0


def test_without_a_campaign_the_code_leads_to_the_first_page(at_store, stocked, draw, storage, settings):
    store, actor, publication = stocked(content.picture(), campaign=False)
    pull_id = take(at_store, store, actor, publication)
    draw()
    poster = storage.get(at_store(store, pulls.poster_key, pull_id=pull_id, actor=actor))
    assert decoded(poster) == f"{settings.base_url}/"


@pytest.mark.parametrize(
    ("picture", "reason"),
    [(None, "picture_gone"), (b"not a picture", "picture_broken"), (content.picture()[:200], "picture_broken")],
)
def test_a_picture_that_cannot_be_used_is_a_problem_told_once(rows, at_store, stocked, draw, picture, reason):
    store, actor, publication = stocked(picture)
    pull_id = take(at_store, store, actor, publication)
    assert draw().aside == 0
    row = stored(rows, pull_id)
    assert (row.problem, row.rendered_at, row.file_key) == ({"reason": reason}, make.NOW, None)
    assert draw().rows == 0
    with pytest.raises(PosterNotReady) as refused:
        at_store(store, pulls.poster_key, pull_id=pull_id, actor=actor)
    assert refused.value.params == {"problem": {"reason": reason}}


def test_one_broken_picture_does_not_keep_the_others(rows, at_store, stocked, draw, storage):
    store, actor, publication = stocked(content.picture())
    broken = content.asset(rows, picture_key="content/b/two.png", picture_type="image/png")
    storage.put("content/b/two.png", b"broken")
    other = content.publication(rows, broken, [store])
    rows.commit()
    pulled = [take(at_store, store, actor, of, key=str(n)) for n, of in enumerate([publication, other, publication])]
    assert draw().rows == 3
    assert [stored(rows, pull_id).file_key is not None for pull_id in pulled] == [True, False, True]


def test_a_batch_takes_few_statements(rows, at_store, stocked, draw, settings):
    store, actor, publication = stocked(content.picture(300, 300))
    for n in range(12):
        take(at_store, store, actor, publication, key=str(n))
    statements = []

    def count(*told):
        statements.append(told[2])

    with at_work(settings.worker(), now=make.NOW) as place, place.transaction() as session:
        drain = find(DRAIN)
        batch = take_rows(session, drain, now=make.NOW, limit=20)
        event.listen(place.engine, "before_cursor_execute", count)
        assert drain.function(session, batch, make.NOW) == {}
    assert len(batch) == 12
    assert len(statements) == 2


def test_a_double_click_takes_it_once(rows, at_store, stocked):
    store, actor, publication = stocked(content.picture())
    first, second = (take(at_store, store, actor, publication, key="same") for _ in range(2))
    assert first == second
    assert len(rows.scalars(select(Pull.pull_id)).all()) == 1
    assert rows.scalars(select(AuditEntry.action)).all() == ["content:pull_poster"]


def test_only_posters_ring_for_a_worker(at_store, stocked, monkeypatch):
    rung = []
    monkeypatch.setattr(doorbell, "ring", rung.append)
    store, actor, publication = stocked(content.picture())
    take(at_store, store, actor, publication, kind="copy", key="a")
    assert rung == []
    take(at_store, store, actor, publication, key="b")
    assert rung == [DRAIN]


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
    from shared.dealers.models import Dealer

    sister = make.store(rows, rows.get(Dealer, store.dealer_id))
    colleague = make.actor_of(rows, make.staff(rows, [sister]))
    rows.commit()
    with pytest.raises(Missing):
        at_store(sister, pulls.state, pull_id=pull_id, actor=colleague)


def test_a_copy_is_no_work_for_the_drain(at_store, stocked, draw):
    store, actor, publication = stocked(content.picture())
    take(at_store, store, actor, publication, kind="copy")
    assert draw().rows == 0


def draw_and_die(settings):
    drain = find(DRAIN)
    with at_work(settings.worker(), now=make.NOW) as place, place.transaction() as session:
        drain.function(session, take_rows(session, drain, now=make.NOW, limit=1), make.NOW)
        raise KeyboardInterrupt


def test_a_worker_that_dies_leaves_the_poster_to_the_next(rows, at_store, stocked, draw, storage, settings):
    store, actor, publication = stocked(content.picture())
    pull_id = take(at_store, store, actor, publication)
    with pytest.raises(KeyboardInterrupt):
        draw_and_die(settings)
    assert storage.get(f"posters/{store.dealer_id}/{pull_id}.jpg")
    assert stored(rows, pull_id).rendered_at is None
    assert draw().rows == 1
    assert stored(rows, pull_id).file_key == f"posters/{store.dealer_id}/{pull_id}.jpg"
