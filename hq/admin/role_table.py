"""Who may do what, in words: every permission has its sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from shared.identity.permissions import PERMISSIONS, Permission, Role

_P = Permission
_WORDS: Mapping[Permission, Any] = {
    _P.ACCOUNT_USE: _l("Sign in, change the own password"),
    _P.OVERVIEW_READ: _l("See the overview"),
    _P.CAMPAIGNS_READ: _l("See campaigns"),
    _P.CAMPAIGNS_WRITE: _l("Make, open and close campaigns, change consent texts"),
    _P.TOKENS_WRITE: _l("Give and revoke tokens of mini-programs"),
    _P.SIGNUPS_READ: _l("See sign-ups, numbers masked"),
    _P.CONTACTS_READ: _l("See customers, numbers masked"),
    _P.CONTACTS_JOIN: _l("Join customers who are one person, and take apart those who are not"),
    _P.IMPORTS_READ: _l("See imports"),
    _P.IMPORTS_WRITE: _l("Import spreadsheets"),
    _P.LEADS_READ: _l("See leads and their stories, numbers masked"),
    _P.LEADS_ASSIGN: _l("Give leads to stores, recall and close them"),
    _P.LEADS_ENTER: _l("Enter a customer by hand"),
    _P.SCREENING_DECIDE: _l("Decide about people in quarantine"),
    _P.RULES_READ: _l("See the rules of screening, scoring and routing"),
    _P.RULES_WRITE: _l("Change these rules and put them in force"),
    _P.STORES_READ: _l("See dealers and stores"),
    _P.STORES_WRITE: _l("Add, change, pause and close dealers and stores"),
    _P.STAFF_READ: _l("See store staff"),
    _P.STAFF_WRITE: _l("Invite, move, disable store staff, end their sign-ins"),
    _P.CONTENT_READ: _l("See content"),
    _P.CONTENT_WRITE: _l("Write content"),
    _P.CONTENT_APPROVE: _l("Approve and publish content"),
    _P.CONTENT_PULL: _l("Use content for customers"),
    _P.USERS_READ: _l("See the people at headquarters"),
    _P.USERS_WRITE: _l("Invite people at headquarters, change roles, end their sign-ins"),
    _P.VIEWS_SHARE: _l("Share views of lists with everybody"),
    _P.EXPORTS_TAKE: _l("Export lists, numbers masked"),
    _P.EXPORTS_PHONES: _l("Export whole numbers, with a reason"),
    _P.AUDIT_READ: _l("Read the audit log"),
    _P.WORK_READ: _l("See the work queue"),
    _P.WORK_RETRY: _l("Try put-aside work again"),
    _P.ASSIGNMENTS_READ: _l("See offers and leads of the own stores"),
    _P.ASSIGNMENTS_CLAIM: _l("Claim leads"),
    _P.ASSIGNMENTS_DECLINE: _l("Send leads back"),
    _P.ASSIGNMENTS_GIVE: _l("Hand leads to colleagues"),
    _P.FOLLOWUPS_WRITE: _l("Write down follow-ups, sales and losses"),
    _P.WALK_INS_WRITE: _l("Enter customers who come in or call"),
    _P.PHONES_REVEAL: _l("See the numbers of leads that the store holds; each look is on record"),
    _P.NOTIFICATIONS_READ: _l("Read messages"),
    _P.NOTIFICATIONS_WRITE: _l("Decide which messages go out, and send failed ones again"),
    _P.TEAM_READ: _l("See the team"),
    _P.TEAM_WRITE: _l("Change opening hours and pause the store"),
    _P.DASHBOARD_READ: _l("See the store's own figures"),
}


def of(roles: Sequence[Role]) -> list[tuple[Any, list[bool]]]:
    """Rows of words and, for each of the roles, whether it may."""
    return [
        (_WORDS.get(permission, permission.value), [permission in PERMISSIONS[role] for role in roles])
        for permission in Permission
        if any(permission in PERMISSIONS[role] for role in roles)
    ]


def words() -> Mapping[Permission, Any]:
    """The sentence of every permission."""
    return _WORDS
