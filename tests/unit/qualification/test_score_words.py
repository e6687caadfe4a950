"""Reasons of scores and refusals of cards, as people read them."""

from __future__ import annotations

import pytest

from hq.qualification.scoring.refusals import CardRefused
from hq.qualification.scoring.words import bin_words, refusal_words, score_fact
from shared.web.vocabulary import teach

teach()


@pytest.mark.parametrize(
    ("fact", "name", "told"),
    [
        ("draws", "<3", "less than 3"),
        ("draws", "3..6", "3 to 5"),
        ("signups", "2..3", "2"),
        ("signups", "4+", "4 or more"),
        ("store_km", "<10", "under 10 km"),
        ("store_km", "10..30", "10 to 30 km"),
        ("store_km", "100+", "over 100 km"),
        ("store_km", "0+", "near"),
        ("budget", "<2000", "<2000 yuan"),
        ("touchpoint", "moments", "Moments"),
        ("touchpoint", "other", "another answer"),
        ("touchpoint", "missing", "not told"),
        ("visited_store", "yes", "yes"),
        ("euribor", "1.5..3", "1.5 to less than 3"),
        ("job", "student", "student"),
        ("weekday", "6", "Saturday"),
        ("source", "import", "Import"),
        ("wish_age_days", "30..90", "30 to 89"),
    ],
)
def test_a_bin_is_told_as_people_say_it(fact, name, told):
    assert bin_words({"fact": fact, "bin": name, "points": 1}) == told


def test_a_pair_is_told_with_both_facts():
    reason = {"fact": "draws", "bin": "6..10", "with": {"fact": "store_km", "bin": "<10"}, "points": 3}
    assert score_fact(reason) == "Number of draws × Way to the nearest store"
    assert bin_words(reason) == "6 to 9 and under 10 km"


def test_a_refusal_names_facts_by_their_words():
    told = refusal_words(CardRefused("attributes.3.bins.1", "gap", fact="store_km", number="30"))
    assert "The bins of “Way to the nearest store” leave a gap at 30" in told
