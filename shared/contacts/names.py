"""Names of people as a screen may show them before the store holds the lead."""

from __future__ import annotations

# The double surnames that are still common; of any other name the first character is the surname.
_DOUBLE_SURNAMES = frozenset(
    {"欧阳", "上官", "司马", "司徒", "诸葛", "皇甫", "尉迟", "公孙", "慕容", "令狐", "宇文", "长孙"}
    | {"夏侯", "轩辕", "东方", "南宫", "端木", "独孤", "呼延", "澹台", "闻人", "申屠"}
)


def surname(name: str) -> str:
    """The family name: a known double surname, else the first character; of a Latin name its first letter."""
    text = name.strip()
    return text[:2] if text[:2] in _DOUBLE_SURNAMES and len(text) > 2 else text[:1]


def mask_name(name: str) -> str:
    """`陈**` for 陈小明, `欧阳*` for 欧阳锋, `陈` for 陈 alone; empty stays empty."""
    text = name.strip()
    family = surname(text)
    return family + "*" * min(len(text) - len(family), 2)
