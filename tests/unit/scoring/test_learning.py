"""Cards learnt from leads whose truth is known."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from hq.qualification.scoring.attributes import Categories, Numbers
from hq.qualification.scoring.fit_words import in_lines, refusal_sentences, remark_words
from hq.qualification.scoring.fitting import posterior
from hq.qualification.scoring.fitting.account import fit_file, report_of
from hq.qualification.scoring.fitting.cells import read_column
from hq.qualification.scoring.fitting.learning import Wishes, learn_card
from hq.qualification.scoring.fitting.measures import auc, calibration_error, found, measure, stability
from hq.qualification.scoring.fitting.merging import merge, monotone
from hq.qualification.scoring.fitting.past import Asked, past_of
from hq.qualification.scoring.fitting.prior_card import told
from hq.qualification.scoring.fitting.refusals import FitRefused
from hq.qualification.scoring.fitting.rivals import boosting, naive_bayes
from hq.qualification.scoring.fitting.validation import Split, try_out
from hq.qualification.scoring.many import score_many
from hq.qualification.scoring.report import Report
from hq.qualification.scoring.scorecard import Scorecard, score
from hq.qualification.scoring.steps import percent
from tests.unit.scoring.past_leads import HEADING, people, write

QUICK = Asked("结果", rivals=False)


@pytest.fixture(scope="module")
def old_leads(tmp_path_factory):
    rows, log_odds = people(6000)
    return write(tmp_path_factory.mktemp("old") / "old.csv", rows), log_odds


@pytest.fixture(scope="module")
def report(old_leads):
    return fit_file(old_leads[0], Asked("结果"))


def test_a_card_comes_near_the_truth_and_is_calibrated_on_leads_it_has_not_seen(old_leads, report):
    won = past_of(old_leads[0], QUICK).won
    assert report.card.auc > auc(old_leads[1], won) - 0.03  # some of it is missing
    assert report.card.ece < 0.025
    assert report.card.slope == pytest.approx(1, abs=0.1)
    assert report.card.brier < report.card.brier_base


def test_boosting_and_naive_bayes_stand_beside_it_and_the_gap_is_said(report):
    assert report.boosting.leads == report.naive_bayes.leads == report.card.leads == 6000
    assert report.gap == pytest.approx(report.boosting.auc - report.card.auc)
    assert "AUC away" in "\n".join(in_lines(report))


def test_the_cards_points_are_whole_and_their_bins_hold(report):
    card = Scorecard.parse(report.scorecard)
    assert card.as_body() == report.scorecard
    assert all(type(points) is int for attribute in card.attributes for points in attribute.points)


def test_a_pair_is_found_where_two_facts_say_more_together(report):
    pairs = [set(strength.facts) for strength in report.attributes if len(strength.facts) == 2]
    assert pairs == [{"年龄", "来源"}]


def test_no_pair_is_found_where_there_is_none():
    rnd = np.random.default_rng(3)
    columns = [read_column(name, [str(each) for each in rnd.integers(0, 30, 4000)]) for name in "abc"]
    won = (rnd.random(4000) < 1 / (1 + np.exp(1 - columns[0].numbers / 15))).astype(np.float64)
    card = learn_card(columns, won, Wishes()).card
    assert [attribute.facts for attribute in card.attributes if len(attribute.facts) == 2] == []


def test_the_report_reads_back_from_its_json(report):
    assert Report.from_json(json.loads(json.dumps(report.as_json()))) == report


def test_every_bin_is_told_with_its_leads_and_sales(report):
    for strength in report.attributes:
        assert sum(each.leads for each in strength.bins) == report.won + report.lost
        assert sum(each.won for each in strength.bins) == report.won


def test_every_tested_lead_is_in_one_band_of_points(report):
    assert sum(band.leads for band in report.bands) == report.card.leads
    assert sum(band.won for band in report.bands) == report.card.won
    width = report.bands[1].low - report.bands[0].low
    assert [band.low for band in report.bands] == list(range(report.bands[0].low, report.bands[-1].low + 1, width))
    assert 5 <= len(report.bands) <= 30


def test_the_steps_are_told_in_order_and_whoever_hears_them_can_end_it(old_leads):
    heard = []

    def tell(step, done, total):
        heard.append((step, done, total))
        if step == "rivals":
            raise InterruptedError

    with pytest.raises(InterruptedError):
        report_of(past_of(old_leads[0], QUICK), replace(QUICK, rivals=True, wishes=Wishes(pairs=False)), tell)
    assert heard == [("look", 0, 1), *(("folds", i, 5) for i in range(5)), ("rivals", 0, 5)]
    said = [percent(*each) for each in heard]
    assert said == sorted(said)


def test_the_same_file_and_seed_give_the_same_card(old_leads, report):
    again = fit_file(old_leads[0], QUICK)
    assert (again.scorecard, again.card) == (report.scorecard, report.card)


def test_later_leads_are_tested_by_earlier_ones_only(old_leads):
    past = past_of(old_leads[0], QUICK)
    turned = np.concatenate([past.won[:4800], 1 - past.won[4800:]])
    first, second = (
        try_out(past.columns, won, past.order, Split.TIME, Wishes(pairs=False), rivals=False)
        for won in (past.won, turned)
    )
    assert len(first.folds) == 4
    assert first.tested.tolist() == list(range(1200, 6000))
    np.testing.assert_array_equal(first.card, second.card)


def test_stretches_of_time_are_told_one_by_one(old_leads):
    told_of = report_of(past_of(old_leads[0], QUICK), replace(QUICK, split=Split.TIME))
    assert (told_of.folds, told_of.card.leads) == (4, 4800)
    assert [(block.start, block.end) for block in told_of.blocks][:2] == [("1201", "2160"), ("2161", "3120")]
    assert sum(block.leads for block in told_of.blocks) == 4800


def test_a_column_that_gives_the_outcome_away_is_named(tmp_path):
    rows, _ = people(600)
    leaking = [[*row, "已交车" if row[-1] == "成交" and i % 30 else "无"] for i, row in enumerate(rows)]
    told_of = fit_file(write(tmp_path / "old.csv", leaking, (*HEADING, "交车")), QUICK)
    leaks = [remark for remark in told_of.remarks if remark.code == "leak"]
    assert [remark.params["column"] for remark in leaks] == ["交车"]
    assert "交车" in remark_words(leaks[0])


def test_every_remark_has_words(report, tmp_path):
    rows, _ = people(300)
    small = fit_file(write(tmp_path / "old.csv", rows, encoding="gb18030", delimiter=";"), QUICK)
    for remark in (*report.remarks, *small.remarks):
        assert "fit_remark" not in remark_words(remark)
        assert "%(" not in remark_words(remark)
    assert "few_won" in [remark.code for remark in small.remarks]


TYPED = {
    "base_points": 0,
    "base_odds": 0.1,
    "double_odds": 20,
    "threshold": 0,
    "grades": [["A", 30], ["B", 20], ["C", 10]],
    "attributes": [
        {
            "fact": "购车时间",
            "bins": [
                {"values": ["now"], "points": -60},
                {"other": True, "points": 0},
                {"missing": True, "points": 0},
            ],
        }
    ],
}


@pytest.mark.parametrize(("count", "leaning"), [(150, True), (700, False)])
def test_with_few_sales_points_lean_on_the_typed_card_and_it_is_said(tmp_path, count, leaning):
    rows, _ = people(count)
    path = write(tmp_path / "old.csv", rows)
    asked = replace(QUICK, wishes=Wishes(typed=Scorecard.parse(TYPED)))
    free, leant = fit_file(path, QUICK), fit_file(path, asked)
    assert (leant.learnt < 1) == leaning == ("few_won_leaning" in [remark.code for remark in leant.remarks])
    assert (_points(leant, "now") < _points(free, "now")) == leaning


def _points(report, word):
    card = Scorecard.parse(report.scorecard)
    return score({"购车时间": word}, card).points - score({"购车时间": "3m"}, card).points


@pytest.mark.parametrize("direction", [1, -1])
def test_points_never_turn_where_that_is_asked_for(old_leads, direction):
    past = past_of(old_leads[0], QUICK)
    wishes = Wishes(monotone={"年龄": direction, "距离": -1})
    card = learn_card(past.columns, past.won, wishes).card
    assert all(len(each.facts) == 1 for each in card.attributes if {"年龄", "距离"} & set(each.facts))
    for attribute in card.attributes:
        if attribute.facts[0] in wishes.monotone:
            steps = np.diff(attribute.points[:-1]) * wishes.monotone[attribute.facts[0]]
            assert (steps >= 0).all()


def test_a_missing_value_and_a_word_never_seen_have_bins_of_their_own(old_leads):
    past = past_of(old_leads[0], QUICK)
    for attribute in learn_card(past.columns, past.won, Wishes(pairs=False)).card.attributes:
        side = attribute.sides[0]
        assert isinstance(side, Numbers) or side.other is not None
        if isinstance(side, Categories) and not side.groups[side.other]:
            assert abs(attribute.points[side.other] - attribute.neutral) < 1


def test_what_the_card_says_adds_up_to_the_sales_there_were(old_leads):
    past = past_of(old_leads[0], QUICK)
    card = learn_card(past.columns, past.won, Wishes()).card
    scores = score_many({column.name: told(column) for column in past.columns}, card, len(past.won))
    assert scores.probability.sum() == pytest.approx(past.won.sum(), rel=1e-3)
    share = np.array([(scores.points >= least).mean() for _, least in card.grades])
    assert share == pytest.approx([0.10, 0.30, 0.60], abs=0.03)


@pytest.mark.parametrize(("count", "reason"), [(25, "too_few"), (12, "too_few")])
def test_too_little_to_learn_from_is_refused(tmp_path, count, reason):
    rows, _ = people(count)
    with pytest.raises(FitRefused) as refused:
        fit_file(write(tmp_path / "old.csv", rows), QUICK)
    assert refused.value.reason == reason
    assert "%(" not in "".join(refusal_sentences(refused.value))


def test_a_file_without_a_usable_column_is_refused(tmp_path):
    rows, _ = people(200)
    with pytest.raises(FitRefused) as refused:
        fit_file(write(tmp_path / "old.csv", [[row[0], row[-1]] for row in rows], ("序号", "结果")), QUICK)
    assert refused.value.reason == "no_columns"


def test_a_file_of_nothing_but_outcomes_is_refused_and_one_of_chance_is_told(tmp_path):
    with pytest.raises(FitRefused) as refused:
        fit_file(write(tmp_path / "one.csv", [["成交"], ["战败"]] * 40, ("结果",)), QUICK)
    assert refused.value.reason == "only_outcome"
    rnd = np.random.default_rng(2)
    rows = [[int(rnd.integers(0, 4)), "成交" if rnd.random() < 0.5 else "战败"] for _ in range(400)]
    told_of = fit_file(write(tmp_path / "chance.csv", rows, ("a", "结果")), QUICK)
    assert "no_signal" in [remark.code for remark in told_of.remarks]


def test_many_columns_are_no_trouble():
    rnd = np.random.default_rng(5)
    columns = [read_column(f"x{i}", [str(each) for each in rnd.integers(0, 2, 400)]) for i in range(90)]
    won = (rnd.random(400) < 1 / (1 + np.exp(2 - 3 * columns[85].numbers))).astype(np.float64)
    card = learn_card(columns, won, Wishes()).card
    assert card.attributes[0].facts == ("x85",)


def test_narrow_columns_are_learnt_the_same_by_a_table_and_by_counting(monkeypatch):
    rnd = np.random.default_rng(6)
    columns = [read_column(f"x{i}", [str(each) for each in rnd.integers(0, 3, 300)]) for i in range(12)]
    won = (rnd.random(300) < 1 / (1 + np.exp(1 - columns[3].numbers))).astype(np.float64)
    cards = []
    for cost in (0.0, 1.0):  # a product costs nothing: always a table; a lot: never
        monkeypatch.setattr(posterior, "_FLOP_S", cost)
        cards.append(learn_card(columns, won, Wishes(pairs=False)).card)
    assert cards[0] == cards[1]


def test_a_column_that_is_empty_in_one_part_of_the_leads_is_no_trouble():
    filled, half = [str(i % 7) for i in range(200)], ["" if i < 100 else str(i % 3) for i in range(200)]
    columns = [read_column("a", filled), read_column("b", half)]
    won = np.tile([1.0, 0.0], 100)
    early, late = np.arange(100), np.arange(100, 200)
    known, asked = ([column.taken(rows) for column in columns] for rows in (early, late))
    for chances in (boosting(known, won[early], asked, 1), naive_bayes(known, won[early], asked)):
        assert ((chances > 0) & (chances < 1)).all()
    assert learn_card(known, won[early], Wishes()).card.attributes


def test_few_outcomes_do_not_make_a_card_too_sure_of_itself(tmp_path):
    slopes = []
    for seed in range(10, 14):
        rows, _ = people(2500, seed=seed, base=-3)
        past = past_of(write(tmp_path / "old.csv", rows), QUICK)
        known, asked = np.arange(500), np.arange(500, 2500)
        card = learn_card([column.taken(known) for column in past.columns], past.won[known], Wishes()).card
        facts = {column.name: told(column.taken(asked)) for column in past.columns}
        slopes.append(measure(score_many(facts, card, len(asked)).probability, past.won[asked]).slope)
    assert np.mean(slopes) == pytest.approx(1, abs=0.2)


# Figures with known answers.
WON = np.array([1.0, 0, 1, 0])


def test_auc_counts_ties_half():
    assert auc(np.array([0.9, 0.1, 0.8, 0.2]), WON) == 1
    assert auc(np.array([0.5, 0.5, 0.5, 0.5]), WON) == 0.5
    assert auc(np.array([0.9, 0.95, 0.1, 0.2]), WON) == pytest.approx(0.25)
    assert math.isnan(auc(np.array([1.0, 2]), np.array([1.0, 1])))


def test_gains_count_leads_of_equal_value_in_proportion():
    assert found(np.array([0.9, 0.1, 0.8, 0.2]), WON, 0.5) == 1
    assert found(np.array([0.5, 0.5, 0.5, 0.5]), WON, 0.25) == 0.25


def test_a_base_rate_said_of_everybody_is_calibrated_and_no_better_than_the_base():
    told_of = measure(np.full(4, 0.5), WON)
    assert (told_of.brier, told_of.brier_base, told_of.auc) == (0.25, 0.25, 0.5)
    assert calibration_error(np.full(1000, 0.25), np.tile([1.0, 0, 0, 0], 250)) < 0.01


def test_psi_is_nothing_between_equals_and_large_between_strangers():
    assert stability(np.array([50.0, 50]), np.array([500.0, 500])) < 1e-6
    assert stability(np.array([90.0, 10]), np.array([10.0, 90])) > 1


def test_neighbours_that_do_not_differ_become_one():
    effects, known = np.array([0.0, 0.01, 2.0, 2.01, -1.0]), np.full(5, 50.0)
    assert merge(effects, known, ordered=True).tolist() == [0, 0, 1, 1, 2]
    assert merge(effects, known, ordered=False).tolist() == [1, 1, 0, 0, 2]
    assert len(set(merge(np.arange(60.0), known.repeat(12), ordered=True).tolist())) == 20


def test_the_nearest_effects_that_never_fall():
    pooled = monotone(np.array([0.0, 2.0, 1.0, 3.0]), np.ones(4), rising=True)
    assert pooled == pytest.approx([0, 1.5, 1.5, 3])
    assert monotone(np.array([0.0, 2.0]), np.ones(2), rising=False) == pytest.approx([1, 1])
