"""The stores' content pages: what may be sent, taking it, and the poster."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from io import BytesIO
from urllib.parse import unquote

import cv2
import numpy as np
import pytest
from PIL import Image
from sqlalchemy import event, select

from content_library import ending, release, service
from content_library.files import files
from content_library.kinds import Kind
from content_library.models import AssetVersion, Pull
from content_library.release import Audience
from content_library.service import Draft
from shared.dealers.models import Dealer, Store
from shared.identity.actor import system
from shared.identity.models import StaffStore
from shared.identity.permissions import Role
from tests import factories as make
from tests.factories import content
from tests.factories.movies import TINY
from tests.portals.conftest import sign_in

HQ = system("test")
ENDED = "这条素材已经结束"


@pytest.fixture
def publish(as_hq, settings):
    """Publish something to all stores, or to those of dealers; gives (asset id, publication id)."""

    def go(*dealer_codes, copy="来{门店名称}找{店长}", picture=True, title="开奖前/最后一天", starts_in=0, **parts):
        def act(session, now):
            storage = files(settings.var)
            drafted = Draft(
                title=title,
                copy_text=copy,
                picture=picture if isinstance(picture, bytes) else content.picture() if picture else None,
                **{"campaign_id": None, **parts},
            )
            starts_at = now + timedelta(days=starts_in)
            audience = Audience("dealer" if dealer_codes else "all", dealer_codes, starts_at, None)
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
    for _ in range(2):
        answer = here.post(action, fields, headers={"HX-Request": "true"})
    assert rows.execute(select(Pull.kind, Pull.user_id)).all() == [("copy", person.user_id)]
    rows.rollback()
    next_key = re.search(r'name="request_key" value="([^"]+)"', answer.text)[1]
    here.post(action, fields | {"request_key": next_key}, headers={"HX-Request": "true"})
    assert len(rows.execute(select(Pull.kind)).all()) == 2  # pressed again, it is a use of its own
    assert "用过，刚刚" in here.get(f"/dealer/content/{publication_id}").text


def test_without_scripts_the_press_says_how_to_copy(at_store, publish):
    here, _person = at_store()
    _asset_id, publication_id = publish()
    answer = take(here, publication_id, "copy")
    assert answer.status_code == 303
    page = here.get(answer.location).text
    assert "长按" in page
    assert 'class="koi-copy"' in page


def test_a_poster_is_shown_at_once_and_saved_under_its_name(at_store, publish, settings):
    here, _person = at_store()
    _asset_id, publication_id = publish()
    answer = take(here, publication_id, "poster")
    page = here.get(answer.location).text
    assert "存到手机" in page
    address = unescape(re.search(r'<img class="koi-poster[^"]*" src="([^"]+)"', page)[1])
    shown = here.get(address)
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert (shown.mimetype, shown.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert "immutable" in shown.headers["Cache-Control"]
    assert here.get(f"{answer.location}/file").headers["Cache-Control"] == "no-store"
    saved = here.get(f"{answer.location}/file?save=1")
    disposition = saved.headers["Content-Disposition"]
    name = unquote(re.search(r"filename\*=UTF-8''(\S+)", disposition)[1])
    assert re.fullmatch(r"海报-门店\d+-开奖前 最后一天\.jpg", name)
    assert disposition.startswith("attachment")
    image = cv2.imdecode(np.frombuffer(saved.data, np.uint8), cv2.IMREAD_COLOR)
    assert cv2.QRCodeDetector().detectAndDecode(image)[0] == f"{settings.base_url}/"


def test_in_wechat_the_poster_is_saved_by_a_long_press(at_store, publish):
    here, _person = at_store()
    _asset_id, publication_id = publish()
    answer = take(here, publication_id, "poster")
    page = here.get(answer.location, headers={"User-Agent": "Mozilla/5.0 MicroMessenger/8.0"}).text
    assert "长按图片" in page
    assert "存到手机" not in page


def test_a_picture_is_sent_without_what_the_camera_wrote_into_it(at_store, publish):
    here, _person = at_store()
    taken, out = Image.new("RGB", (400, 300), "#8a4b2a"), BytesIO()
    where = Image.Exif()
    where[0x010E] = "31.2304, 121.4737"
    taken.save(out, "JPEG", exif=where)
    _asset_id, publication_id = publish(kind=Kind.PICTURE, picture=out.getvalue())
    sent = here.get(f"{take(here, publication_id, 'picture').location}/file?save=1")
    assert b"121.4737" in out.getvalue()
    assert b"121.4737" not in sent.data
    assert Image.open(BytesIO(sent.data)).size == (400, 300)


def test_a_poster_that_cannot_be_drawn_says_why(at_store, publish, settings, rows):
    here, _person = at_store()
    _asset_id, publication_id = publish()
    files(settings.var).delete(rows.scalars(select(AssetVersion.picture_key)).one())
    answer = take(here, publication_id, "poster")
    page = here.get(answer.location).text
    assert "原图不见了" in page
    assert "<img" not in page


def test_a_video_plays_in_parts_and_is_saved_under_its_name(at_store, publish, rows):
    here, _person = at_store()
    _asset_id, publication_id = publish(kind=Kind.VIDEO, video=BytesIO(TINY))
    page = here.get("/dealer/content").text
    address = unescape(re.search(r'<video[^>]* src="([^"]+)"', page)[1])
    part = here.get(address, headers={"Range": "bytes=0-1"})
    assert (part.status_code, part.data) == (206, TINY[:2])
    saved = here.get(take(here, publication_id, "video").location)
    assert saved.data == TINY
    assert unquote(saved.headers["Content-Disposition"]).endswith("-开奖前 最后一天.mp4")
    assert rows.scalars(select(Pull.kind)).all() == ["video"]


def test_a_script_is_read_and_copied_sentence_by_sentence(at_store, publish):
    here, person = at_store()
    _asset_id, publication_id = publish(kind=Kind.SCRIPT, picture=False, copy="先问。\n\n找{店长}。\n\n留人。")
    page = here.get(f"/dealer/content/{publication_id}").text
    assert f'<p class="koi-copy" id="s2">找<mark>{person.name}</mark>。</p>' in page
    assert page.count("data-copy=") == 4
    assert "看全部 3 句" in here.get("/dealer/content").text


def test_a_sign_up_link_in_the_text_is_the_stores_own_and_says_that_it_came_by_chat(at_store, publish, rows, settings):
    here, person = at_store()
    campaign = make.campaign(rows, code="KOI9")
    rows.commit()
    publish(copy="报名：{报名链接}", campaign_id=campaign.campaign_id, picture=False)
    code = rows.get(Store, (person.dealer_id, person.store_id)).code
    link = f"{settings.base_url}/c/KOI9?s={code}&amp;t=community"
    assert f"报名：<mark>{link}</mark>" in here.get("/dealer/content").text


def test_a_link_is_copied_with_its_words(at_store, publish):
    here, _person = at_store()
    publish(kind=Kind.LINK, picture=False, copy="看参数", link="https://example.com/m3")
    copied = re.search(r'<p class="koi-copy"[^>]*>(.*?)</p>', here.get("/dealer/content").text, re.DOTALL)[1]
    assert re.sub("<[^>]+>", "", copied) == "看参数\nhttps://example.com/m3"


def test_what_begins_later_is_not_there_yet(at_store, publish):
    here, _person = at_store()
    _asset_id, publication_id = publish(starts_in=1)
    assert "还没有可发的素材" in here.get("/dealer/content").text
    assert here.get(f"/dealer/content/{publication_id}").status_code == 404


def test_content_is_found_by_kind_and_words(at_store, publish):
    here, _person = at_store()
    publish(title="开奖海报")
    publish(title="周末邀约", picture=False, copy="王姐，周末见")
    for number in range(3):
        publish(title=f"话术{number}", picture=False, kind=Kind.SCRIPT, copy="先问。")
    assert "开奖海报" in here.get("/dealer/content?kind=poster").text
    assert "周末邀约" not in here.get("/dealer/content?kind=poster").text
    found = here.get("/dealer/content?q=王姐").text
    assert "周末邀约" in found
    assert "开奖海报" not in found
    assert "没有符合的素材" in here.get("/dealer/content?q=没有这个").text


def test_what_was_used_before_leads_there_again(at_store, publish):
    here, _person = at_store()
    _asset_id, publication_id = publish(title="好用的")
    take(here, publication_id, "copy")
    page = here.get("/dealer/content").text
    used = page[page.index("我用过") :]
    assert f"/dealer/content/{publication_id}" in used
    assert "复制了文案" in used


def test_a_name_with_emoji_and_a_store_without_anything_have_copy_and_poster(at_store, publish, rows):
    here, person = at_store(Role.SALESPERSON)
    store = rows.get(Store, (person.dealer_id, person.store_id))
    store.name, store.address = "青骥🎉" + "电动车旗舰体验中心" * 4, ""
    rows.commit()
    _asset_id, publication_id = publish(copy="找{店长}，在{地址}")
    page = here.get(f"/dealer/content/{publication_id}").text
    assert page.count(f"<mark>{store.name}</mark>") == 2
    assert here.get(f"{take(here, publication_id, 'poster').location}/file").status_code == 200


def test_the_list_takes_few_statements_however_much_lies_there(at_store, publish, faces):
    here, _person = at_store()
    for _ in range(6):
        publish()
    here.get("/dealer/content")
    statements = []
    engine = faces.dealer.extensions["koi_engine"]
    event.listen(engine, "before_cursor_execute", count := lambda *told: statements.append(told[2]))
    try:
        assert here.get("/dealer/content").status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert len(statements) <= 12, len(statements)


def test_content_that_was_withdrawn_says_so_and_shows_no_poster(at_store, publish, as_hq):
    here, _person = at_store()
    asset_id, publication_id = publish(title="旧价格")
    answer = take(here, publication_id, "poster")
    as_hq(lambda session, now: ending.retire(session, asset_id=asset_id, version=1, actor=HQ, now=now))
    for path in (f"/dealer/content/{publication_id}", answer.location, f"{answer.location}/file"):
        gone = here.get(path)
        assert gone.status_code == 404
        assert ENDED in gone.text
    listed = here.get("/dealer/content").text
    assert "我用过" in listed
    assert "旧价格" in listed
    again = here.post(f"/dealer/content/{publication_id}/copy", {"store": "x", "request_key": "y"})
    assert again.status_code == 422


def test_another_dealers_content_and_posters_do_not_exist(at_store, publish, rows):
    mine, person = at_store()
    other, _somebody = at_store()
    code = rows.get(Dealer, person.dealer_id).code
    _asset_id, publication_id = publish(code)
    poster = take(mine, publication_id, "poster").location
    assert "还没有可发的素材" in other.get("/dealer/content").text
    fields = {"store": str(person.store_id), "request_key": str(person.user_id)}
    for path in (
        f"/dealer/content/{publication_id}",
        f"/dealer/content/{publication_id}/picture/480.webp",
        f"/dealer/content/{publication_id}/poster.webp",
        f"/dealer/content/{publication_id}/video.mp4",
        poster,
    ):
        for suffix in ("", f"?store={person.store_id}"):
            answer = other.get(path + suffix)
            assert answer.status_code == 404
            assert ENDED not in answer.text
    assert other.get(f"{poster}/file").status_code == 404
    for kind in ("copy", "poster"):
        assert other.post(f"/dealer/content/{publication_id}/{kind}", fields).status_code == 404


def test_a_colleagues_store_of_the_same_dealer_is_not_ours(at_store, publish):
    mine, person = at_store()
    sister, _colleague = at_store(dealer_id=person.dealer_id)
    _asset_id, publication_id = publish()
    poster = take(mine, publication_id, "poster").location
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
