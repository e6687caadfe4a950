"""The role table has a sentence for every permission, and nobody gives what they do not have."""

from __future__ import annotations

import pytest

from hq.admin.role_table import words
from shared.identity.permissions import DEALER_ROLES, HQ_ROLES, Permission, Role, may_give


def test_every_permission_has_its_sentence():
    assert set(words()) == set(Permission)


@pytest.mark.parametrize("role", HQ_ROLES)
def test_an_operator_gives_no_role_above_their_own(role):
    assert may_give(Role.OPERATOR, role) is (role is not Role.ADMINISTRATOR)


@pytest.mark.parametrize("role", DEALER_ROLES)
def test_a_salesperson_gives_no_managers_role(role):
    assert may_give(Role.SALESPERSON, role) is (role is Role.SALESPERSON)
