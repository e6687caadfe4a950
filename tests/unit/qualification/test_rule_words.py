"""Everything that a page asks of a rule has words."""

from __future__ import annotations

import pytest

import hq.qualification.screening.words
import hq.words  # noqa: F401  what is asked for here is taught there
from hq.qualification.screening.kinds import ALL, FAMILIES, OFF
from shared.web.words import knows


@pytest.mark.parametrize("code", ALL)
def test_a_kind_of_rule_has_a_title_and_a_reason(code):
    assert knows(f"rule.{code}")
    assert knows(f"screen.{code}")


def test_families_effects_and_parameters_have_words():
    asked = {f"rule_family.{family}" for family in FAMILIES} | {f"effect.{OFF}"}
    for kind in ALL.values():
        asked |= {f"effect.{effect}" for effect in kind.effects}
        asked |= {f"rule_param.{param.name}" for param in kind.params}
    assert [code for code in sorted(asked) if not knows(code)] == []
