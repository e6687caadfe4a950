"""Workbooks such as an agency sends: people of a roadshow, some rows unusable, imported like any other; and another
one that waits for somebody to look at it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random

import xlsxwriter

from hq.demo import crowd
from hq.demo.network import Site
from hq.intake.imports.command_line import import_file
from hq.intake.imports.files import ImportFiles
from hq.intake.imports.upload import Upload, lay_down
from shared.db.session import make_engine, now_of, unit_of_work
from shared.identity.actor import system
from shared.platform.settings import Settings
from shared.regions import divisions

_ROWS = 60
_FIRST_NUMBER = 4_800
_HEADINGS = ("报名编号", "姓名", "手机号", "省", "市", "区县", "意向车型", "购车时间", "同意转给经销商", "备注")
_HORIZONS = ("马上", "一个月内", "三个月内", "半年内", "以后再说")
_UNUSABLE = {7: "1380000", 19: "没留", 33: "021-5550", 48: ""}


def leave(settings: Settings, sites: Sequence[Site]) -> None:
    """Upload another roadshow's list, as somebody does who then goes home: its columns are still to be looked at."""
    engine = make_engine(settings.role_urls["hq"], pool_size=1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "周末商场外展报名.xlsx"
        _write(path, sites, first=_FIRST_NUMBER + _ROWS)
        upload = Upload(kind="signups", file_name=path.name, content=path.read_bytes())
    files = ImportFiles.below(settings.var, settings.hq().keys)
    with unit_of_work(engine) as session:
        lay_down(session, upload=upload, files=files, actor=system("demo"), now=now_of(session))
    engine.dispose()


def bring(settings: Settings, campaign: str, sites: Sequence[Site]) -> None:
    """Import the roadshow's list into a campaign that takes sign-ups."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "郑州路演报名.xlsx"
        near = [site for site in sites if site.county.province_code == "410000"] or sites
        _write(path, near, first=_FIRST_NUMBER)
        import_file(settings, kind="signups", path=path, campaign=campaign, again=False, progress=lambda _facts: None)


def _write(path: Path, sites: Sequence[Site], *, first: int) -> None:
    rnd = Random(first)  # noqa: S311 - the demo is the same every time
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("报名")
    sheet.write_row(0, 0, (f"锦程电动车 {path.stem}", *("" for _ in _HEADINGS[1:])))
    sheet.write_row(1, 0, _HEADINGS)
    for number in range(_ROWS):
        near = rnd.choice(sites)
        said = crowd.person(first + number, sites, rnd)
        phone = _UNUSABLE.get(number, f"138 0000 {first + number}")
        model = said.interest.get("model", "")
        place = (
            *divisions.names_of(filter(None, (near.county.province_code, near.county.city_code))).values(),
            near.county.name,
        )
        agreed = rnd.choice(("是", "是", "是", "否"))
        sheet.write_row(
            2 + number, 0, (f"LY{number:03}", said.name, phone, *place, model, rnd.choice(_HORIZONS), agreed, "")
        )
    book.close()
