"""A list of people to invite, as lines or as a spreadsheet: name, phone, store codes, role. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.contacts.phones import Phone, parse_phone
from shared.identity.permissions import Role

MOST = 500
COLUMNS = ("name", "phone", "stores", "role")
_SPLIT = re.compile(r"\t|[,，;；]|\s{2,}")
_SPACES = re.compile(r"\s+")
_CODES = re.compile(r"[/+、|]+")
_HEADINGS = {
    "name": ("姓名", "称呼", "名字", "人员", "name"),
    "phone": ("手机", "电话", "号码", "账号", "phone", "mobile"),
    "stores": ("门店", "店铺", "编号", "编码", "store", "code"),
    "role": ("角色", "职位", "岗位", "职务", "role"),
}
_ROLES = {
    "店长": Role.STORE_MANAGER,
    "经理": Role.STORE_MANAGER,
    "销售": Role.SALESPERSON,
    "顾问": Role.SALESPERSON,
    "导购": Role.SALESPERSON,
    "店员": Role.SALESPERSON,
    "负责人": Role.DEALER_OWNER,
    "老板": Role.DEALER_OWNER,
    "owner": Role.DEALER_OWNER,
    "manager": Role.STORE_MANAGER,
    "sales": Role.SALESPERSON,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One person as written. `e164` and `role` are None when they cannot be read; `problem` says what is wrong first.

    Attributes:
        number: of the line, from 1.
        problem: a code, such as name_missing, phone_length, role_unknown; None when all can be read.
    """

    number: int
    name: str
    phone: str
    e164: str | None
    stores: tuple[str, ...]
    role: Role | None
    problem: str | None


def read_lines(text: str) -> list[Line]:
    """The people of a text, a line each; empty lines and a heading are left out."""
    order: Sequence[str] = COLUMNS
    found: list[Line] = []
    for number, raw in enumerate(text.splitlines(), 1):
        cells = _cells(raw)
        if not any(cells):
            continue
        if not found and (headed := _heading(cells)):
            order = headed
            continue
        found.append(_line(number, dict(zip(order, cells, strict=False))))
    return _twice(found)


def as_text(rows: Iterable[Sequence[str]]) -> str:
    """Rows of a spreadsheet, the heading among them, as a text that `read_lines` reads."""
    return "\n".join("\t".join(_SPACES.sub(" ", cell).strip() for cell in row).rstrip("\t") for row in rows)


def _cells(raw: str) -> list[str]:
    cells = [cell.strip() for cell in _SPLIT.split(raw.strip())]
    # People also part the columns by single spaces; a phone may have some inside.
    return cells if len(cells) > 1 else _SPACES.split(raw.strip())


def _heading(cells: Sequence[str]) -> list[str] | None:
    """The columns in the order of a heading; None when the line is none."""
    order = []
    for cell in cells:
        known = (name for name, words in _HEADINGS.items() if any(word in cell.lower() for word in words))
        order.append(next(known, ""))
    return order if {"name", "phone"} <= set(order) else None


def _line(number: int, cells: dict[str, str]) -> Line:
    name, typed = cells.get("name", ""), cells.get("phone", "")
    phone = parse_phone(typed)
    codes = tuple(dict.fromkeys(code.strip() for code in _CODES.split(cells.get("stores", "")) if code.strip()))
    role = read_role(cells.get("role", ""))
    problem = None
    if not name or len(name) > 60:
        problem = "name_missing"
    elif not isinstance(phone, Phone):
        problem = phone.code
    elif role is None:
        problem = "role_unknown"
    elif not codes:
        problem = "store_missing"
    return Line(number, name, typed, phone.e164 if isinstance(phone, Phone) else None, codes, role, problem)


def read_role(text: str) -> Role | None:
    """The role that a word means; nothing means a salesperson."""
    plain = text.strip().lower()
    if not plain:
        return Role.SALESPERSON
    return next((role for word, role in _ROLES.items() if word in plain or plain == role.value), None)


def _twice(lines: Sequence[Line]) -> list[Line]:
    """A number that stands twice is somebody twice: the second line says so."""
    seen: set[str] = set()
    out = []
    for line in lines:
        again = line.e164 is not None and line.e164 in seen and line.problem is None
        if line.e164:
            seen.add(line.e164)
        out.append(
            Line(
                line.number,
                line.name,
                line.phone,
                line.e164,
                line.stores,
                line.role,
                "phone_twice" if again else line.problem,
            )
        )
    return out
