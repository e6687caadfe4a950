"""A pasted list of people is read as people write it."""

from __future__ import annotations

import pytest

from hq.admin.bulk_text import as_text, read_lines
from shared.identity.permissions import Role


@pytest.mark.parametrize(
    "text",
    [
        "王芳\t138 0000 0001\tS1\t店长",
        "王芳,13800000001,S1,店长",
        "王芳，138-0000-0001，S1，店长",
        "王芳 13800000001 S1 店长",
        "手机号\t角色\t姓名\t门店编号\n13800000001\t店长\t王芳\tS1",
        "\n王芳；+86 13800000001；S1；manager\n\n",
    ],
)
def test_columns_are_parted_as_people_part_them(text):
    (line,) = read_lines(text)
    assert (line.name, line.e164, line.stores, line.role) == ("王芳", "+8613800000001", ("S1",), Role.STORE_MANAGER)
    assert line.problem is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("王芳,0571-88886666,S1", "phone_landline"),
        ("王芳,,S1", "phone_missing"),
        (",13800000001,S1", "name_missing"),
        ("王芳,13800000001,,店长", "store_missing"),
        ("王芳,13800000001,S1,皇帝", "role_unknown"),
    ],
)
def test_what_is_wrong_is_named(text, problem):
    assert read_lines(text)[0].problem == problem


def test_several_stores_no_role_and_twice_the_same_number():
    first, second = read_lines("甲,13800000001,S1/S2\n乙,138 0000 0001,S3")
    assert (first.stores, first.role, first.problem) == (("S1", "S2"), Role.SALESPERSON, None)
    assert second.problem == "phone_twice"


def test_a_spreadsheet_becomes_lines_that_read_the_same():
    text = as_text([["姓名", "手机号", "门店编号", "角色"], ["王 芳", "13800000001", "S1", ""]])
    (line,) = read_lines(text)
    assert (line.name, line.e164, line.role) == ("王 芳", "+8613800000001", Role.SALESPERSON)
