"""Headquarters' content pages, as people with each role meet them."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest

from shared.identity.permissions import Role
from tests.factories import content
from tests.portals.conftest import sign_in


@pytest.fixture
def at_hq(browser, hq_person):
    """A browser signed in with a role."""

    def go(role=Role.OPERATOR):
        here = browser()
        sign_in(here, "/hq", hq_person(role).login)
        here.get("/hq/account")
        return here

    return go


def form(**changed):
    return {"title": "开奖前最后一天", "copy_text": "来{门店名称}找{店长}", "campaign": "", "seen": "", **changed}


def picture(name="p.png", body=None):
    return (BytesIO(content.picture() if body is None else body), name)


def write(here, **changed):
    """Save an asset; gives its address."""
    answer = here.post("/hq/content", form(**changed))
    assert answer.status_code == 303, answer.text
    return answer.location


def test_an_empty_gallery_says_how_it_works_and_offers_to_begin(at_hq):
    page = at_hq().get("/hq/content")
    assert page.status_code == 200
    assert "还没有素材" in page.text
    assert "/hq/content/new" in page.text


def test_an_asset_is_written_approved_published_seen_in_the_gallery_and_withdrawn(at_hq, staff_person):
    staff_person()
    here = at_hq()
    address = write(here, picture=picture())
    assert "草稿" in here.get("/hq/content?show=draft").text
    assert here.get(address).status_code == 200
    approved = here.post(f"{address}/versions/1/approve")
    assert approved.location == f"{address}/versions/1/publish"
    assert "全部门店" in here.get(approved.location).text
    assert here.post(approved.location, {"audience": "all"}).location == address
    page = here.get(address)
    assert "使用中" in page.text
    assert "1 家门店" in here.get("/hq/content?show=live").text
    assert here.post(f"{address}/versions/1/retire").status_code == 303
    assert "没有这种状态的素材" in here.get("/hq/content?show=live").text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"title": " "}, "k-field-error"),
        ({"copy_text": "{顾客}你好"}, "顾客"),
        ({"copy_text": "", "picture": None}, "写一段文案或选一张图片"),
        ({"picture": b"<svg/>"}, "不是 PNG 或 JPEG 图片"),
        ({"picture": b"x" * (10 * 2**20 + 1)}, "最多 10 MB"),
        ({"copy_text": "字" * 2001}, "2000"),
    ],
    ids=["title", "variable", "nothing", "svg", "heavy", "long"],
)
def test_a_refused_form_keeps_what_was_written(at_hq, changed, said):
    here = at_hq()
    here.get("/hq/content/new")
    given = form(copy_text="周五晚上八点见") | changed
    if isinstance(given.get("picture"), bytes):
        given["picture"] = picture(body=given["picture"])
    answer = here.post("/hq/content", {name: value for name, value in given.items() if value is not None})
    answer.request.input_stream.close()  # the test client leaves a large body's temporary file open
    assert answer.status_code == 422
    assert said in answer.text
    assert given["copy_text"][:200] in answer.text
    assert given["title"].strip() in answer.text


def test_the_second_author_sees_the_other_words_and_keeps_their_own(at_hq):
    one, two = at_hq(), at_hq(Role.CONTENT_EDITOR)
    address = write(one)
    two.get(f"{address}/edit")
    assert one.post(f"{address}/edit", form(seen="1", copy_text="甲写的")).status_code == 303
    overtaken = two.post(f"{address}/edit", form(seen="1", copy_text="乙写的"))
    assert overtaken.status_code == 409
    assert "甲写的" in overtaken.text
    assert re.search(r"<textarea[^>]*>\s*乙写的", overtaken.text)
    seen = re.search(r'name="seen" value="(\d+)"', overtaken.text)[1]
    assert two.post(f"{address}/edit", form(seen=seen, copy_text="乙写的")).status_code == 303
    assert "乙写的" in two.get(address).text


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.ADMINISTRATOR, {"read", "write", "approve"}),
        (Role.OPERATOR, {"read", "write", "approve"}),
        (Role.CONTENT_EDITOR, {"read", "write"}),
        (Role.ANALYST, {"read"}),
    ],
)
def test_what_each_role_may_do(at_hq, role, may):
    address = write(at_hq())
    here = at_hq(role)
    attempts = {
        "read": [here.get("/hq/content"), here.get(address)],
        "write": [
            here.get("/hq/content/new"),
            here.post("/hq/content", form()),
            here.get(f"{address}/edit"),
            here.post(f"{address}/edit", form(seen="1")),
            here.post("/hq/content/preview", form()),
            here.post("/hq/content/preview/copy", form()),
        ],
        "approve": [
            here.get(f"{address}/versions/2/publish") if "write" in may else here.get(f"{address}/versions/1/publish"),
            here.post(f"{address}/versions/2/approve"),
            here.post(f"{address}/versions/1/publish"),
            here.post(f"{address}/versions/1/retire"),
        ],
    }
    for need, answers in attempts.items():
        for answer in answers:
            assert (answer.status_code == 403) == (need not in may), (need, answer.request.path, answer.status_code)


def test_buttons_that_a_role_may_not_press_are_not_shown(at_hq):
    address = write(at_hq())
    editor, analyst = at_hq(Role.CONTENT_EDITOR).get(address).text, at_hq(Role.ANALYST).get(address).text
    assert "/edit" in editor
    assert "/approve" not in editor
    assert "/edit" not in analyst


def test_a_publication_for_nobody_is_refused_beside_the_choice(at_hq, staff_person):
    staff_person()
    here = at_hq()
    address = write(here)
    here.post(f"{address}/versions/1/approve")
    answer = here.post(f"{address}/versions/1/publish", {"audience": "dealer"})
    assert answer.status_code == 422
    assert "没有营业中的门店" in answer.text


def test_an_end_before_the_start_is_refused(at_hq, staff_person):
    staff_person()
    here = at_hq()
    address = write(here)
    here.post(f"{address}/versions/1/approve")
    times = {"starts_at": "2031-05-01T10:00", "ends_at": "2031-05-01T09:00"}
    answer = here.post(f"{address}/versions/1/publish", {"audience": "all", **times})
    assert answer.status_code == 422
    assert "2031-05-01T09:00" in answer.text


def test_pictures_are_served_with_their_type_to_signed_in_people_only(at_hq, browser):
    here = at_hq()
    address = write(here, picture=picture())
    for what, kind in (("picture", "image/png"), ("thumbnail", "image/jpeg"), ("poster", "image/jpeg")):
        answer = here.get(f"{address}/versions/1/{what}")
        assert (answer.status_code, answer.mimetype) == (200, kind)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert browser().get(f"{address}/versions/1/{what}").status_code == 303
    assert here.get(f"{address}/versions/2/picture").status_code == 404
    assert here.get(f"{address}/versions/1/..%2f..%2fsecret.key").status_code == 404


def test_an_asset_without_a_picture_has_no_poster(at_hq):
    here = at_hq()
    address = write(here)
    assert here.get(f"{address}/versions/1/poster").status_code == 404
    assert f"{address}/versions/1/poster" not in here.get(address).text


def test_the_preview_follows_the_author(at_hq, staff_person):
    staff_person()
    here = at_hq()
    here.get("/hq/content/new")
    words = here.post("/hq/content/preview/copy", form(copy_text="来{门店名称}")).text
    assert re.search(r"来<mark>门店\d+</mark>", words)
    both = here.post("/hq/content/preview", form(picture=picture())).text
    assert "data:image/jpeg;base64," in both
    assert "不是 PNG" in here.post("/hq/content/preview", form(picture=picture(body=b"no"))).text
    assert "顾客" in here.post("/hq/content/preview/copy", form(copy_text="{顾客}")).text


def test_what_was_moved_by_somebody_else_says_so(at_hq):
    one, two = at_hq(), at_hq()
    address = write(one)
    one.post(f"{address}/versions/1/approve")
    answer = two.post(f"{address}/versions/1/approve")
    assert answer.status_code == 409
    assert "这个版本已经变了" in answer.text


def test_a_later_start_is_planned(at_hq, staff_person, as_hq):
    staff_person()
    here = at_hq()
    address = write(here)
    here.post(f"{address}/versions/1/approve")
    start = as_hq(lambda _session, now: (now + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M"))
    assert here.post(f"{address}/versions/1/publish", {"audience": "all", "starts_at": start}).status_code == 303
    assert "待开始" in here.get(address).text
    assert "没有这种状态的素材" in here.get("/hq/content?show=live").text


def test_input_that_no_page_sends_is_refused_in_words(at_hq, staff_person):
    staff_person()
    here = at_hq()
    address = write(here, picture=picture())
    here.post(f"{address}/versions/1/approve")
    for year in ("0001-01-01T00:00", "9999-12-31T23:59"):
        refused = here.post(f"{address}/versions/1/publish", {"audience": "all", "starts_at": year})
        assert refused.status_code == 422
        assert "2000" in refused.text
    assert here.post(f"{address}/versions/1/publish", {"audience": "galaxy"}).status_code == 422
    for number in ("0", "99999999999999999999"):
        assert here.get(f"{address}/versions/{number}/picture").status_code == 404
        assert here.post(f"{address}/versions/{number}/approve").status_code == 404
    assert here.get(f"{address}?store=%00&version=x").status_code == 200
    assert here.get(f"{address}/versions/1/poster?store=%00").status_code == 200
    assert here.post(f"{address}/edit", form(seen="\u00b2")).status_code == 409
    assert here.post(f"{address}/edit", form(seen="1", campaign="x")).status_code == 422
    assert here.post(f"{address}/edit", form(seen="1", title="a\0b")).status_code == 303
