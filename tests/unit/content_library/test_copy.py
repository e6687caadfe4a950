"""A store's own values in HQ's copy."""

import pytest

from content_library.copy import OpenBrace, StoreValues, UnknownVariable, check, fill, tidy

STORE = StoreValues(store="云龙万达店", manager="陈静", address="和平路 58 号")


def test_variables_of_both_languages_are_filled():
    assert fill("{门店名称}：找{店长}，{address}", STORE) == "云龙万达店：找陈静，和平路 58 号"


def test_a_store_without_a_manager_says_its_name():
    assert fill("找{店长}", StoreValues(store="东门店", manager=None, address="")) == "找东门店"


def test_an_unknown_variable_is_refused_by_name():
    with pytest.raises(UnknownVariable) as refused:
        check("你好，{顾客}")
    assert refused.value.params["variable"] == "顾客"


def test_braces_that_are_no_variable_are_left_alone():
    check("价格 {} 元\n{\n}")
    assert fill("{}", STORE) == "{}"


@pytest.mark.parametrize(
    ("written", "meant"),
    [("门店名", "门店名称"), ("店长姓名", "店长"), ("mangaer", "manager"), ("报名连接", "报名链接"), ("价格", None)],
)
def test_an_unknown_variable_comes_with_the_one_that_was_meant(written, meant):
    with pytest.raises(UnknownVariable) as refused:
        check(f"你好，{{{written}}}")
    assert refused.value.params["suggestion"] == meant


def test_braces_of_a_chinese_keyboard_count():
    assert fill(tidy("找｛店长｝"), STORE) == "找陈静"


def test_space_inside_the_braces_does_not_matter():
    assert fill("找{ 店长 }", STORE) == "找陈静"


def test_a_variable_that_is_not_closed_is_refused():
    with pytest.raises(OpenBrace):
        check("来{门店名称找我")


def test_what_a_store_does_not_have_is_its_name():
    assert fill("{地址}、{城市}", StoreValues(store="东门店", manager=None, address="")) == "东门店、东门店"
