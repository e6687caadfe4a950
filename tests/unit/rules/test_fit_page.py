"""What pages say of a learnt card."""

from __future__ import annotations

import pytest

from hq.qualification.scoring.report import Remark
from hq.rules.fit_page import by_name


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"column": "store_km", "other": None}, {"column": "Way to the nearest store", "other": None}),
        ({"column": "store_km × age"}, {"column": "Way to the nearest store × age"}),
        ({"count": 3}, {"count": 3}),
    ],
)
def test_a_remark_names_the_facts_of_koi_by_their_words(params: dict[str, object], said: dict[str, object]) -> None:
    assert by_name(Remark("x", params)).params == said
