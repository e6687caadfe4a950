"""How a file is to be read: kept in its stored form, guessed, carried over, and shown without anybody's number."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from hq.intake.imports import masking, sample
from hq.intake.imports.columns import SIGNUPS
from hq.intake.imports.grid import Grid, Note, Row
from hq.intake.imports.reading import Reading, carried_over, doubts_of, fingerprint, guess

CELLS = ["陈", 13800138000, 1.5, True, datetime.fromisoformat("2026-11-10T09:05"), date(2026, 11, 10), time(9, 5), ""]


def test_a_reading_survives_its_stored_form():
    reading = Reading(sheet="名单", heading_row=3, fields={0: "name", 12: "phone"}, claim="nobody", guessed=(12,))
    assert Reading.from_json(reading.as_json()) == reading
    assert Reading.from_json(None) == Reading()


def test_a_sample_gives_back_every_kind_of_cell_with_what_happened_to_the_row():
    row = Row(4, CELLS, frozenset({"whole_row_quoted"}), frozenset({1}))
    grid = Grid("xlsx", lambda: iter([row]), (Note("encoding", {"name": "GB18030"}),), "名单")
    (again,) = sample.from_bytes(sample.to_bytes(sample.take([grid])))
    assert (list(again.rows()), again.notes, again.name) == ([row], grid.notes, "名单")


def test_a_sample_is_small_whatever_the_file_is():
    rows = [Row(n, ["x" * 5_000] * 900) for n in range(1, 500)]
    (kept,) = sample.take([Grid("csv", lambda: iter(rows))])
    assert len(sample.to_bytes([kept])) < 10_000_000
    assert max(len(row.cells) for row in kept.rows()) == 300


def test_headings_are_the_same_whatever_their_case_and_blanks():
    assert fingerprint(["姓名", "Phone No"]) == fingerprint([" 姓名 ", "phone no"])
    assert fingerprint(["姓名", "手机号"]) != fingerprint(["手机号", "姓名"])


def test_a_corrected_file_is_read_like_the_first_without_the_columns_that_were_added():
    fields = carried_over(
        ["称谓栏", "怎么联系"], {0: "name", 1: "phone"}, ["行号", "没有导入的原因", "称谓栏", "怎么联系"]
    )
    assert fields == {2: "name", 3: "phone"}


def test_a_column_of_phones_needs_no_name():
    rows = [Row(n, ["陈", phone]) for n, phone in ((2, "13800138000"), (3, "139 0013 9000"), (4, ""))]
    found = guess(SIGNUPS, ["谁", "某某"], rows, Reading())
    assert (found.fields, found.guessed) == ({1: "phone"}, (1,))


@pytest.mark.parametrize(
    "heading",
    [
        "同意给经销商",
        "是否同意转给经销商",
        "同意提供给门店（是/否）",
        "Consent to pass to dealers",
        "Share with dealers",
    ],
)
def test_consent_to_pass_the_number_on_is_known_by_what_people_call_it(heading):
    assert SIGNUPS.guess(["手机号", heading]) == {0: "phone", 1: "share"}


@pytest.mark.parametrize("heading", ["不同意给经销商", "经销商", "同意", "同意接收短信"])
def test_nothing_else_is_taken_for_that_consent(heading):
    assert "share" not in SIGNUPS.guess(["手机号", heading]).values()


def test_doubts_name_what_two_columns_share_and_what_is_missing():
    doubts = doubts_of({0: "name", 1: "name"}, ("phone",))
    assert (list(doubts.twice), list(doubts.missing)) == (["name"], ["phone"])
    assert not doubts_of({0: "phone"}, ("phone",))


@pytest.mark.parametrize(
    ("kind", "field", "text", "shown"),
    [
        ("signups", "phone", "13800138000", "138******00"),
        ("signups", "phone", "+86 138 0013 800", "+86 1** **** *00"),
        ("signups", "phone", "张三 1380013", "… 138**13"),
        ("signups", "name", "陈安娜", "陈**"),
        ("stores", "name", "天河店", "天河店"),
        ("stores", "manager_name", "林波", "林*"),
        ("signups", "", "问 13800138000", "问 138****8000"),
        ("signups", "openid", "oAbCdEfGh", "oAbC…"),
    ],
)
def test_a_cell_is_shown_without_anybodys_number_or_name(kind, field, text, shown):
    assert masking.shown(kind, field, text) == shown
