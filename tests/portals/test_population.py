"""Headquarters brings the population of districts along, and territories show it."""

from __future__ import annotations

import io
import re
from html import unescape

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from hq.network.population.models import PopulationDraft
from shared.identity.permissions import Role
from shared.platform.ids import new_id
from shared.population.models import PopulationTable
from shared.population.people import PeopleKeeper
from shared.regions import divisions
from tests import factories as make
from tests.portals.conftest import sign_in
from tests.portals.test_network import fields

PAGE, MAP, TERRITORIES = "/hq/network/territories/population", "/hq/network/territories/map", "/hq/network/territories"
XIHU, GONGSHU, HANGZHOU, ZHENHAI = "330106", "330105", "330100", "330211"
LIST = "代码,地区,常住人口\n330106,西湖区,1112992\n330105,拱墅区,1120985\n330103,下城区,500\n999999,没有,5000\n"


@pytest.fixture
def desk(browser, hq_person):
    """A browser in which an operator is signed in."""
    here = browser()
    sign_in(here, "/hq", hq_person(Role.OPERATOR).login)
    here.get(PAGE)
    return here


def upload(desk, text, name="人口.csv"):
    desk.get(PAGE)
    content = text if isinstance(text, bytes) else text.encode()
    return desk.post(PAGE, {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")


def take(desk, address, **more):
    return desk.post(
        address, {**fields(desk.get(address).text), "source": "年鉴", "as_of": "2023", "take": "1", **more}
    )


def workbook(remark, *table):
    """A workbook whose first sheet is a remark and whose second one is called 人口表."""
    book = Workbook()
    book.active.append(remark)
    sheet = book.create_sheet("人口表")
    for row in table:
        sheet.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def figures(rows):
    rows.commit()
    return dict(PeopleKeeper().people(rows))


def test_an_uploaded_table_is_looked_at_before_it_is_taken_over(desk, rows):
    desk.get(PAGE)
    answer = upload(desk, LIST)
    assert answer.status_code == 303
    page = desk.get(answer.location).text
    for words in (
        "2,234,477",
        "浙江省 杭州市 西湖区",
        "1 行按现行区县计入",
        "没有这个行政区划代码",
        "第 5 行",
        "999999 没有",
    ):
        assert words in page
    assert figures(rows) == {}
    answer = take(desk, answer.location)
    assert answer.status_code == 303
    assert figures(rows) == {XIHU: 1_112_992, GONGSHU: 1_121_485}
    page = desk.get(PAGE).text
    for words in ("年鉴", "2023", "2,234,477", "2 / 2,881", "1 行未采用"):
        assert words in page


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        ("", "人口.csv", "文件里没有名单"),
        (b"%PDF-1.7 x", "人口.pdf", "PDF"),
        ("<html><body>登录</body></html>", "人口.xls", "网页"),
        ("代码,人口\n", "人口.csv", "没有"),
    ],
)
def test_what_is_no_table_is_refused_with_words(desk, rows, content, name, words):
    answer = upload(desk, content, name)
    assert answer.status_code == 422
    assert words in answer.text
    assert rows.scalars(select(PopulationDraft)).all() == []


def test_a_missing_file_is_asked_for(desk):
    answer = desk.post(PAGE, {}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "选择文件</p>" in answer.text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"source": ""}, "请写明数据来源"),
        ({"as_of": "1900"}, "1949"),
        ({"as_of": "去年"}, "1949"),
        ({"people": ""}, "请选择人口所在的列"),
        ({"code": "", "county": ""}, "要有代码列或名称列"),
        ({"code": "2"}, "同一列不能对应两项"),
        ({"people": "77"}, ""),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_what_was_typed_stays(desk, rows, wrong, words):
    address = upload(desk, LIST).location
    answer = take(desk, address, **{"source": "我的来源", **wrong})
    assert answer.status_code == 422
    assert words in answer.text
    if "source" not in wrong:
        assert "我的来源" in answer.text
    assert figures(rows) == {}


def test_who_reads_the_file_otherwise_looks_at_it_again_before_it_is_taken_over(desk, rows):
    address = upload(desk, "代码,地区,人口\n330106,西湖区,117\n330105,拱墅区,112\n").location
    assert "不足 100 人" not in desk.get(address).text
    first = take(desk, address, unit="10000")
    assert (first.status_code, first.location) == (303, address)
    assert figures(rows) == {}
    page = desk.get(address)
    assert "1,170,000" in page.text
    assert "年鉴" in page.text
    assert take(desk, address, unit="10000").status_code == 303
    assert figures(rows) == {XIHU: 1_170_000, GONGSHU: 1_120_000}


def test_a_guessed_unit_is_said_to_be_guessed(desk, rows):
    address = upload(desk, "代码,人口\n330106,117.5\n330105,112.1\n330108,55.3\n").location
    assert "按数字大小推测的" in desk.get(address).text
    assert take(desk, address).status_code == 303
    assert figures(rows)[XIHU] == 1_175_000


def test_totals_that_contradict_their_districts_are_pointed_out(desk):
    address = upload(desk, "代码,地区,人口\n,合计,5000\n330106,西湖区,1000\n330105,拱墅区,1000\n").location
    page = desk.get(address).text
    assert "部分区县没有人口数" in page
    assert "行对不上" not in page
    address = upload(desk, "代码,地区,人口\n,合计,1500\n330106,西湖区,1000\n330105,拱墅区,1000\n").location
    assert "1 行对不上" in desk.get(address).text


def test_a_workbook_is_read_from_the_sheet_that_has_people(desk, rows):
    address = upload(
        desk, workbook(["关于这份表", "说明"], ["代码", "常住人口"], [330106, 1112992]), "人口.xlsx"
    ).location
    assert "人口表" in desk.get(address).text
    assert take(desk, address).status_code == 303
    assert figures(rows) == {XIHU: 1_112_992}


def test_a_second_press_is_told_where_the_upload_went(desk, rows):
    address = upload(desk, LIST).location
    sent = {**fields(desk.get(address).text), "source": "年鉴", "as_of": "2023", "take": "1"}
    assert desk.post(address, sent).location.endswith("/map")
    again = desk.post(address, sent)
    assert (again.status_code, again.location) == (303, PAGE)
    assert "已经启用或丢弃" in desk.get(PAGE).text
    assert len(figures(rows)) == 2


def test_a_file_is_thrown_away(desk, rows):
    address = upload(desk, LIST).location
    assert desk.post(f"{address}/drop").status_code == 303
    assert desk.get(address).status_code == 404
    assert rows.scalars(select(PopulationDraft)).all() == []


def test_a_table_that_another_replaced_meanwhile_is_not_taken_away_unseen(desk, rows):
    make.population(rows, {XIHU: 5_000})
    rows.commit()
    desk.get(PAGE)
    assert desk.post(f"{PAGE}/remove", {"seen": "none"}).status_code == 409
    assert figures(rows) == {XIHU: 5_000}
    seen = fields(desk.get(PAGE).text)["seen"]
    assert desk.post(f"{PAGE}/remove", {"seen": seen}).status_code == 303
    assert figures(rows) == {}
    assert "还没有人口表" in desk.get(PAGE).text


def test_who_may_only_read_sees_the_table_and_changes_nothing(browser, hq_person, rows):
    make.population(rows, {XIHU: 5_000})
    rows.commit()
    here = browser()
    sign_in(here, "/hq", hq_person(Role.ANALYST).login)
    page = here.get(PAGE)
    assert page.status_code == 200
    assert "第七次人口普查" in page.text
    assert 'type="file"' not in page.text
    for path in (PAGE, f"{PAGE}/remove", f"{PAGE}/{new_id(make.NOW)}"):
        assert here.post(path, {}).status_code == 403
    assert rows.scalars(select(PopulationTable)).one()


def test_no_store_gets_there(browser, rows, faces):
    assert not any("population" in rule.endpoint for rule in faces.dealer.url_map.iter_rules())


def test_gaps_and_overlaps_show_people_and_the_most_come_first(desk, rows):
    store = make.store(rows)
    make.territory(rows, store, divisions=[XIHU], mode="exclusive")
    make.territory(rows, make.store(rows), divisions=[XIHU, "330108"], mode="exclusive")
    make.population(rows, {XIHU: 1_112_992, "330108": 503_859, ZHENHAI: 510_503, GONGSHU: 3_000_000, "110101": 708_829})
    rows.commit()
    page = desk.get(MAP).text
    covered = (1_112_992 + 503_859) / (1_112_992 + 503_859 + 510_503 + 3_000_000 + 708_829)
    assert f"覆盖 162万人，占 584万人的 {covered * 100:.1f}%" in page
    assert "第七次人口普查，2020 年" in page
    gaps = page[page.index('id="gaps"') :]
    assert re.findall(r'<th scope="row">(\w+)</th>', gaps)[:3] == ["杭州市", "北京市", "宁波市"]
    assert "300万" in gaps
    assert "111万" in page[page.index('id="overlaps"') : page.index('id="gaps"')]


def test_without_a_table_pages_say_how_to_bring_one_along(desk, rows):
    territory = make.territory(rows, make.store(rows), divisions=[XIHU])
    rows.commit()
    for path in (MAP, f"{TERRITORIES}/{territory.territory_id}"):
        page = desk.get(path).text
        assert f'href="{PAGE}">导入人口表' in page
        assert ">人口</th>" not in page
    assert ">人口</th>" not in desk.get(TERRITORIES).text


def test_a_territory_shows_its_people_in_the_list_on_its_page_and_before_it_is_saved(desk, rows):
    store = make.store(rows)
    territory = make.territory(rows, store, divisions=[HANGZHOU])
    make.share_text(rows, make.campaign(rows), [make.dealer(rows)])
    make.population(rows, {XIHU: 1_112_992, GONGSHU: 2_000_000})
    rows.commit()
    assert "311万" in desk.get(TERRITORIES).text
    page = desk.get(f"{TERRITORIES}/{territory.territory_id}").text
    assert "311万" in page
    assert page.index("拱墅区") < page.index("西湖区")
    new = f"{TERRITORIES}/new"
    desk.get(new)
    told = desk.post(new, {"name": "新", "whom": store.code, "mode": "shared", "divisions": "330105", "radius": ""})
    assert told.status_code == 422
    assert "200万" in told.text
    assert "住在这些区县" in told.text


def test_territories_are_sorted_by_people_from_page_to_page(desk, rows):
    counties = [each.code for each in divisions.smallest() if each.code.startswith("33")][:60]
    sizes = {code: 100_000 + 1_000 * (number * 37 % 60) for number, code in enumerate(counties)}
    store = make.store(rows)
    for code in [*counties, "810001"]:
        make.territory(rows, store, divisions=[code], name=f"辖区{code}")
    make.population(rows, sizes)
    rows.commit()
    first = desk.get(f"{TERRITORIES}?sort=-people").text
    after = re.search(r'href="([^"]*after=[^"]*)"', first)
    second = desk.get(unescape(after[1])).text
    found = [code for page in (first, second) for code in dict.fromkeys(re.findall(r"辖区(\d{6})", page))]
    assert found == [*sorted(sizes, key=sizes.__getitem__, reverse=True), "810001"]
