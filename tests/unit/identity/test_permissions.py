"""Roles as data."""

from __future__ import annotations

import pytest

from shared.identity.actor import Actor, ActorKind, system
from shared.identity.models import HQ_ROLES as STORED_HQ
from shared.identity.models import STAFF_ROLES as STORED_STAFF
from shared.identity.permissions import DEALER_ROLES, HQ_ROLES, PERMISSIONS, Permission, Role
from shared.platform.ids import NIL


def test_every_role_has_permissions_and_every_permission_a_role():
    assert set(PERMISSIONS) == set(Role)
    assert frozenset().union(*PERMISSIONS.values()) == set(Permission)


def test_the_tables_know_the_same_roles():
    assert tuple(role.value for role in HQ_ROLES) == STORED_HQ
    assert tuple(role.value for role in DEALER_ROLES) == STORED_STAFF


@pytest.mark.parametrize("role", HQ_ROLES)
def test_nobody_at_headquarters_sees_a_customers_number_or_claims_a_lead(role):
    assert not PERMISSIONS[role] & {Permission.PHONES_REVEAL, Permission.ASSIGNMENTS_CLAIM}


@pytest.mark.parametrize("role", DEALER_ROLES)
def test_nobody_at_a_dealer_has_what_headquarters_has(role):
    shared = {Permission.ACCOUNT_USE, Permission.CONTENT_READ, Permission.NOTIFICATIONS_READ}

    assert PERMISSIONS[role] & PERMISSIONS[Role.ADMINISTRATOR] <= shared


def test_analysts_change_nothing():
    assert not [permission for permission in PERMISSIONS[Role.ANALYST] if not permission.endswith((":read", ":use"))]


def test_an_actor_sees_the_stores_it_has():
    everywhere = Actor(kind=ActorKind.DEALER, name="x", role=Role.DEALER_OWNER, store_ids=None)
    nowhere = Actor(kind=ActorKind.DEALER, name="x", role=Role.SALESPERSON, store_ids=frozenset())

    assert everywhere.sees_store(NIL)
    assert not nowhere.sees_store(NIL)
    assert not system("drain").may(Permission.ACCOUNT_USE)
