"""Publications for every kind of audience, changed, ended, archived, and all of that undone."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from content_library import ending, gallery, on_shelf, release, service, who_took
from content_library.lifecycle import IllegalVersionMove
from content_library.models import AssetVersion, Publication
from content_library.on_shelf import Ended
from content_library.release import Archived, Audience
from content_library.service import Draft
from shared.db.session import unit_of_work
from shared.platform.errors import Invalid
from tests import factories as make
from tests.factories import content

LATER = make.NOW + timedelta(hours=2)
EVERYBODY = Audience("all", (), make.NOW, None)


@pytest.fixture
def published(at_hq, storage):
    """Publish new copy; gives (asset id, publication id)."""

    def run(audience=EVERYBODY):
        drafted = Draft(title="开奖前最后一天", copy_text="来{门店名称}", picture=None, campaign_id=None)
        asset_id = at_hq(service.create, storage, draft=drafted)
        at_hq(release.approve, asset_id=asset_id, version=1)
        return asset_id, at_hq(release.publish, asset_id=asset_id, version=1, audience=audience)

    return run


@pytest.fixture
def has_it(at_store):
    def ask(store, now=LATER):
        place = {"dealer_id": store.dealer_id, "store_id": store.store_id, "now": now}
        return bool(at_store(store, on_shelf.on_shelf, **place))

    return ask


def test_each_kind_of_audience_reaches_its_stores_alone(rows, published, has_it):
    named = make.dealer(rows)
    inside = make.store(rows, named, province_code="330000", city_code="330100")
    outside = make.store(rows, province_code="320000", city_code="320300")
    campaign = make.campaign(rows)
    make.share_text(rows, campaign, [named])
    rows.commit()
    for kind, code in (
        ("city", "330100"),
        ("store", inside.code),
        ("dealer", named.code),
        ("campaign", campaign.code),
    ):
        _asset_id, publication_id = published(Audience(kind, (code,), make.NOW, None))
        publication = rows.get(Publication, publication_id)
        assert (publication.audience, has_it(inside), has_it(outside)) == (kind, True, False)


def test_stores_that_two_publications_reach_count_once(rows, at_hq, hq_engine, published):
    mine = make.store(rows)
    make.store(rows)
    rows.commit()
    asset_id, _publication_id = published()
    at_hq(release.publish, asset_id=asset_id, version=1, audience=Audience("store", (mine.code,), make.NOW, None))
    with unit_of_work(hq_engine) as session:
        shelf = gallery.Gallery(LATER)
        (line,) = shelf.lines(session, session.execute(shelf.query()).all())
    assert line.stores == 2


def test_a_changed_audience_takes_it_from_some_and_undoing_gives_it_back(rows, at_hq, at_store, published, has_it):
    mine, other = make.store(rows), make.store(rows)
    rows.commit()
    _asset_id, publication_id = published()
    only = Audience("store", (mine.code,), make.NOW, None)
    at_hq(release.change, publication_id=publication_id, audience=only, now=LATER)
    assert (has_it(mine), has_it(other)) == (True, False)
    place = {"dealer_id": other.dealer_id, "store_id": other.store_id, "now": LATER}
    with pytest.raises(Ended):
        at_store(other, on_shelf.shelf_item, publication_id=publication_id, **place)
    at_hq(release.change_back, publication_id=publication_id, at=LATER, now=LATER)
    assert (has_it(mine), has_it(other)) == (True, True)
    with pytest.raises(IllegalVersionMove):
        at_hq(release.change_back, publication_id=publication_id, at=make.NOW, now=LATER)


def test_a_change_that_reaches_nobody_changes_nothing(rows, at_hq, published, has_it):
    store = make.store(rows)
    rows.commit()
    _asset_id, publication_id = published()
    with pytest.raises(Invalid):
        at_hq(release.change, publication_id=publication_id, audience=Audience("store", ("?",), make.NOW, None))
    assert has_it(store)


def test_an_ended_publication_comes_back(rows, at_hq, published, has_it):
    store = make.store(rows)
    rows.commit()
    asset_id, publication_id = published()
    at_hq(ending.end, publication_id=publication_id, now=LATER)
    assert not has_it(store)
    with pytest.raises(IllegalVersionMove):
        at_hq(release.change, publication_id=publication_id, audience=EVERYBODY, now=LATER)
    at_hq(ending.undo, asset_id=asset_id, at=LATER, version=None, now=LATER)
    assert has_it(store)


def test_what_another_version_has_replaced_does_not_come_back(rows, at_hq, storage, published):
    make.store(rows)
    rows.commit()
    asset_id, publication_id = published()
    at_hq(ending.end, publication_id=publication_id, now=LATER)
    drafted = Draft(title="新", copy_text="新的", picture=None, campaign_id=None)
    at_hq(service.edit, storage, asset_id=asset_id, seen=1, draft=drafted)
    at_hq(release.approve, asset_id=asset_id, version=2)
    at_hq(release.publish, asset_id=asset_id, version=2, audience=EVERYBODY)
    with pytest.raises(IllegalVersionMove):
        at_hq(ending.undo, asset_id=asset_id, at=LATER, version=None, now=LATER)


def test_an_old_undo_brings_no_version_back_beside_its_successor(rows, at_hq, storage, published):
    make.store(rows)
    rows.commit()
    asset_id, _publication_id = published()
    at_hq(ending.retire, asset_id=asset_id, version=1, now=LATER)
    at_hq(ending.undo, asset_id=asset_id, at=LATER, version=1, now=LATER)
    drafted = Draft(title="新", copy_text="新的", picture=None, campaign_id=None)
    at_hq(service.edit, storage, asset_id=asset_id, seen=1, draft=drafted)
    at_hq(release.approve, asset_id=asset_id, version=2)
    at_hq(release.publish, asset_id=asset_id, version=2, audience=EVERYBODY)
    with pytest.raises(IllegalVersionMove):
        at_hq(ending.undo, asset_id=asset_id, at=LATER, version=1, now=LATER)


@pytest.mark.parametrize("before", ["published", "approved"])
def test_a_withdrawn_version_is_again_what_it_was(rows, at_hq, storage, published, before):
    make.store(rows)
    rows.commit()
    if before == "published":
        asset_id, _publication_id = published()
    else:
        drafted = Draft(title="新", copy_text="新的", picture=None, campaign_id=None)
        asset_id = at_hq(service.create, storage, draft=drafted)
        at_hq(release.approve, asset_id=asset_id, version=1)
    at_hq(ending.retire, asset_id=asset_id, version=1, now=LATER)
    at_hq(ending.undo, asset_id=asset_id, at=LATER, version=1, now=LATER)
    assert rows.scalar(select(AssetVersion.status).where(AssetVersion.asset_id == asset_id)) == before


def test_the_archive_takes_it_from_everybody_and_gives_it_back(rows, at_hq, hq_engine, published, has_it):
    store = make.store(rows)
    rows.commit()
    asset_id, _publication_id = published()
    at_hq(ending.archive, asset_id=asset_id, now=LATER)
    assert not has_it(store)
    with unit_of_work(hq_engine) as session:
        shelf = gallery.Gallery(LATER)
        stands = {name for name in gallery.SHOWS if session.execute(shelf.query().where(shelf.stands(name))).all()}
    assert stands == {"archived"}
    with pytest.raises(Archived):
        at_hq(release.publish, asset_id=asset_id, version=1, audience=EVERYBODY, now=LATER)
    at_hq(ending.undo, asset_id=asset_id, at=LATER, version=None, now=LATER)
    assert has_it(store)


def test_stores_that_never_took_it_are_counted_and_listed(rows, hq_engine):
    used, never = make.store(rows), make.store(rows)
    manager = make.staff(rows, [used])
    asset = content.asset(rows)
    publication = content.publication(rows, asset, [used, never])
    for kind in ("copy", "copy", "poster"):
        content.pulled(rows, used, publication, by=manager.user_id, kind=kind)
    rows.commit()
    with unit_of_work(hq_engine) as session:
        numbers = who_took.numbers(session, asset.asset_id)
        lines = {
            which: who_took.stores(session, asset.asset_id, which=which, text="", offset=0, limit=5)[0]
            for which in ("all", "used", "never")
        }
    assert (numbers.stores, numbers.used_by, numbers.never, numbers.pulls) == (2, 1, 1, 3)
    assert [line.store for line in lines["never"]] == [never.name]
    assert [(line.store, line.copies, line.files) for line in lines["used"]] == [(used.name, 2, 1)]
    assert [line.store for line in lines["all"]] == [used.name, never.name]
