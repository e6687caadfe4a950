"""A store's own values in HQ's copy."""

import pytest

from content_library.copy import StoreValues, UnknownVariable, check, fill

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
