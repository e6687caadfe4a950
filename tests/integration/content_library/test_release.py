"""A version's way from an author's draft to the stores' shelves and off them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from content_library import ending, gallery, on_shelf, release, service
from content_library.lifecycle import IllegalVersionMove
from content_library.models import AssetVersion, ShelfItem
from content_library.on_shelf import Ended
from content_library.release import Audience
from content_library.service import Draft, EditedMeanwhile
from content_library.shelf import stock
from shared.audit.models import AuditEntry
from shared.db.session import unit_of_work
from shared.platform.errors import Invalid, Missing
from tests import factories as make
from tests.factories import content

LATER = make.NOW + timedelta(hours=2)
EVERYBODY = Audience(kind="all", codes=(), starts_at=make.NOW, ends_at=None)


def draft(copy="来{门店名称}", title="开奖前最后一天", picture=None, campaign_id=None):
    return Draft(title=title, copy_text=copy, picture=picture, campaign_id=campaign_id)


@pytest.fixture
def published(at_hq, storage):
    """Publish new copy to an audience; gives the asset's id."""

    def run(audience=EVERYBODY, **drafted):
        asset_id = at_hq(service.create, storage, draft=draft(**drafted))
        at_hq(release.approve, asset_id=asset_id, version=1)
        at_hq(release.publish, asset_id=asset_id, version=1, audience=audience)
        return asset_id

    return run


def titles(at_store, store, now=make.NOW):
    return [line.title for line in at_store(store, on_shelf.on_shelf, **_of(store), now=now)]


def _of(store):
    return {"dealer_id": store.dealer_id, "store_id": store.store_id}


def states(rows, asset_id):
    rows.rollback()
    query = select(AssetVersion.status).where(AssetVersion.asset_id == asset_id).order_by(AssetVersion.version)
    return rows.scalars(query).all()


def test_a_version_is_drafted_approved_published_and_retired(rows, at_hq, at_store, storage, published):
    store = make.store(rows)
    rows.commit()
    asset_id = published()
    assert titles(at_store, store) == ["开奖前最后一天"]
    at_hq(ending.retire, asset_id=asset_id, version=1)
    assert titles(at_store, store) == []
    assert states(rows, asset_id) == ["retired"]
    actions = rows.scalars(select(AuditEntry.action).order_by(AuditEntry.entry_id)).all()
    assert sorted(actions) == ["asset:approve", "asset:create", "asset:publish", "asset:retire"]


def test_a_store_sees_its_own_values_in_the_copy(rows, at_store, published):
    store = make.store(rows, name="文三路店")
    make.staff(rows, [store], name="周敏")
    rows.commit()
    published(copy="来{门店名称}找{店长}")
    (line,) = at_store(store, on_shelf.on_shelf, **_of(store), now=make.NOW)
    assert line.copy_text == "来文三路店找周敏"
    assert [piece.text for piece in line.pieces if piece.own] == ["文三路店", "周敏"]


def test_only_stores_of_the_province_see_what_is_for_the_province(rows, at_store, published):
    there, elsewhere = make.store(rows), make.store(rows, province_code="320000")
    rows.commit()
    published(Audience(kind="province", codes=("330000",), starts_at=make.NOW, ends_at=None))
    assert (len(titles(at_store, there)), titles(at_store, elsewhere)) == (1, [])


def test_only_the_dealer_sees_what_is_for_the_dealer(rows, at_store, published):
    dealer = make.dealer(rows)
    ours, also_ours, theirs = make.store(rows, dealer), make.store(rows, dealer), make.store(rows)
    rows.commit()
    published(Audience(kind="dealer", codes=(dealer.code,), starts_at=make.NOW, ends_at=None))
    assert [len(titles(at_store, store)) for store in (ours, also_ours, theirs)] == [1, 1, 0]


def test_another_dealer_sees_neither_the_publication_nor_its_words(rows, dealer_engine, published):
    dealer = make.dealer(rows)
    make.store(rows, dealer)
    theirs = make.store(rows)
    rows.commit()
    published(Audience(kind="dealer", codes=(dealer.code,), starts_at=make.NOW, ends_at=None))
    with unit_of_work(dealer_engine, dealer_id=theirs.dealer_id) as session:
        for table in (AssetVersion, ShelfItem):
            assert session.scalars(select(table)).all() == []


def test_an_audience_without_stores_is_refused(rows, at_hq, storage):
    make.store(rows)
    rows.commit()
    asset_id = at_hq(service.create, storage, draft=draft())
    at_hq(release.approve, asset_id=asset_id, version=1)
    nobody = Audience(kind="province", codes=("110000",), starts_at=make.NOW, ends_at=None)
    with pytest.raises(Invalid) as refused:
        at_hq(release.publish, asset_id=asset_id, version=1, audience=nobody)
    assert refused.value.params["reason"] == "empty_audience"
    assert states(rows, asset_id) == ["approved"]


@pytest.mark.parametrize(
    ("starts", "ends", "reason"), [(2, 1, "ends_before_start"), (-3, -1, "ends_in_past"), (1, 1, "ends_before_start")]
)
def test_times_that_cannot_be_are_refused(rows, at_hq, storage, starts, ends, reason):
    make.store(rows)
    rows.commit()
    asset_id = at_hq(service.create, storage, draft=draft())
    at_hq(release.approve, asset_id=asset_id, version=1)
    hours = [make.NOW + timedelta(hours=each) for each in (starts, ends)]
    audience = Audience(kind="all", codes=(), starts_at=hours[0], ends_at=hours[1])
    with pytest.raises(Invalid) as refused:
        at_hq(release.publish, asset_id=asset_id, version=1, audience=audience)
    assert refused.value.params == {"field": "ends_at", "reason": reason}


def test_a_draft_cannot_be_published(rows, at_hq, storage):
    make.store(rows)
    rows.commit()
    asset_id = at_hq(service.create, storage, draft=draft())
    with pytest.raises(IllegalVersionMove):
        at_hq(release.publish, asset_id=asset_id, version=1, audience=EVERYBODY)


def test_the_second_of_two_authors_is_told_and_overwrites_nothing(rows, at_hq, storage):
    asset_id = at_hq(service.create, storage, draft=draft())
    at_hq(service.edit, storage, asset_id=asset_id, seen=1, draft=draft(copy="第一位"))
    with pytest.raises(EditedMeanwhile) as refused:
        at_hq(service.edit, storage, asset_id=asset_id, seen=1, draft=draft(copy="第二位"))
    assert refused.value.params["version"] == 2
    assert states(rows, asset_id) == ["retired", "draft"]


def test_of_authors_who_save_at_once_one_wins(rows, hq_engine, storage, at_hq, race):
    asset_id = at_hq(service.create, storage, draft=draft())
    actors = [make.actor_of(rows, make.hq_user(rows)) for _ in range(6)]
    rows.commit()

    def save(actor):
        with unit_of_work(hq_engine) as session:
            return service.edit(
                session, storage, asset_id=asset_id, seen=1, draft=draft(copy=actor.name), actor=actor, now=make.NOW
            )

    outcomes = race(save, actors)
    assert [each for each in outcomes if each == 2] == [2]
    assert sum(isinstance(each, EditedMeanwhile) for each in outcomes) == 5


def test_a_draft_that_its_author_replaced_can_no_longer_be_approved(at_hq, storage):
    asset_id = at_hq(service.create, storage, draft=draft())
    at_hq(service.edit, storage, asset_id=asset_id, seen=1, draft=draft(copy="新的"))
    with pytest.raises(IllegalVersionMove):
        at_hq(release.approve, asset_id=asset_id, version=1)


def test_editing_what_is_in_use_leaves_it_in_use(rows, at_hq, at_store, storage, published):
    store = make.store(rows, name="东门店")
    rows.commit()
    asset_id = published()
    at_hq(service.edit, storage, asset_id=asset_id, seen=1, draft=draft(copy="还没有批准"))
    (line,) = at_store(store, on_shelf.on_shelf, **_of(store), now=make.NOW)
    assert line.copy_text == "来东门店"
    assert states(rows, asset_id) == ["published", "draft"]


def test_a_new_version_takes_the_place_of_the_old_one(rows, at_hq, at_store, storage, published):
    store = make.store(rows)
    rows.commit()
    asset_id = published()
    at_hq(service.edit, storage, asset_id=asset_id, seen=1, draft=draft(copy="第二版"))
    at_hq(release.approve, asset_id=asset_id, version=2)
    at_hq(release.publish, asset_id=asset_id, version=2, audience=EVERYBODY)
    (line,) = at_store(store, on_shelf.on_shelf, **_of(store), now=make.NOW)
    assert line.copy_text == "第二版"
    assert states(rows, asset_id) == ["retired", "published"]


def test_a_version_that_starts_later_leaves_the_old_one_until_then(rows, at_hq, at_store, storage, published):
    store = make.store(rows)
    rows.commit()
    asset_id = published(copy="第一版")
    at_hq(service.edit, storage, asset_id=asset_id, seen=1, draft=draft(copy="第二版"))
    at_hq(release.approve, asset_id=asset_id, version=2)
    later = Audience(kind="all", codes=(), starts_at=LATER, ends_at=None)
    at_hq(release.publish, asset_id=asset_id, version=2, audience=later)

    def copies(now):
        return [line.copy_text for line in at_store(store, on_shelf.on_shelf, **_of(store), now=now)]

    assert (copies(make.NOW), copies(LATER)) == (["第一版"], ["第二版"])


def test_what_was_published_twice_lies_on_the_shelf_once(rows, at_hq, at_store, published):
    store = make.store(rows)
    rows.commit()
    asset_id = published()
    at_hq(
        release.publish,
        asset_id=asset_id,
        version=1,
        audience=Audience(kind="province", codes=("330000",), starts_at=make.NOW, ends_at=None),
    )
    assert len(titles(at_store, store)) == 1


def test_content_that_ended_says_so_and_content_never_had_does_not(rows, at_store, published):
    store, other = make.store(rows), make.store(rows, province_code="320000")
    rows.commit()
    published(Audience(kind="province", codes=("330000",), starts_at=make.NOW, ends_at=LATER))
    publication_id = rows.scalars(select(ShelfItem.publication_id)).one()
    with pytest.raises(Ended):
        at_store(store, on_shelf.shelf_item, **_of(store), publication_id=publication_id, now=LATER)
    with pytest.raises(Missing) as refused:
        at_store(other, on_shelf.shelf_item, **_of(other), publication_id=publication_id, now=LATER)
    assert refused.value.code == "missing"
    before = make.NOW - timedelta(minutes=1)
    with pytest.raises(Missing) as too_early:
        at_store(store, on_shelf.shelf_item, **_of(store), publication_id=publication_id, now=before)
    assert too_early.value.code == "missing"


def test_a_store_that_is_added_later_gets_what_runs(rows, at_store, published, hq_engine):
    make.store(rows)
    rows.commit()
    published()
    new = make.store(rows)
    rows.commit()
    assert titles(at_store, new) == []
    with unit_of_work(hq_engine) as session:
        assert stock(session, now=make.NOW) == 1
        assert stock(session, now=make.NOW) == 0
    assert len(titles(at_store, new)) == 1


def test_a_closed_store_gets_nothing(rows, at_store, published):
    make.store(rows)
    closed = make.store(rows, status="closed")
    rows.commit()
    published()
    assert titles(at_store, closed) == []


def test_the_campaign_of_an_approved_asset_stays(rows, at_hq, storage):
    first, second = make.campaign(rows), make.campaign(rows)
    rows.commit()
    asset_id = at_hq(service.create, storage, draft=draft(campaign_id=first.campaign_id))
    at_hq(service.edit, storage, asset_id=asset_id, seen=1, draft=draft(campaign_id=second.campaign_id))
    at_hq(release.approve, asset_id=asset_id, version=2)
    with pytest.raises(Invalid) as refused:
        at_hq(service.edit, storage, asset_id=asset_id, seen=2, draft=draft(campaign_id=first.campaign_id))
    assert refused.value.params["reason"] == "campaign_approved"


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"title": " "}, "title"), ({"copy": " "}, "copy_text"), ({"copy": "{顾客}"}, "copy_text")],
)
def test_a_draft_that_says_nothing_is_refused_by_its_field(at_hq, storage, changed, field):
    with pytest.raises(Invalid) as refused:
        at_hq(service.create, storage, draft=draft(**changed))
    assert refused.value.params["field"] == field


def test_saving_without_a_change_makes_no_version(rows, at_hq, storage):
    asset_id = at_hq(service.create, storage, draft=draft())
    assert at_hq(service.edit, storage, asset_id=asset_id, seen=1, draft=draft()) == 1
    assert states(rows, asset_id) == ["draft"]


def test_a_picture_is_kept_and_by_later_versions(rows, at_hq, storage):
    asset_id = at_hq(service.create, storage, draft=draft(picture=content.picture(1600, 2000)))
    at_hq(service.edit, storage, asset_id=asset_id, seen=1, draft=draft(copy="换了字"))
    first, second = rows.scalars(select(AssetVersion.picture_key).order_by(AssetVersion.version)).all()
    assert first == second
    assert storage.get(first) == content.picture(1600, 2000)


def test_the_gallery_shows_what_is_in_use_and_what_is_being_written(rows, hq_engine, at_hq, storage, published):
    make.store(rows)
    make.store(rows)
    rows.commit()
    asset_id = published()
    at_hq(service.edit, storage, asset_id=asset_id, seen=1, draft=draft(copy="新的"))
    with unit_of_work(hq_engine) as session:
        shelf = gallery.Gallery(make.NOW)
        (line,) = shelf.lines(session, session.execute(shelf.query()).all())
    assert (line.version, line.status, line.live_version, line.stores) == (2, "draft", 1, 2)
    assert line.live_until is None
