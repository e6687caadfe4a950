"""Whatever people send: a file is a list or refused, a row is accepted or rejected; nothing else happens."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from hypothesis import given, settings
from hypothesis import strategies as st

from hq.intake.imports.columns import SIGNUPS, STORES
from hq.intake.imports.grid import Refused, Row
from hq.intake.imports.lists import open_list
from hq.intake.imports.signup_rows import RejectedRow, SignupRow, read_row
from hq.intake.imports.store_rows import StoreReader, StoreRow
from tests.unit.intake.test_signup_rows import HEADINGS as EVERY_COLUMN
from tests.unit.intake.workbooks import ANNA, BORIS, HEADINGS, csv_bytes

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CELLS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["13800138000", "是", "2026/11/10", "440106", "1.38E+10", "不限", "\ufffd", "=1+1", "\x00", "９"]),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.dates(min_value=date(1, 1, 1)),
    st.times().map(lambda at: time(at.hour, at.minute)),
)
DAMAGE = st.frozensets(st.sampled_from(["whole_row_quoted", "truncated_row", "undecodable_bytes", "unclosed_quote"]))
STORE_HEADINGS = [aliases.split()[0] for aliases in STORES.aliases.values()]


@given(st.lists(CELLS, max_size=len(EVERY_COLUMN) + 1), DAMAGE)
@settings(max_examples=150, deadline=None)
def test_any_row_of_a_sign_up_list_is_accepted_or_rejected(cells, damage):
    found = read_row(Row(2, cells, damage), SIGNUPS.read(EVERY_COLUMN), now=NOW)
    assert isinstance(found, SignupRow | RejectedRow)


@given(st.lists(CELLS, max_size=len(STORE_HEADINGS) + 1), DAMAGE)
@settings(max_examples=150, deadline=None)
def test_any_row_of_a_dealer_list_is_accepted_or_rejected(cells, damage):
    found = StoreReader(STORES.read(STORE_HEADINGS)).read(Row(2, cells, damage))
    assert isinstance(found, StoreRow | RejectedRow)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_damaged_text_is_a_list_or_refused(data):
    content = bytearray(csv_bytes([HEADINGS, ANNA, BORIS], encoding=data.draw(st.sampled_from(["utf-8", "gb18030"]))))
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=6))
    try:
        opened = open_list("signups", bytes(content), "list.csv")
        for row in opened.rows():
            read_row(row, opened.columns, now=NOW)
    except Refused:
        return
