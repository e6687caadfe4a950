"""Imports as an operator sees them: upload, match columns, check, import, take the rejected rows, correct, go on."""

from __future__ import annotations

import csv
import html
import io
import re

import openpyxl
import pytest
from sqlalchemy import func, select

import hq.intake.imports.jobs
import hq.qualification.jobs  # noqa: F401  declare the drains
from hq.intake.imports import service
from hq.intake.imports.models import Import, ImportMapping
from shared.audit.models import AuditEntry
from shared.identity.permissions import Role
from shared.signups.models import Signup
from shared.work.attempt import attempt
from shared.work.drains import find
from shared.work.runs import run
from tests import factories as make
from tests.portals.conftest import sign_in
from tests.unit.intake.workbooks import ANNA, BORIS, HEADINGS, csv_bytes, xlsx_bytes
from tests.working import at_work

BAD = ["S2", "DRAW", "=王短", "+861380013", *ANNA[4:]]


@pytest.fixture
def draw(rows):
    campaign = make.campaign(rows, code="DRAW", name="金秋抽奖季")
    make.share_text(rows, campaign, [make.dealer(rows)])
    rows.commit()
    return campaign


@pytest.fixture
def operator(browser, hq_person, draw):
    return enter(browser, hq_person)


def enter(browser, hq_person):
    here = browser()
    sign_in(here, "/hq", hq_person(Role.OPERATOR).login)
    here.get("/hq/imports/new?kind=signups")
    return here


def send(here, content: bytes, name: str = "名单.csv", address: str = "/hq/imports", **form):
    asked = {"campaign": ""} if form.get("kind", "signups") == "signups" else {}
    given = {"kind": "signups", **asked, **form, "file": (io.BytesIO(content), name)}
    return here.post(address, given, content_type="multipart/form-data")


@pytest.fixture
def work(settings):
    """What the workers do, until nothing is left."""

    def until_done(*drains: str) -> None:
        with at_work(settings.worker()) as place:
            for drain in drains or ("hq.check_imports", "hq.imports"):
                run(place, find(drain))

    return until_done


@pytest.fixture
def checked(operator, work):
    """`checked(content)`: uploaded and counted; gives the import's address."""

    def prepare(content: bytes, name: str = "名单.csv", **form) -> str:
        address = send(operator, content, name, **form).location
        work("hq.check_imports")
        return address

    return prepare


@pytest.fixture
def imported(operator, checked, work):
    """`imported(content)`: taken through all steps; gives the import's address."""

    def take(content: bytes, name: str = "名单.csv", **form) -> str:
        address = checked(content, name, **form)
        begin(operator, address)
        work("hq.imports")
        return address

    return take


def begin(here, address: str, **form):
    page = here.get(f"{address}/review").text
    return here.post(f"{address}/start", {"version": version(page), **form})


def version(page: str) -> str:
    return re.search(r'name="version" value="(\d+)"', page)[1]


def choices(page: str) -> dict[str, str]:
    """What each select of the mapping page stands on, by its name."""
    found = {}
    for name, options in re.findall(r'<select[^>]* name="([^"]+)">(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = html.unescape(chosen[1]) if chosen else ""
    return found


def map_columns(here, address: str, **changes):
    page = here.get(f"{address}/columns").text
    return here.post(f"{address}/columns", {"version": version(page), **choices(page), **changes})


def test_nothing_is_imported_before_somebody_says_so(operator, work, rows):
    answer = send(operator, csv_bytes([HEADINGS, ANNA, BAD]))
    assert answer.status_code == 303
    assert "data-poll" in operator.get(answer.location).text
    work()
    assert operator.get(answer.location).location.endswith("/columns")
    assert rows.scalar(select(func.count()).select_from(Signup)) == 0
    begin(operator, answer.location)
    work()
    after = operator.get(f"{answer.location}/progress").text
    assert "2 / 2" in after
    assert rows.scalar(select(func.count()).select_from(Signup)) == 1


def test_the_first_rows_show_repairs_in_place_and_say_why_a_row_is_none(operator, checked):
    mended = [*ANNA[:3], "１３８００１３８００１", *ANNA[4:]]
    page = operator.get(f"{checked(csv_bytes([HEADINGS, mended, BAD]))}/columns").text
    assert re.search(r'class="k-fixed" title="[^"]+">138\*\*\*\*8001', page)
    assert 'class="k-rejrow"' in page
    assert "13800138001" not in page
    assert "陈安娜" not in page


def test_the_counts_are_of_the_whole_file_with_examples_before_anything_starts(operator, checked, rows):
    many = [[f"S{i}", "DRAW", "某", f"138{i:08}", *ANNA[4:]] for i in range(2_500)]
    address = checked(csv_bytes([HEADINGS, *many, BAD]))
    page = operator.get(f"{address}/review").text
    assert "2,500" in page
    assert "2502" in page  # the row of the example
    assert "+861380013" not in page
    assert "138****0013" not in page
    job = rows.scalars(select(Import)).one()
    assert (job.checked["accepted"], job.checked["rejected"], job.accepted) == (2_500, 1, 0)


def test_a_column_corrected_by_hand_is_read_like_that_and_remembered(operator, checked, work, rows):
    odd = [*HEADINGS[:2], "称谓栏", *HEADINGS[3:]]
    address = checked(csv_bytes([odd, ANNA]))
    assert choices(operator.get(f"{address}/columns").text)["col-2"] == ""
    assert map_columns(operator, address, **{"col-2": "name"}).status_code == 303
    work("hq.check_imports")
    begin(operator, address, remember="1")
    work("hq.imports")
    assert rows.scalars(select(Signup)).one().name == "陈安娜"
    again = checked(csv_bytes([odd, BORIS]), "下一份.csv")
    assert choices(operator.get(f"{again}/columns").text)["col-2"] == "name"
    assert rows.scalar(select(func.count()).select_from(ImportMapping)) == 1


def test_without_its_needed_column_a_file_is_not_counted_and_cannot_start(operator, checked):
    odd = [heading if heading != "手机号" else "某某" for heading in HEADINGS]
    address = checked(csv_bytes([odd, ["", "", "", "无"] + [""] * 7]))
    page = operator.get(f"{address}/columns").text
    assert "k-note-warn" in page
    assert begin(operator, address).status_code == 409


def test_a_column_of_phones_without_a_name_is_guessed_from_its_values(operator, checked):
    odd = [heading if heading != "手机号" else "某某" for heading in HEADINGS]
    page = operator.get(f"{checked(csv_bytes([odd, ANNA, BORIS]))}/columns").text
    assert choices(page)["col-3"] == "phone"
    assert "k-row-ask" in page


def test_two_columns_for_one_meaning_are_refused_and_the_choice_stays_on_the_form(operator, checked, rows):
    address = checked(csv_bytes([HEADINGS, ANNA]))
    answer = map_columns(operator, address, **{"col-10": "name"})
    assert answer.status_code == 422
    assert choices(answer.text)["col-10"] == "name"
    assert 'role="alert"' in answer.text
    assert rows.scalars(select(Import)).one().reading["fields"]["10"] == "note"


def test_of_two_operators_the_second_sees_the_first_ones_change_and_overwrites_nothing(
    operator, browser, hq_person, checked
):
    address = checked(csv_bytes([HEADINGS, ANNA]))
    other = enter(browser, hq_person)
    seen = other.get(f"{address}/columns").text
    map_columns(operator, address, **{"col-10": ""})
    late = other.post(f"{address}/columns", {"version": version(seen), **choices(seen), "col-2": ""})
    assert late.status_code == 409
    now = other.get(f"{address}/columns").text
    assert (choices(now)["col-10"], choices(now)["col-2"]) == ("", "name")
    assert "k-note-warn" in other.get(f"{address}/check?version={version(seen)}").text


def test_another_sheet_and_another_heading_can_be_chosen(operator, checked):
    def shape(sheet):
        other = sheet.parent.create_sheet("名单2")
        for row in (["谁", "号码"], ["姓名", "电话"], ["陈", "13800138000"]):
            other.append(row)

    address = checked(xlsx_bytes([HEADINGS, ANNA], shape), "two.xlsx")
    map_columns(operator, address, sheet="名单2")
    page = operator.get(f"{address}/columns").text
    assert choices(page)["col-1"] == "phone"
    map_columns(operator, address, heading_row="1")
    page = operator.get(f"{address}/columns").text
    assert choices(page)["heading_row"] == "1"
    assert "号码" in page


def test_a_cover_sheet_does_not_hide_the_list_behind_it(operator, checked):
    def shape(sheet):
        sheet.parent.create_sheet("封面", 0).append(["市场部导出，仅供内部使用"])

    page = operator.get(f"{checked(xlsx_bytes([HEADINGS, ANNA], shape), 'cover.xlsx')}/columns").text
    assert "phone" in choices(page).values()


def test_pressing_import_twice_imports_once(operator, checked, work, rows):
    address = checked(csv_bytes([HEADINGS, ANNA]))
    page = operator.get(f"{address}/review").text
    for _ in range(2):
        assert operator.post(f"{address}/start", {"version": version(page)}).status_code == 303
    work("hq.imports")
    assert operator.post(f"{address}/start", {"version": version(page)}).status_code == 303
    assert rows.scalar(select(func.count()).select_from(Signup)) == 1
    assert rows.query(AuditEntry).filter_by(action="import:start").count() == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<!DOCTYPE html><html></html>", "网页"),
        (b"\x89PNG\r\n", "PNG"),
        (b"  \n", "没有名单"),
        (b"PK\x03\x04", "损坏"),
    ],
)
def test_what_is_no_list_is_refused_at_once_beside_the_field_and_not_kept(operator, rows, content, words):
    answer = send(operator, content)
    assert answer.status_code == 422
    assert words in answer.text
    assert rows.scalar(select(func.count()).select_from(Import)) == 0


def test_what_only_shows_when_it_is_opened_is_refused_on_its_page(operator, work):
    answer = send(operator, b"\x00\x01\x02\x03" * 50)
    work()
    assert "Excel" in operator.get(answer.location).text or "xlsx" in operator.get(answer.location).text


def test_the_same_file_again_is_noticed_with_a_link_and_wants_a_tick(operator, imported, checked):
    content = csv_bytes([HEADINGS, ANNA])
    first = imported(content)
    second = checked(content)
    assert second != first
    assert f'href="{first}"' in operator.get(f"{second}/columns").text
    refused = begin(operator, second)
    assert refused.status_code == 409
    assert 'name="again"' in refused.text
    assert begin(operator, second, again="1").status_code == 303


def test_a_file_that_is_being_prepared_is_not_laid_down_twice(operator):
    content = csv_bytes([HEADINGS, ANNA])
    assert send(operator, content).location == send(operator, content).location


def test_a_file_thrown_away_is_gone_and_nothing_was_imported(operator, checked, rows, settings):
    address = checked(csv_bytes([HEADINGS, ANNA]))
    operator.get(f"{address}/columns")
    key = rows.scalars(select(Import)).one().file_key
    assert operator.post(f"{address}/drop").status_code == 303
    rows.rollback()
    assert rows.scalars(select(Import)).one().state == "dropped"
    assert not (settings.var / "files" / key).exists()


def test_an_import_can_be_stopped_and_gone_on_with(operator, checked, work, settings, rows, monkeypatch):
    monkeypatch.setattr(service, "CHUNK", 10)
    many = [[f"S{i}", "DRAW", "某", f"138{i:08}", *ANNA[4:]] for i in range(35)]
    address = checked(csv_bytes([HEADINGS, *many]))
    begin(operator, address)
    with at_work(settings.worker()) as place:
        attempt(place, find("hq.imports"))
    operator.get(address)
    assert operator.post(f"{address}/stop").status_code == 303
    work("hq.imports")
    page = operator.get(address).text
    assert "10" in re.search(r'<div class="k-ask.*?</div>', page, re.DOTALL)[0]
    assert rows.scalar(select(func.count()).select_from(Signup)) == 10
    operator.post(f"{address}/go-on")
    work("hq.imports")
    assert rows.scalar(select(func.count()).select_from(Signup)) == 35


def test_without_a_file_the_form_says_so(operator):
    answer = operator.post("/hq/imports", {"kind": "signups", "campaign": ""}, content_type="multipart/form-data")
    assert answer.status_code == 422


def test_which_words_people_agreed_to_can_be_said_and_is_counted_anew(operator, checked, work, rows):
    address = checked(csv_bytes([HEADINGS, ANNA]))
    page = operator.get(f"{address}/review").text
    operator.post(f"{address}/review", {"version": version(page), "claim": "nobody"})
    work("hq.check_imports")
    begin(operator, address)
    work("hq.imports")
    assert rows.scalars(select(Signup)).one().share_text_id is None


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_rejected_rows_come_as_text_with_row_and_reason_and_leave_a_trace(operator, imported, rows, kind):
    address = imported(csv_bytes([HEADINGS, ANNA, BAD]))
    operator.get(address)
    answer = operator.post(f"{address}/rejected.{kind}")
    assert answer.status_code == 200
    if kind == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
        lines = [[cell.value for cell in row] for row in sheet.iter_rows()]
        assert sheet["E2"].data_type == "s"
        assert lines[1][4] == "=王短"
    else:
        lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
        assert lines[1][4] == "'=王短"
        assert lines[1][5] == "'+861380013"
    assert lines[0][2:] == HEADINGS
    assert int(lines[1][0]) == 3
    assert rows.query(AuditEntry).filter_by(action="import:take_rejected").count() == 1


def corrected(here, address: str, **cells: str) -> bytes:
    """The downloaded rejected rows with some cells changed."""
    here.get(address)
    book = openpyxl.load_workbook(io.BytesIO(here.post(f"{address}/rejected.xlsx").data))
    for place, value in cells.items():
        book.active[place] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_corrected_rows_are_read_like_the_first_file_and_taken_once(operator, imported, work, rows):
    odd = [*HEADINGS[:3], "怎么联系", *HEADINGS[4:]]
    first = imported(csv_bytes([odd, ANNA, ["S9", *BORIS[1:]], BAD]), "名单.csv")
    fixed = corrected(operator, first, F2="13800138007")
    operator.get(first)
    second = send(operator, fixed, "改正.xlsx", address=f"{first}/again").location
    work("hq.check_imports")
    assert choices(operator.get(f"{second}/columns").text)["col-5"] == "phone"
    begin(operator, second)
    work("hq.imports")
    assert rows.scalar(select(func.count()).select_from(Signup)) == 3
    assert "改正.xlsx" in operator.get(first).text

    whole = csv_bytes([odd, ANNA, [*BAD[:3], "13800138007", *BAD[4:]], BORIS])
    operator.get(first)
    third = send(operator, whole, "全部.csv", address=f"{first}/again").location
    work("hq.check_imports")
    begin(operator, third)
    work("hq.imports")
    job = rows.scalars(select(Import).where(Import.file_name == "全部.csv")).one()
    assert (job.accepted, job.skipped, job.rejected) == (1, 2, 0)


def test_a_dealer_list_goes_through_the_same_steps(operator, imported, rows):
    headings = ["经销商编码", "门店编码", "省", "市"]
    address = imported(csv_bytes([headings, ["D1", "QJ1", "广东", "广州"], ["D1", "", "", ""]]), kind="stores")
    page = operator.get(address).text
    assert "2 / 2" in page
    assert rows.scalars(select(Import)).one().checked["new"] == 1


def test_an_undo_says_what_it_does_before_it_is_done_and_leaves_the_rows_in_the_books(operator, imported, work, rows):
    address = imported(csv_bytes([HEADINGS, ANNA, BORIS]))
    work("hq.qualify")
    page = operator.get(f"{address}/undo").text
    assert re.search(r"<b>2</b></td><td><b>", page)
    for _ in range(2):
        assert operator.post(f"{address}/undo", {"kind": "undo"}).status_code == 303
    work("hq.undo_imports")
    assert {one.outcome for one in rows.scalars(select(Signup))} == {"undone"}
    assert "已撤销" in operator.get(address).text
    assert rows.query(AuditEntry).filter_by(action="import:undo").count() == 1
    assert operator.get(f"{address}/undo").status_code == 303


def test_an_analyst_sees_no_imports(browser, hq_person):
    here = browser()
    sign_in(here, "/hq", hq_person(Role.ANALYST).login)
    assert here.get("/hq/imports").status_code == 403
    assert here.post("/hq/imports").status_code == 403
