"""Numbers in odd places of a list: no table holds one in plain, whatever became of the row."""

from __future__ import annotations

from sqlalchemy import text

from tests import factories as make
from tests.unit.intake.workbooks import csv_bytes

NUMBER, OTHER = "13912345678", "13812345678"
HEADINGS = ["报名编号", "活动", "姓名", "手机号", "意向车型", "备注"]
TABLE = [
    [f"联系人 {OTHER}", "", "", "", "", "", OTHER],
    HEADINGS,
    [NUMBER, "DRAW", f"王{NUMBER}", "139-1234-5678", f"Q1 {NUMBER}", f"回电 {NUMBER}"],
    ["S2", NUMBER, "李", NUMBER, "Q1", ""],
    ["S3", "DRAW", NUMBER, "1391234567", "Q1", ""],
]


def plain(rows) -> list[tuple[str, str]]:
    """(table, row) of every row that shows a number as a dump of the database would."""
    rows.rollback()
    tables = rows.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
    everything = [(table, row) for table in tables for row in rows.scalars(text(f"SELECT t::text FROM {table} t"))]
    return [(table, row) for table, row in everything if NUMBER in row or OTHER in row]


def test_no_table_shows_a_number_that_stood_anywhere_in_a_list(rows, upload, work, found):
    campaign = make.campaign(rows, code="DRAW", name="金秋抽奖季")
    make.share_text(rows, campaign, [make.dealer(rows)])
    rows.commit()
    import_id = upload(csv_bytes(TABLE), file_name=f"王小明{NUMBER}\r\n\0.csv")
    work()
    assert (found(import_id).accepted, found(import_id).rejected) == (1, 2)
    assert plain(rows) == []
    assert found(import_id).file_name == "王小明***   .csv"


def test_a_list_whose_columns_are_missing_does_not_show_its_title_either(rows, upload, work, found):
    import_id = upload(csv_bytes([["姓名", "城市", f"找王 {NUMBER}"], ["王", "杭州", "x"], ["李", "宁波", "y"]]))
    work()
    assert found(import_id).state == "refused"
    assert plain(rows) == []
