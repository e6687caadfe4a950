"""A folder in the form of `make_signups.py`, made here from a few dozen invented people with every kind of trouble."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl

from shared.platform.clock import BEIJING

START = datetime(2026, 11, 10, 9, 0, tzinfo=BEIJING)
_COUNTIES = (("浙江省", "杭州市", "西湖区", "330106"), ("四川省", "成都市", "武侯区", "510107"))
_CAMPAIGNS = {"DRAW": "锦鲤星期五", "RIDE": "千店试骑"}
_HEADINGS = [
    *("报名编号", "活动", "渠道", "门店编码", "姓名", "手机号", "省", "市", "区县", "区县代码"),
    *("意向车型", "购车时间", "抽奖次数", "预约试驾", "到店", "报名时间", "微信OpenID", "设备号", "IP"),
    *("同意营销", "同意转给经销商", "手机号", "备注"),
]
_STORES = [
    *("经销商编码", "经销商名称", "门店编码", "门店名称", "省", "市", "区县", "区县代码"),
    *("详细地址", "经度", "纬度", "坐标系", "店长姓名", "店长手机", "营业时间", "每日线索上限"),
]
_DEFECTS = {
    # defect: how the cell reads, what a CSV and what a workbook importer must make of it
    "phone_scientific": (lambda n: f"{float(n):.2E}", "reject:phone_rounded", "repair"),
    "phone_fullwidth": (lambda n: "".join(chr(ord(d) + 0xFEE0) for d in n), "repair", "repair"),
    "phone_plus86": (lambda n: "+86" + n, "repair", "repair"),
    "phone_0086": (lambda n: "0086" + n, "repair", "repair"),
    "phone_separators": (lambda n: f"{n[:3]} {n[3:7]} {n[7:]}", "repair", "repair"),
    "phone_two_in_cell": (lambda n: n + "/13612345678", "repair", "repair"),
    "phone_short": (lambda n: n[:-2], "reject:phone_length", "reject:phone_length"),
    "phone_long": (lambda n: n + "9", "reject:phone_length", "reject:phone_length"),
    "phone_landline": (lambda n: "010-8" + n[-7:], "reject:phone_landline", "reject:phone_landline"),
}


@dataclass(slots=True)
class Row:
    """One sign-up and the truth about it."""

    number: int
    person: str
    phone: str
    openid: str
    device: str
    minutes: int
    defect: str = ""
    issue: str = ""
    ring: bool = False
    share: bool = True
    draws: int = 1
    lines: dict[str, list[str]] = field(default_factory=lambda: {"first": [], "retry": [], "conflict": []})

    @property
    def row_id(self) -> str:
        return f"S{self.number:06d}"

    @property
    def at(self) -> datetime:
        return START + timedelta(minutes=self.minutes)

    @property
    def campaign(self) -> str:
        return "RIDE" if self.number % 3 == 0 else "DRAW"

    @property
    def county(self) -> tuple[str, ...]:
        return _COUNTIES[self.number % 2]

    def event(self, **changed: Any) -> dict[str, Any]:
        phone = None if self.issue == "missing" else self.phone[:-1] if self.issue == "short" else self.phone
        body = {
            "idempotency_key": f"key-{self.number}",
            "campaign_code": self.campaign,
            "touchpoint": "mini_program",
            "openid": self.openid,
            "phone": phone,
            "phone_verified": "wechat",
            "name": "陈小明",
            "interest": {"model": "青骥 Q1", "purchase_horizon": "1m"},
            "actions": {"draws": self.draws, "booked_test_ride": False, "visited_store": False},
            "region": {"county_code": self.county[3]},
            "device_id": self.device,
            "ip": f"36.1.{self.number % 250}.7",
            "user_agent": "MicroMessenger/8.0.52",
            "occurred_at": self.at.isoformat(timespec="milliseconds"),
            "consents": {"marketing": True, "share_with_dealer": self.share},
        }
        return {name: value for name, value in (body | changed).items() if value is not None}

    def cells(self) -> list[str]:
        shown = {"short": self.phone[:-1], "missing": ""}.get(self.issue, self.phone)
        if self.defect in _DEFECTS:
            shown = _DEFECTS[self.defect][0](self.phone)
        yes = {True: "是", False: "否"}
        when = f"{self.at.year}/{self.at.month}/{self.at.day} {self.at.hour}:{self.at:%M}"
        note = "=cmd|' /C calc'!A0" if self.defect == "csv_injection" else ""
        head = [self.row_id, _CAMPAIGNS[self.campaign], "小程序", "", "陈小明", shown, *self.county]
        deeds = ["青骥 Q1", "1个月内", str(self.draws), "否", "否", when]
        return [*head, *deeds, self.openid, self.device, f"36.1.{self.number % 250}.7", "是", yes[self.share], "", note]

    def truth(self) -> dict[str, Any]:
        rejected = {"short": "reject:phone_length", "missing": "reject:phone_missing"}.get(self.issue)
        expect = _DEFECTS[self.defect][1:] if self.defect in _DEFECTS else ("accept", "accept")
        if self.defect == "csv_injection":
            expect = ("neutralise", "neutralise")
        return {
            "row_id": self.row_id,
            "jsonl_line": self.lines["first"][0],
            "retry_lines": ";".join(self.lines["retry"]),
            "conflict_lines": ";".join(self.lines["conflict"]),
            "idempotency_key": f"key-{self.number}",
            "person_id": self.person,
            "is_fraud": int(self.ring),
            "phone_norm": "" if self.issue else "+86" + self.phone,
            "phone_issue": self.issue,
            "csv_record": self.number + 2,
            "xlsx_row": self.number + 1,
            "defect": self.defect,
            "csv_expect": rejected or expect[0],
            "xlsx_expect": rejected or expect[1],
        }


def make(folder: Path) -> None:
    """Write the folder's six files."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = _rows()
    _events(folder, rows)
    _lists(folder, rows)
    _stores(folder)
    truth = [row.truth() for row in rows]
    with (folder / "truth.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(truth[0]))
        writer.writeheader()
        writer.writerows(truth)
    facts = {"summary": {"sign_ups": len(rows)}}
    (folder / "truth.json").write_text(json.dumps(facts), encoding="utf-8")


def _rows() -> list[Row]:
    people: list[tuple[Any, ...]] = []
    for n in range(40):  # ordinary people; every fourth comes again, by the phone or by the openid
        phone, openid = f"138{n:08}", f"o-{n}"
        people.append((f"P{n}", phone, openid, f"d-{n}", n * 37))
        if n % 4 == 0:
            people.append((f"P{n}", phone, f"o-again-{n}", f"d-{n}", n * 37 + 5))
        if n % 4 == 1:
            people.append((f"P{n}", f"139{n:08}", openid, f"d-{n}", n * 37 + 3000))
    rows = [Row(number, *each) for number, each in enumerate(people, 1)]
    for row, defect in zip(rows[2::5], [*_DEFECTS, "csv_injection"], strict=False):
        row.defect = defect
    rows[5].issue, rows[8].issue, rows[10].share = "short", "missing", False
    for n in range(6):  # a ring on one device
        number = len(rows) + 1
        rows.append(Row(number, f"X{n}", f"170{n:08}", f"x-{n}", "farm", 4000 + n * 2, ring=True, draws=9))
    return rows


def _events(folder: Path, rows: Sequence[Row]) -> None:
    lines: list[str] = []

    def add(row: Row, kind: str, event: dict[str, Any]) -> None:
        lines.append(json.dumps(event, ensure_ascii=False, separators=(",", ":")))
        row.lines[kind].append(str(len(lines)))

    for row in rows:
        add(row, "first", row.event())
        if row.number % 6 == 0:
            add(row, "retry", row.event())
        if row.number % 17 == 0:
            add(row, "conflict", row.event(name="另一人"))
    (folder / "signups.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _lists(folder: Path, rows: Sequence[Row]) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([["报名名单", *[""] * (len(_HEADINGS) - 1)], _HEADINGS, *[row.cells() for row in rows]])
    (folder / "报名导出.csv").write_bytes(text.getvalue().encode("gb18030"))
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(_HEADINGS)
    for row in rows:
        sheet.append([None if cell == "" else cell for cell in row.cells()])
        if row.defect == "phone_scientific":
            cell = sheet.cell(sheet.max_row, _HEADINGS.index("手机号") + 1)
            cell.value, cell.number_format = int(row.phone), "0.00E+00"
        if row.defect == "csv_injection":
            sheet.cell(sheet.max_row, len(_HEADINGS)).data_type = "s"
    book.save(folder / "报名导出.xlsx")


def _stores(folder: Path) -> None:
    places = (
        ("浙江", "杭州", "西湖区", "330106", "120.13", "30.26"),
        ("四川", "成都", "武侯区", "510107", "104.04", "30.64"),
    )
    lines = [
        [
            f"D{n}", f"青骥{place[1]}{n}销售有限公司", f"QJ{n:03}", f"青骥{place[1]}{n}店", *place[:4],
            f"{n}号", *place[4:], "BD-09", "王伟", f"1370000000{n}", "9:00-18:00", "9",
        ]
        for n, place in enumerate(places * 3)
    ]  # fmt: skip
    with (folder / "stores.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows([_STORES, *lines])
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in [_STORES, *lines]:
        sheet.append(line)
    book.save(folder / "stores.xlsx")
