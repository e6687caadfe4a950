"""Headquarters' content pages, as people with each role meet them."""

from __future__ import annotations

import re
import struct
import zlib
from datetime import timedelta
from html import unescape
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import event

from shared.dealers.models import Store
from shared.identity.permissions import Role
from tests.factories import content
from tests.factories.movies import TINY
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
    kind = "poster" if "picture" in changed else "copy"
    given = {"title": "开奖前最后一天", "copy_text": "来{门店名称}找{店长}", "campaign": "", "seen": "", "kind": kind}
    return given | changed


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
    assert "全部门店" in here.get("/hq/content?show=live").text
    assert here.post(f"{address}/versions/1/retire").status_code == 303
    assert "没有符合这些条件的内容" in here.get("/hq/content?show=live").text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"title": " "}, "k-field-error"),
        ({"copy_text": "{顾客}你好"}, "顾客"),
        ({"copy_text": "", "picture": None, "kind": "copy"}, "写上门店要发的话"),
        ({"picture": None, "kind": "poster"}, "海报要有图片"),
        ({"picture": b"<svg/>", "kind": "poster"}, "不是 PNG 或 JPEG 图片"),
        ({"picture": b"x" * (10 * 2**20 + 1), "kind": "poster"}, "最多 10 MB"),
        ({"copy_text": "字" * 2001}, "2000"),
    ],
    ids=["title", "variable", "nothing", "pictureless", "svg", "heavy", "long"],
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


def test_stores_are_written_down_by_code_or_name(at_hq, staff_person, rows):
    one, two = (rows.get(Store, (each.dealer_id, each.store_id)) for each in (staff_person(), staff_person()))
    here = at_hq()
    address = write(here)
    here.post(f"{address}/versions/1/approve")
    publish = f"{address}/versions/1/publish"
    refused = here.post(publish, {"audience": "store", "stores": f"{one.code}\n没有这家店"})
    assert refused.status_code == 422
    assert "：没有这家店" in refused.text
    assert one.code in refused.text
    assert here.post(publish, {"audience": "store", "stores": f"{one.code}\r\n {two.name}\n"}).status_code == 303
    page = here.get(address).text
    assert f"{one.name}、{two.name}" in page
    change = re.search(r'href="([^"]*/publications/[^"]*)"', page)[1]
    assert f"{one.name}\n{two.name}" in here.get(change).text


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
    kept = "private, max-age=31536000, immutable"
    for what, kind, cache in (
        ("picture", "image/png", kept),
        ("picture/480.webp", "image/webp", kept),
        ("poster", "image/jpeg", "no-store"),
    ):
        answer = here.get(f"{address}/versions/1/{what}")
        assert (answer.status_code, answer.mimetype) == (200, kind)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == cache
        assert browser().get(f"{address}/versions/1/{what}").status_code == 303
    assert Image.open(BytesIO(here.get(f"{address}/versions/1/picture/480.webp").data)).width == 480
    assert here.get(f"{address}/versions/1/picture/481.webp").status_code == 404
    assert here.get(f"{address}/versions/2/picture").status_code == 404
    assert here.get(f"{address}/versions/1/..%2f..%2fsecret.key").status_code == 404


def test_an_asset_without_a_picture_has_no_poster(at_hq):
    here = at_hq()
    address = write(here)
    assert here.get(f"{address}/versions/1/poster").status_code == 404
    assert f"{address}/versions/1/poster" not in here.get(address).text


def upload(here, use, body, name="x"):
    """Send a file as the page's script does."""
    here.get("/hq/content/new")
    headers = {"Accept": "application/problem+json"}
    return here.post(f"/hq/content/files?use={use}", {"file": (BytesIO(body), name)}, headers=headers)


def test_the_preview_follows_the_author(at_hq, staff_person):
    staff_person()
    here = at_hq()
    file_id = upload(here, "picture", content.picture()).json["id"]
    words = here.post("/hq/content/preview/copy", form(copy_text="来{门店名称}")).text
    assert re.search(r"来<mark>门店\d+</mark>", words)
    seen = here.post("/hq/content/preview", form(kind="poster", picture_file=file_id)).text
    drawn = here.get(unescape(re.search(r'src="([^"]*poster.jpg[^"]*)"', seen)[1]))
    assert (drawn.status_code, drawn.mimetype) == (200, "image/jpeg")
    wrong = here.post("/hq/content/preview/copy", form(copy_text="{门店名}")).text
    assert "没有 {门店名}" in wrong
    assert "改成 {门店名称}" in wrong


def test_the_preview_can_be_a_store_without_a_manager_even_where_all_have_one(at_hq, staff_person):
    person = staff_person()
    here = at_hq()
    here.get("/hq/content/new")
    assert person.name in here.post("/hq/content/preview/copy", form(copy_text="找{店长}")).text
    seen = here.post("/hq/content/preview/copy", form(copy_text="找{店长}", store="~")).text
    assert re.search(r"找<mark>门店\d+</mark>", seen)


def test_an_uploaded_file_survives_every_other_mistake(at_hq):
    here = at_hq()
    file_id = upload(here, "picture", content.picture()).json["id"]
    refused = here.post("/hq/content", form(kind="poster", picture_file=file_id, copy_text="{顾客}"))
    assert refused.status_code == 422
    assert f'value="{file_id}"' in refused.text
    address = write(here, kind="poster", picture_file=file_id)
    assert here.get(f"{address}/versions/1/picture").data == content.picture()


def test_an_uploaded_file_is_its_authors_alone(at_hq):
    one, two = at_hq(), at_hq()
    file_id = upload(one, "picture", content.picture()).json["id"]
    assert one.get(f"/hq/content/files/{file_id}").mimetype == "image/webp"
    two.get("/hq/content/new")
    assert two.get(f"/hq/content/files/{file_id}").status_code == 404
    assert two.post("/hq/content", form(kind="poster", picture_file=file_id)).status_code == 422


@pytest.mark.parametrize(
    ("use", "body", "said"),
    [
        (
            "picture",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            "不是 PNG 或 JPEG 图片",
        ),
        ("picture", TINY, "不是 PNG 或 JPEG 图片"),
        ("picture", b"x" * (40 * 2**20), "最多 10 MB"),
        ("video", content.picture(), "不是 MP4 视频"),
        ("video", TINY[:900], "损坏或不完整"),
        ("video", TINY.replace(b"avc1", b"hev1"), "hev1"),
    ],
    ids=["svg", "video-as-picture", "heavy", "picture-as-video", "cut", "codec"],
)
def test_a_file_that_cannot_be_used_says_why(at_hq, use, body, said):
    answer = upload(at_hq(), use, body, "p.png")
    answer.request.input_stream.close()  # the test client leaves a large body's temporary file open
    assert answer.status_code == 422
    assert said in answer.json["title"]


def test_a_picture_of_169_megapixels_in_20_kilobytes_is_refused(at_hq):
    answer = upload(at_hq(), "picture", bomb())
    assert answer.status_code == 422
    assert "169" in answer.json["title"]


def bomb():
    """A PNG that says it has 13,000 × 13,000 pixels."""
    header = struct.pack(">IIBBBBB", 13_000, 13_000, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1626) * 13_000, 9)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def test_a_poster_without_a_place_for_the_code_is_refused_in_words(at_hq):
    here = at_hq()
    here.get("/hq/content/new")
    on = {"layout": "on", "code_left": "", "code_top": "", "code_width": ""}
    refused = here.post("/hq/content", form(picture=picture(), **on))
    assert refused.status_code == 422
    assert "没有放二维码的位置" in refused.text
    small = here.post("/hq/content", form(picture=picture(), layout="on", code_left=70, code_top=70, code_width=5))
    assert "扫不出来" in small.text


def test_a_video_is_written_and_played_in_parts(at_hq):
    here = at_hq()
    file_id = upload(here, "video", TINY).json["id"]
    address = write(here, kind="video", video_file=file_id)
    page = here.get(address).text
    assert f"{address}/versions/1/video.mp4" in page
    part = here.get(f"{address}/versions/1/video.mp4", headers={"Range": "bytes=0-99"})
    assert (part.status_code, part.data) == (206, TINY[:100])
    assert part.headers["Content-Range"] == f"bytes 0-99/{len(TINY)}"
    assert here.get(f"{address}/versions/1/video.mp4", headers={"Range": "bytes=-5"}).data == TINY[-5:]
    assert here.get(f"{address}/versions/1/video.mp4").data == TINY
    assert here.get(f"{address}/versions/1/video.mp4", headers={"Range": "bytes=99999-"}).status_code == 416


def test_two_versions_stand_side_by_side_with_what_differs_marked(at_hq):
    here = at_hq()
    address = write(here, copy_text="今晚八点截止")
    here.get(f"{address}/edit")
    assert here.post(f"{address}/edit", form(seen="1", copy_text="今晚九点截止")).status_code == 303
    page = here.get(f"{address}/compare").text
    assert "今晚<del>八</del>点截止" in page
    assert "今晚<ins>九</ins>点截止" in page


def test_both_authors_changes_are_put_together_where_they_do_not_meet(at_hq):
    one, two = at_hq(), at_hq(Role.CONTENT_EDITOR)
    address = write(one, copy_text="今晚八点截止。来门店报名。")
    two.get(f"{address}/edit")
    one.post(f"{address}/edit", form(seen="1", copy_text="今晚九点截止。来门店报名。"))
    mine = {"copy_text": "今晚八点截止。来门店报名。地址见下。"}
    overtaken = two.post(f"{address}/edit", form(seen="1", **mine))
    assert overtaken.status_code == 409
    hidden = dict(re.findall(r'name="(seen|base)" value="(\d+)"', overtaken.text))
    assert hidden == {"seen": "2", "base": "1"}
    merged = two.post(f"{address}/edit", form(**hidden, **mine, take="merged"))
    assert re.search(r"<textarea[^>]*>\s*今晚九点截止。来门店报名。地址见下。", merged.text)
    theirs = two.post(f"{address}/edit", form(**hidden, **mine, take="theirs"))
    assert re.search(r"<textarea[^>]*>\s*今晚九点截止。来门店报名。<", theirs.text)
    assert two.get(address).text.count("/compare?new=") == 1  # nothing was saved meanwhile


def test_a_publication_is_changed_ended_and_archived_and_each_can_be_undone(at_hq, staff_person):
    staff_person()
    here = at_hq()
    address = write(here)
    here.post(f"{address}/versions/1/approve")
    here.post(f"{address}/versions/1/publish", {"audience": "all"})
    change = re.search(r'href="([^"]*/publications/[^"]*)"', here.get(address).text)[1]
    assert "S" in here.get(change).text
    until = {"audience": "all", "ends_at": "2031-05-01T09:00"}
    assert here.post(change, until).status_code == 303
    for act, after in ((None, ""), (f"{change}/end", "已结束"), (f"{address}/archive", "归档")):
        if act:
            assert here.post(act).status_code == 303
        page = here.get(address).text
        assert after in page
        undo = re.search(r'<form method="post" action="([^"]*)">.{0,400}?name="at" value="([^"]*)"', page, re.DOTALL)
        assert here.post(undo[1], {"at": unescape(undo[2])}).status_code == 303
        assert "使用中" in here.get(address).text
    assert "2031" not in here.get(address).text


def test_the_gallery_is_filtered_by_kind_text_and_campaign(at_hq):
    here = at_hq()
    write(here, title="会员日预热")
    write(here, title="到店海报", picture=picture())
    listed = here.get("/hq/content").text
    assert "会员日预热" in listed
    assert "到店海报" in listed
    posters = here.get("/hq/content?kind=poster").text
    assert "会员日预热" not in posters
    assert "到店海报" in posters
    found = here.get("/hq/content?q=会员日&sort=-week").text
    assert "会员日预热" in found
    assert "到店海报" not in found
    assert "没有符合这些条件的内容" in here.get("/hq/content?q=%25&kind=galaxy&page=x&campaign=y").text


def test_the_gallery_reads_as_rows_with_chosen_columns_and_the_rows_go_into_a_file(at_hq):
    here = at_hq()
    write(here, title="会员日预热")
    rows = here.get("/hq/content?as=rows&cols=author,week").text
    assert "会员日预热" in rows
    assert "7 天领用" in rows
    assert "k-gallery" not in rows
    assert "as=rows" in rows  # the views keep it
    exported = here.post("/hq/content/list/export", {"query": "kind=copy", "kind": "csv", "numbers": "masked"})
    assert "会员日预热" in exported.text


def test_the_archive_shows_only_where_it_is_asked_for_and_several_come_back_together(at_hq):
    here = at_hq()
    first, second = write(here, title="会员日预热"), write(here, title="到店话术")
    write(here, title="留着的")
    ids = [address.rpartition("/")[2] for address in (first, second)]
    page = here.get(here.post("/hq/content/archive", {"table": "content", "list": "/hq/content", "id": ids}).location)
    assert ("会员日预热" in page.text, "留着的" in page.text) == (False, True)
    assert "会员日预热" in here.get("/hq/content?show=archived").text
    undo = re.search(
        r'<form method="post" action="([^"]*unarchive)">.{0,400}?name="at" value="([^"]*)"', page.text, re.DOTALL
    )
    back = here.get(here.post(undo[1], {"at": unescape(undo[2])}).location).text
    assert ("会员日预热" in back, "到店话术" in back) == (True, True)


def test_putting_away_twice_says_that_nothing_was_left_to_do(at_hq):
    here = at_hq()
    asset_id = write(here).rpartition("/")[2]
    for _ in range(2):
        answer = here.post("/hq/content/archive", {"table": "content", "list": "/hq/content", "id": asset_id})
    assert "0 件" in here.get(answer.location).text


def test_the_gallery_and_an_asset_take_few_statements(at_hq, staff_person, faces):
    staff_person()
    here = at_hq()
    address = write(here, picture=picture())
    here.post(f"{address}/versions/1/approve")
    here.post(f"{address}/versions/1/publish", {"audience": "all"})
    here.get(address)
    for path in ("/hq/content", address, f"{address}/stores"):
        statements = []
        engine = faces.hq.extensions["koi_engine"]
        event.listen(engine, "before_cursor_execute", count := lambda *told, kept=statements: kept.append(told[2]))
        try:
            assert here.get(path).status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", count)
        assert len(statements) <= 12, (path, len(statements))


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
    assert "没有符合这些条件的内容" in here.get("/hq/content?show=live").text


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
