"""`./koi scorecard fit`, as a person at a console and a program see it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from hq.qualification.scoring import catalogue
from hq.qualification.scoring.cli import scorecard
from hq.qualification.scoring.report import Report
from hq.qualification.scoring.scorecard import Scorecard
from tests.unit.scoring.past_leads import people, write

# Bank Marketing (UCI; Moro, Cortez, Rita): public, and not ours to ship.
FOLDER = Path("/work/shared/data/bank_marketing")


def run(*words: str):
    return CliRunner().invoke(scorecard, ["fit", *words])


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    rows, _ = people(400)
    return str(write(tmp_path_factory.mktemp("old") / "old.csv", rows, encoding="gb18030", delimiter=";"))


def test_a_program_gets_one_json_object(old):
    done = run(old, "--outcome", "结果", "--exclude", "城市,收入", "--split", "time", "--seed", "7", "--json")
    assert done.exit_code == 0, done.output
    report = Report.from_json(json.loads(done.stdout))
    assert (report.split, report.seed, report.rows) == ("time", 7, 400)
    assert {column.use for column in report.columns if column.name in ("城市", "收入")} == {"excluded"}
    Scorecard.parse(report.scorecard)


def test_a_person_reads_figures_points_and_what_to_look_at(old):
    done = run(old, "--outcome", "结果", "--no-pairs")
    assert done.exit_code == 0, done.output
    for words in ("400 leads", "card", "boosting", "naive Bayes", "calibration", "gains", "over time", "IV", "! "):
        assert words in done.stdout


def test_the_card_itself_is_saved_where_one_says(old, tmp_path):
    done = run(old, "--outcome", "结果", "--no-rivals", "--monotone", "-距离", "--save", str(tmp_path / "card.json"))
    assert done.exit_code == 0, done.output
    assert Scorecard.parse(json.loads((tmp_path / "card.json").read_text("utf-8"))).facts


def test_a_card_of_facts_can_be_put_in_force(old):
    done = run(old, "--outcome", "结果", "--facts", "--no-rivals", "--json")
    assert done.exit_code == 0, done.output
    card = catalogue.usable(json.loads(done.stdout)["scorecard"])
    assert set(card.facts) <= {"store_km", "touchpoint", "purchase_horizon"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--outcome", "result"], "No column is called “result”"),
        (["--outcome", "国家"], "All leads ended the same"),
        (["--outcome", "结果", "--exclude", "没有"], "No column is called “没有”"),
    ],
)
def test_a_refusal_is_a_sentence_or_an_object(old, words, said):
    told = run(old, *words)
    assert (told.exit_code, told.stdout) == (1, "")
    assert said in told.stderr
    as_object = run(old, *words, "--json")
    assert as_object.exit_code == 1
    assert said in json.loads(as_object.stdout)["refused"]["text"]


def test_what_serves_a_lead_loads_no_numpy():
    ask = (
        "import sys, hq.qualification.jobs, hq.qualification.scoring.words, hq.qualification.scoring.report;"
        " print({'numpy', 'sklearn', 'scipy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "least_auc", "most_ece"),
    [("bank-additional-full.csv.gz", 0.795, 0.010), ("bank-full.csv.gz", 0.775, 0.012)],
)
def test_real_calls_are_told_apart_with_whole_points(name, least_auc, most_ece):
    if not (FOLDER / name).exists():
        pytest.skip(f"{FOLDER / name} is not on this machine")
    done = run(str(FOLDER / name), "--outcome", "y", "--exclude", "duration", "--no-rivals", "--json")
    card = Report.from_json(json.loads(done.stdout)).card
    assert card.auc >= least_auc
    assert card.ece <= most_ece
