"""Small spreadsheets for the tests, made of invented people."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

HEADINGS = ["报名编号", "活动", "姓名", "手机号", "省", "市", "区县", "区县代码", "报名时间", "同意转给经销商", "备注"]
ANNA = ["S1", "DRAW", "陈安娜", "13800138000", "广东省", "广州市", "天河区", "440106", "2026/11/10 9:05", "是", ""]
BORIS = ["S2", "DRAW", "林波", "13900139000", "广东省", "广州市", "", "", "10-11-2026 09:06", "否", "老客户"]


def csv_bytes(rows: Iterable[Sequence[object]], *, encoding: str = "utf-8", end: str = "\r\n", sep: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator=end, delimiter=sep).writerows(rows)
    return out.getvalue().encode(encoding)


def xlsx_bytes(rows: Iterable[Sequence[object]], shape: Callable[[Worksheet], None] = lambda sheet: None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    shape(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(workbook: bytes, name: str, content: bytes) -> bytes:
    """The workbook with one of its parts replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return out.getvalue()
