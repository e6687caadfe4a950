"""What a role may do: permissions as a type, roles as data."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Permission(StrEnum):
    """One thing somebody may do, as `resource:action`."""

    ACCOUNT_USE = "account:use"

    OVERVIEW_READ = "overview:read"
    CAMPAIGNS_READ = "campaigns:read"
    CAMPAIGNS_WRITE = "campaigns:write"
    TOKENS_WRITE = "tokens:write"
    SIGNUPS_READ = "signups:read"
    IMPORTS_READ = "imports:read"
    IMPORTS_WRITE = "imports:write"
    CONTACTS_READ = "contacts:read"
    CONTACTS_JOIN = "contacts:join"
    LEADS_READ = "leads:read"
    LEADS_ASSIGN = "leads:assign"
    LEADS_ENTER = "leads:enter"
    SCREENING_DECIDE = "screening:decide"
    RULES_READ = "rules:read"
    RULES_WRITE = "rules:write"
    STORES_READ = "stores:read"
    STORES_WRITE = "stores:write"
    STAFF_READ = "staff:read"
    STAFF_WRITE = "staff:write"
    CONTENT_READ = "content:read"
    CONTENT_WRITE = "content:write"
    CONTENT_APPROVE = "content:approve"
    CONTENT_PULL = "content:pull"
    USERS_READ = "users:read"
    USERS_WRITE = "users:write"
    AUDIT_READ = "audit:read"
    WORK_READ = "work:read"
    WORK_RETRY = "work:retry"
    VIEWS_SHARE = "views:share"
    EXPORTS_TAKE = "exports:take"
    EXPORTS_PHONES = "exports:phones"

    ASSIGNMENTS_READ = "assignments:read"
    ASSIGNMENTS_CLAIM = "assignments:claim"
    ASSIGNMENTS_DECLINE = "assignments:decline"
    ASSIGNMENTS_GIVE = "assignments:give"
    FOLLOWUPS_WRITE = "followups:write"
    WALK_INS_WRITE = "walk_ins:write"
    PHONES_REVEAL = "phones:reveal"
    NOTIFICATIONS_READ = "notifications:read"
    NOTIFICATIONS_WRITE = "notifications:write"
    TEAM_READ = "team:read"
    TEAM_WRITE = "team:write"
    DASHBOARD_READ = "dashboard:read"


class Role(StrEnum):
    """Roles of headquarters and of a dealer; stored by value."""

    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"
    CONTENT_EDITOR = "content_editor"
    ANALYST = "analyst"
    DEALER_OWNER = "dealer_owner"
    STORE_MANAGER = "store_manager"
    SALESPERSON = "salesperson"


HQ_ROLES = (Role.ADMINISTRATOR, Role.OPERATOR, Role.CONTENT_EDITOR, Role.ANALYST)
DEALER_ROLES = (Role.DEALER_OWNER, Role.STORE_MANAGER, Role.SALESPERSON)

_P = Permission
_READS = frozenset(
    {
        _P.ACCOUNT_USE,
        _P.NOTIFICATIONS_READ,
        _P.OVERVIEW_READ,
        _P.CAMPAIGNS_READ,
        _P.SIGNUPS_READ,
        _P.CONTACTS_READ,
        _P.LEADS_READ,
        _P.RULES_READ,
        _P.STORES_READ,
        _P.CONTENT_READ,
    }
)
_OPERATOR = _READS | {
    _P.CAMPAIGNS_WRITE,
    _P.TOKENS_WRITE,
    _P.IMPORTS_READ,
    _P.IMPORTS_WRITE,
    _P.CONTACTS_JOIN,
    _P.LEADS_ASSIGN,
    _P.LEADS_ENTER,
    _P.SCREENING_DECIDE,
    _P.RULES_WRITE,
    _P.STORES_WRITE,
    _P.STAFF_READ,
    _P.STAFF_WRITE,
    _P.CONTENT_WRITE,
    _P.CONTENT_APPROVE,
    _P.WORK_READ,
    _P.WORK_RETRY,
    _P.NOTIFICATIONS_WRITE,
    _P.VIEWS_SHARE,
    _P.EXPORTS_TAKE,
}
_SALESPERSON = frozenset(
    {
        _P.ACCOUNT_USE,
        _P.ASSIGNMENTS_READ,
        _P.ASSIGNMENTS_CLAIM,
        _P.ASSIGNMENTS_DECLINE,
        _P.FOLLOWUPS_WRITE,
        _P.WALK_INS_WRITE,
        _P.PHONES_REVEAL,
        _P.NOTIFICATIONS_READ,
        _P.CONTENT_READ,
        _P.CONTENT_PULL,
        _P.DASHBOARD_READ,
    }
)
_STORE_MANAGER = _SALESPERSON | {_P.ASSIGNMENTS_GIVE, _P.TEAM_READ, _P.TEAM_WRITE}

PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.ADMINISTRATOR: _OPERATOR | {_P.USERS_READ, _P.USERS_WRITE, _P.AUDIT_READ, _P.EXPORTS_PHONES},
        Role.OPERATOR: _OPERATOR,
        Role.CONTENT_EDITOR: frozenset(
            {
                _P.ACCOUNT_USE,
                _P.NOTIFICATIONS_READ,
                _P.OVERVIEW_READ,
                _P.CAMPAIGNS_READ,
                _P.CONTENT_READ,
                _P.CONTENT_WRITE,
            }
        ),
        Role.ANALYST: _READS,
        Role.DEALER_OWNER: _STORE_MANAGER,
        Role.STORE_MANAGER: _STORE_MANAGER,
        Role.SALESPERSON: _SALESPERSON,
    }
)


def allows(role: Role | None, permission: Permission) -> bool:
    """Whether a role includes a permission; nobody's role includes nothing."""
    return role is not None and permission in PERMISSIONS[role]


def may_give(giver: Role | None, role: Role) -> bool:
    """Whether somebody of a role may give another one: none that may do more than their own.

    Headquarters' roles and dealers' are two worlds: who may write staff at headquarters gives any dealer's role.
    `giver` None is the system itself.
    """
    if giver is None or (giver in HQ_ROLES and role in DEALER_ROLES):
        return True
    return PERMISSIONS[role] <= PERMISSIONS[giver]
