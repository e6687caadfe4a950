"""Columns of another system's export as facts of Koi."""

from __future__ import annotations

import numpy as np
import pytest

from hq.qualification.scoring import catalogue
from hq.qualification.scoring.fit_words import refusal_sentences, remark_words
from hq.qualification.scoring.fitting.account import report_of
from hq.qualification.scoring.fitting.cells import read_column
from hq.qualification.scoring.fitting.learning import Wishes
from hq.qualification.scoring.fitting.past import Asked, past_of
from hq.qualification.scoring.fitting.refusals import FitRefused
from hq.qualification.scoring.fitting.translating import translated
from hq.qualification.scoring.foreign import SIGNED_UP, Meaning, answer, fact_of, is_late, is_person, outcome_of
from tests.unit.scoring.past_leads import write


@pytest.mark.parametrize(
    ("name", "sort", "words", "fact"),
    [
        ("预计购车时间", "word", [], "purchase_horizon"),
        ("意向车型（必填）", "word", [], "model"),
        ("来源", "word", [], "touchpoint"),
        ("离店距离(km)", "number", [], "store_km"),
        ("创建时间", "day", [], SIGNED_UP),
        ("创建时间", "word", [], None),
        ("store_km", "number", [], "store_km"),
        ("什么时候", "word", [("一周内", 40), ("1-3个月", 30), ("再看看", 9)], "purchase_horizon"),
        ("哪里", "word", [("抖音直播", 5), ("展厅", 3), ("朋友圈广告", 2)], "touchpoint"),
        ("学历", "word", [("本科", 5), ("高中", 3)], None),
        ("会员", "word", [("是", 5), ("否", 3)], None),
        ("年龄", "number", [], None),
    ],
)
def test_a_column_is_guessed_by_its_name_or_its_answers(name, sort, words, fact):
    assert fact_of(name, sort, words) == fact


@pytest.mark.parametrize(
    ("fact", "word", "said"),
    [
        ("purchase_horizon", "一周内", "now"),
        ("purchase_horizon", "30天内", "1m"),
        ("purchase_horizon", "1-3个月", "3m"),
        ("purchase_horizon", "3个月以上", "6m"),
        ("purchase_horizon", "半年以后", "later"),
        ("purchase_horizon", "within 2 weeks", "1m"),
        ("purchase_horizon", "暂不考虑", "none"),
        ("purchase_horizon", "unknown", None),
        ("budget", "3000元左右", "2000-3500"),
        ("budget", "3,500~5,000", "3500-5000"),
        ("budget", "8000以上", ">8000"),
        ("budget", "1万", ">8000"),
        ("budget", "2000以内", "<2000"),
        ("budget", "4200", "3500-5000"),
        ("current_vehicle", "燃油摩托车", "petrol_motorcycle"),
        ("current_vehicle", "没有车", "none"),
        ("touchpoint", "官方小程序", "mini_program"),
        ("touchpoint", "400电话", "phone_call"),
        ("weekday", "周日", "7"),
        ("weekday", "Tue", "2"),
        ("phone_verified", "短信验证码", "sms"),
        ("booked_test_ride", "已预约", "yes"),
        ("booked_test_ride", "0", "no"),
        ("booked_test_ride", "也许", None),
        ("model", "K1 Pro", "K1 Pro"),
    ],
)
def test_an_answer_of_another_system_is_one_of_the_facts(fact, word, said):
    assert answer(fact, word) == said


def test_the_outcome_and_what_was_filled_in_later_are_known_by_name():
    assert outcome_of(["姓名", "线索 结果", "来源"]) == "线索 结果"
    assert outcome_of(["姓名", "来源"]) is None
    assert [name for name in ("跟进次数", "战败原因", "duration", "来源", "年龄") if is_late(name)] == [
        "跟进次数",
        "战败原因",
        "duration",
    ]
    assert [name for name in ("客户姓名", "手机号", "来源", "学历") if is_person(name)] == ["客户姓名", "手机号"]


def test_moments_become_the_hour_and_the_day_of_the_week():
    column = read_column("创建时间", ["2026-11-20 09:30", "2026-11-22 23:00", ""])
    found, facts, remarks = translated([column], {"创建时间": Meaning(SIGNED_UP)})
    weekday, hour = found
    assert (facts, remarks) == ({"weekday", "hour"}, [])
    assert [weekday.value(row) for row in range(3)] == ["5", "7", None]
    assert [hour.value(row) for row in range(3)] == [9, 23, None]
    days, _, _ = translated([read_column("d", ["2026-11-20", "2026-11-21"])], {"d": Meaning(SIGNED_UP)})
    assert [each.name for each in days] == ["weekday"]  # midnight of everybody is no hour


def test_answers_are_read_as_somebody_said_and_the_rest_is_told():
    column = read_column("多久", ["本周", "半年内", "看情况", "看情况", ""])
    meaning = Meaning("purchase_horizon", {"半年内": "later", "本周": ""})
    found, _, remarks = translated([column], {"多久": meaning})
    assert [found[0].value(row) for row in range(5)] == [None, "later", None, None, None]
    assert [(each.code, each.params["words"], each.params["count"]) for each in remarks] == [("unread", ["看情况"], 2)]
    assert "看情况" in remark_words(remarks[0])


def test_numbers_are_answers_too_and_a_column_called_like_a_fact_is_another_one():
    columns = [read_column("试驾", ["1", "0", "1"]), read_column("booked_test_ride", ["x", "y", "x"])]
    found, facts, _ = translated(columns, {"试驾": Meaning("booked_test_ride")})
    assert [each.name for each in found] == ["booked_test_ride", "booked_test_ride (2)"]
    assert ([found[0].value(row) for row in range(3)], facts) == (["yes", "no", "yes"], {"booked_test_ride"})


@pytest.mark.parametrize(
    ("meanings", "reason"),
    [
        ({"a": Meaning("store_km")}, "not_this_fact"),
        ({"a": Meaning(SIGNED_UP)}, "not_this_fact"),
        ({"a": Meaning("model"), "b": Meaning("model")}, "fact_twice"),
    ],
)
def test_what_cannot_be_that_fact_is_refused_in_words(meanings, reason):
    columns = [read_column("a", ["x", "y"]), read_column("b", ["u", "v"])]
    with pytest.raises(FitRefused) as refused:
        translated(columns, meanings)
    assert refused.value.reason == reason
    said = "".join(refusal_sentences(refused.value))
    assert "%(" not in said
    assert "store_km" not in said


HEADING = ("意向时间", "年龄", "距离", "成交")


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    """An old CRM's leads: who wants to buy soon and lives near buys."""
    rnd = np.random.default_rng(5)
    soon, age, km = rnd.integers(0, 3, 600), rnd.integers(18, 70, 600), rnd.gamma(2, 15, 600)
    won = rnd.random(600) < 1 / (1 + np.exp(1.5 - 1.2 * soon + 0.03 * km))
    words = ("半年后", "三个月内", "立即")
    rows = [[words[soon[i]], int(age[i]), round(float(km[i]), 1), "成交" if won[i] else "未成交"] for i in range(600)]
    return write(tmp_path_factory.mktemp("crm") / "crm.csv", rows, HEADING, encoding="gb18030", delimiter="\t")


FACTS = {"意向时间": Meaning("purchase_horizon"), "距离": Meaning("store_km")}


def test_a_card_of_facts_only_can_score_koi_and_says_what_it_left_out(export):
    asked = Asked("成交", facts=FACTS, only_facts=True, wishes=Wishes(monotone={"store_km": -1}), rivals=False)
    report = report_of(past_of(export, asked), asked)
    card = catalogue.usable(report.scorecard)
    assert set(card.facts) == {"purchase_horizon", "store_km"}
    km = next(each for each in card.attributes if each.facts == ("store_km",))
    assert list(km.points[:-1]) == sorted(km.points[:-1], reverse=True)
    assert {column.name: column.use for column in report.columns}["年龄"] == "no_fact"
    assert [each.params["columns"] for each in report.remarks if each.code == "no_facts"] == [["年龄"]]


def test_a_card_of_all_columns_looks_at_the_others_too(export):
    past = past_of(export, Asked("成交", facts=FACTS))
    assert [column.name for column in past.columns] == ["purchase_horizon", "store_km", "年龄"]


@pytest.mark.parametrize(("name", "reason"), [("purchase_horizon", "no_order"), ("nowhere", "no_such_column")])
def test_points_of_words_cannot_be_told_to_rise(export, name, reason):
    with pytest.raises(FitRefused) as refused:
        past_of(export, Asked("成交", facts=FACTS, wishes=Wishes(monotone={name: 1})))
    assert refused.value.reason == reason
