"""The check of known truth on a small folder of our own: as Koi is, it passes; with a wrong truth, it says so."""

from __future__ import annotations

import csv

import pytest

from tests.checks import small, truth

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("truth")
    small.make(made)
    return made


def test_lists_and_the_event_stream_end_as_the_truth_says(folder):
    result = truth.run(folder, [])
    assert result["ok"], {way: account["wrong"] for way, account in result["ways"].items()}
    for account in result["ways"].values():
        assert account["matching"]["matching_precision"] == account["matching"]["matching_recall"] == 1.0
        assert account["screening"]["after"]["caught"] == 1.0
        assert account["leads"]["placed"] > 0
    assert result["ways"]["jsonl"]["replayed"] > 0
    assert result["ways"]["jsonl"]["conflicts"] > 0


def test_the_check_sees_a_lost_row_another_phone_and_a_wrong_reason(folder, tmp_path):
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with (tmp_path / "truth.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    rows[0]["row_id"] = "S999999"
    rows[3]["phone_norm"] = "+8613999999999"
    rejected = next(row for row in rows if row["xlsx_expect"] == "reject:phone_landline")
    rejected["xlsx_expect"] = "reject:phone_prefix"
    with (tmp_path / "truth.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    wrong = truth.run(tmp_path, ["xlsx"])["ways"]["xlsx"]["wrong"]
    assert wrong["lost"]["count"] == 1
    assert wrong["stored without a row of the truth"]["count"] == 1
    assert wrong["phones read otherwise"]["count"] == 1
    assert wrong["rejected for another reason"]["count"] == 1
