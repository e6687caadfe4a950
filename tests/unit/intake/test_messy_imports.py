"""Real broken files met on the way. They are not ours to ship, so they are tried where they lie."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from hq.intake.imports.columns import SIGNUPS
from hq.intake.imports.grid import Refused
from hq.intake.imports.sheet import open_sheet

FOLDER = Path("/work/shared/data/messy_imports")


def content(name: str) -> bytes:
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"{path} is not on this machine")
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


@pytest.mark.parametrize(("name", "reason"), [("html_page_named.csv", "web_page"), ("stub_20_bytes.csv", "empty")])
def test_what_is_no_table_is_refused(name, reason):
    with pytest.raises(Refused) as caught:
        open_sheet(content(name), name, known=SIGNUPS.knows)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [
        ("whole_row_quoted_leads.csv.gz", 9_240, 37),
        ("cr_only_title_row_237_empty_columns.csv.gz", None, None),
        ("xlsx_named.csv", 9_240, 37),
        ("dates_dd-mm-yyyy.csv.gz", 8_000, None),
        ("bom_truncated_last_row.csv", 31, 11),
    ],
)
def test_what_is_a_table_is_read_and_then_refused_for_its_missing_phones(name, rows, columns):
    sheet = open_sheet(content(name), name.removesuffix(".gz"), known=SIGNUPS.knows)
    found = list(sheet.rows())
    assert rows in (None, len(found))
    assert columns in (None, len(sheet.headings))
    with pytest.raises(Refused) as caught:
        SIGNUPS.read(sheet.headings)
    assert caught.value.reason == "column_missing"


def test_rows_quoted_into_one_cell_are_all_taken_apart():
    sheet = open_sheet(content("whole_row_quoted_leads.csv.gz"), "leads.csv", known=SIGNUPS.knows)
    rows = list(sheet.rows())
    assert {len(row.cells) for row in rows} == {37}
    assert sum("whole_row_quoted" in row.damage for row in rows) == 338


def test_a_table_without_a_heading_is_refused():
    name = "no_header_row.csv.gz"
    with pytest.raises(Refused) as caught:
        open_sheet(content(name), "list.csv", known=SIGNUPS.knows)
    assert caught.value.reason == "no_heading"
