"""Grants and row policies as data, and the statements that make a database agree with them.

A table with a `dealer_id` has FORCE ROW LEVEL SECURITY, a `tenant` policy for `koi_dealer`, and a policy per other
role that is granted something on it. Grants name columns where a role may not touch the whole row.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from shared.db import functions
from shared.db.roles import DEALER, HQ, OWNER, PERSON, PUBLIC, WORKER

# The setting reads '' after use, hence NULLIF; the cast stands on the setting, so that an index on dealer_id serves.
TENANT: Final = "dealer_id = NULLIF(current_setting('app.dealer_id', true), '')::uuid"
_OWN_HOLD: Final = (
    "EXISTS (SELECT 1 FROM holds h WHERE h.dealer_id = customer_cards.dealer_id"
    " AND h.assignment_id = customer_cards.assignment_id)"
)
_THIS_DEALER: Final = "NULLIF(current_setting('app.dealer_id', true), '')::uuid"
_ON_OWN_SHELF: Final = {
    "publications": (
        f"EXISTS (SELECT 1 FROM shelf s WHERE s.dealer_id = {_THIS_DEALER}"
        " AND s.publication_id = publications.publication_id)"
    ),
    "asset_versions": (
        f"EXISTS (SELECT 1 FROM publications p JOIN shelf s USING (publication_id) WHERE s.dealer_id = {_THIS_DEALER}"
        " AND p.asset_id = asset_versions.asset_id AND p.version = asset_versions.version)"
    ),
    "assets": (
        f"EXISTS (SELECT 1 FROM publications p JOIN shelf s USING (publication_id) WHERE s.dealer_id = {_THIS_DEALER}"
        " AND p.asset_id = assets.asset_id)"
    ),
    "campaigns": (
        "EXISTS (SELECT 1 FROM assets a JOIN publications p USING (asset_id) JOIN shelf s USING (publication_id)"
        f" WHERE s.dealer_id = {_THIS_DEALER} AND a.campaign_id = campaigns.campaign_id)"
    ),
}

_ALL: Final = ("SELECT", "INSERT", "UPDATE", "DELETE")
_APPEND: Final = ("SELECT", "INSERT")
_EDIT: Final = ("SELECT", "INSERT", "UPDATE")


def _update(*columns: str) -> str:
    return f"UPDATE ({', '.join(columns)})"


_SIGNUP_MOVES: Final = _update("state", "outcome", "contact_id", "lead_id", "runs", "decided_at", "aside_at")
# Whoever looks at the page of their own may know what became of a sign-up; names, addresses and devices stay away.
_PERSON_SIGNUPS: Final = (
    "SELECT (signup_id, campaign_id, accepted_at, store_code, phone_bidx, phone_verified, actions, marketing_text_id,"
    " share_text_id, state, outcome, contact_id, lead_id, runs, aside_at)"
)
_PERSON_IDENTITIES: Final = "SELECT (kind, value_bidx, contact_id)"
_PERSON_LEADS: Final = "SELECT (lead_id, contact_id, scope_id, state, closed_at)"
_OF_ACCOUNTS: Final = "SELECT (user_id, phone_bidx, role, status, locale, created_at)"
# Whom a message goes to and what it says stays away from headquarters.
_MESSAGES_SEEN: Final = (
    "SELECT (message_id, key, template, state, tries, due_at, expires_at, answered_at, answer, purge_at, created_at,"
    " aside_at)"
)
_SESSION_MOVES: Final = _update("seen_at", "ended_at")

# table → role → privileges. What is not named here is not granted.
GRANTS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    # identity
    # Screening compares numbers with those of people who sign in, and notices go to them; a worker sees no names.
    "hq_users": {HQ: _EDIT, WORKER: (_OF_ACCOUNTS,)},
    "hq_sessions": {HQ: (*_APPEND, _SESSION_MOVES, "DELETE")},
    "staff": {
        HQ: _EDIT,
        WORKER: _APPEND,
        DEALER: (
            "SELECT",
            _update(
                "login_bidx",
                "login_masked",
                "phone_bidx",
                "password_hash",
                "password_changed_at",
                "status",
                "locale",
                "invite_hash",
                "invite_expires_at",
            ),
        ),
    },
    "staff_stores": {HQ: _ALL, WORKER: _APPEND, DEALER: ("SELECT",)},
    "staff_sessions": {
        HQ: ("SELECT", _update("ended_at")),
        WORKER: ("SELECT (dealer_id, user_id, seen_at)",),
        DEALER: (*_APPEND, _SESSION_MOVES, "DELETE"),
    },
    # lists
    "saved_views": {HQ: _EDIT},
    "list_habits": {HQ: _EDIT},
    # network
    "dealers": {HQ: _EDIT, WORKER: _EDIT, PUBLIC: ("SELECT",), DEALER: ("SELECT",), PERSON: ("SELECT",)},
    # A store decides when it is open and whether it takes leads; everything else about it is headquarters'.
    "stores": {
        HQ: _EDIT,
        WORKER: _EDIT,
        PUBLIC: ("SELECT",),
        DEALER: ("SELECT", _update("hours", "closed_days", "paused_until", "changed_at")),
        PERSON: ("SELECT",),
    },
    "store_figures": {HQ: ("SELECT",), WORKER: _ALL, DEALER: ("SELECT",)},
    "store_days": {
        HQ: _EDIT,
        WORKER: _EDIT,
        DEALER: ("SELECT", _update("taken")),
        PERSON: ("SELECT", _update("taken", "pool_claims")),
    },
    "store_weeks": {
        HQ: _EDIT,
        WORKER: _EDIT,
        DEALER: ("SELECT", _update("taken")),
        PERSON: ("SELECT", _update("taken")),
    },
    "series": {HQ: _ALL, WORKER: ("SELECT",)},
    "territories": {HQ: _EDIT, WORKER: ("SELECT",)},
    "population_tables": {HQ: ("SELECT", "INSERT", "DELETE"), WORKER: ("SELECT",)},
    "population_drafts": {HQ: _ALL, WORKER: ("SELECT", "DELETE", _update("aside_at"))},
    "division_people": {HQ: ("SELECT", "INSERT", "DELETE"), WORKER: ("SELECT",)},
    "quota_ledger": {HQ: _APPEND, WORKER: _APPEND, DEALER: ("INSERT",), PERSON: ("INSERT",)},
    # campaigns and consent
    # The worker writes down the words that a store has read to somebody.
    "campaigns": {HQ: _EDIT, WORKER: _APPEND, PUBLIC: ("SELECT",), DEALER: ("SELECT",), PERSON: ("SELECT",)},
    "campaign_faces": {HQ: _APPEND, PUBLIC: ("SELECT",)},
    "consent_scopes": {HQ: _APPEND, WORKER: _APPEND, PUBLIC: ("SELECT",)},
    "scopes": {HQ: _APPEND, WORKER: _APPEND, PUBLIC: ("SELECT",)},
    "consent_texts": {HQ: _APPEND, WORKER: _APPEND, PUBLIC: ("SELECT",), PERSON: ("SELECT",)},
    # sign-ups
    "api_clients": {HQ: (*_APPEND, _update("revoked_at")), PUBLIC: ("SELECT",)},
    "receipts": {HQ: _APPEND, WORKER: (*_APPEND, _update("key")), PUBLIC: (*_APPEND, _update("key"))},
    # A worker may only delete a payload, but the row lock before that asks for a column that it may update.
    "signup_payloads": {
        HQ: _APPEND,
        WORKER: ("SELECT", "INSERT", "DELETE", _update("purge_at")),
        PUBLIC: ("INSERT",),
    },
    "signups": {
        HQ: (*_APPEND, _SIGNUP_MOVES),
        WORKER: (*_APPEND, _SIGNUP_MOVES),
        PUBLIC: ("INSERT",),
        PERSON: (_PERSON_SIGNUPS, _update("state", "outcome", "runs", "decided_at", "aside_at")),
    },
    "walk_ins": {
        HQ: ("SELECT",),
        WORKER: (
            "SELECT",
            _update("state", "code", "signup_id", "assignment_id", "sealed", "decided_at", "aside_at"),
        ),
        DEALER: _APPEND,
    },
    "signup_decisions": {HQ: _APPEND, WORKER: _APPEND, PERSON: ("INSERT",)},
    "screening_verdicts": {HQ: (*_APPEND, _update("undone_at", "undone_by")), WORKER: ("SELECT",)},
    "listed": {HQ: (*_APPEND, _update("removed_by", "removed_at", "removed_why")), WORKER: ("SELECT",)},
    # contacts
    "contacts": {HQ: _EDIT, WORKER: _ALL, PERSON: ("SELECT (contact_id, merged_into)", _update("changed_at"))},
    "identities": {HQ: _EDIT, WORKER: _ALL, PERSON: (_PERSON_IDENTITIES,)},
    "contact_phones": {HQ: ("SELECT", _update("contact_id")), WORKER: _ALL},
    "contact_merges": {
        HQ: (*_APPEND, _update("undone_at", "undone_by", "why")),
        WORKER: (*_APPEND, _update("undone_at", "undone_by", "why")),
    },
    "crowded_accounts": {HQ: ("SELECT",), WORKER: _APPEND},
    "kept_apart": {HQ: ("SELECT", "INSERT", "DELETE"), WORKER: ("SELECT",)},
    "consents": {HQ: _ALL, WORKER: _ALL, PERSON: ("SELECT", "DELETE")},
    "consent_events": {
        HQ: (*_APPEND, _update("contact_id")),
        WORKER: (*_APPEND, _update("contact_id")),
        PERSON: _APPEND,
    },
    # leads
    "leads": {
        HQ: _EDIT,
        WORKER: _EDIT,
        PERSON: (_PERSON_LEADS, _update("state", "state_reason", "closed_at", "changed_at")),
    },
    # Dealers read the pool through functions, which show what lies near one of their stores.
    "pool_entries": {HQ: _EDIT, WORKER: _EDIT},
    "pool_views": {HQ: ("SELECT",)},
    "lead_events": {HQ: _APPEND, WORKER: _APPEND, PERSON: ("INSERT",)},
    "assignments": {
        HQ: _EDIT,
        WORKER: _EDIT,
        DEALER: ("SELECT", _update("stage", "moved_at", "assignee")),
        PERSON: ("SELECT", _update("stage", "ended_at", "end_reason", "settled_at", "recycle_at")),
    },
    "holds": {HQ: _ALL, WORKER: _ALL, DEALER: _APPEND, PERSON: ("SELECT", "DELETE")},
    # Headquarters ends assignments and with them the cards; it names a card's row, it does not read it.
    "customer_cards": {
        HQ: ("INSERT", "DELETE", "SELECT (dealer_id, assignment_id)", _update("sealed")),
        WORKER: _ALL,
        DEALER: ("SELECT",),
        PERSON: ("SELECT (dealer_id, assignment_id)", "DELETE"),
    },
    "follow_ups": {
        HQ: ("SELECT",),
        WORKER: _APPEND,
        DEALER: (*_APPEND, _update("note", "next_at")),
    },
    # Who of a store works on what: the store decides; headquarters reads it, the worker tells people.
    "store_giving": {
        HQ: ("SELECT",),
        WORKER: ("SELECT",),
        DEALER: (*_APPEND, _update("way", "round", "changed_at")),
    },
    "seller_turns": {HQ: ("SELECT",), WORKER: ("SELECT",), DEALER: (*_APPEND, _update("turn", "given_at"))},
    "staff_duty": {HQ: ("SELECT",), WORKER: ("SELECT",), DEALER: (*_APPEND, _update("off_since", "back_on"))},
    "lead_givings": {
        HQ: ("SELECT",),
        WORKER: ("SELECT", _update("told_at", "aside_at")),
        DEALER: _APPEND,
    },
    "breaches": {HQ: ("SELECT",), WORKER: _APPEND, DEALER: ("SELECT",)},
    "notifications": {
        HQ: (*_APPEND, _update("read_at")),
        WORKER: (*_APPEND, _update("spread_at", "aside_at", "ended_at"), "DELETE"),
        DEALER: ("SELECT", _update("read_at")),
        PERSON: ("INSERT",),
    },
    "notice_people": {HQ: _EDIT, WORKER: ("SELECT", _update("mail_told_at")), DEALER: _EDIT},
    "notice_reads": {
        HQ: ("SELECT", "INSERT", "DELETE"),
        WORKER: ("SELECT", "DELETE"),
        DEALER: ("SELECT", "INSERT", "DELETE"),
    },
    "notice_settings": {HQ: _EDIT},
    "deliveries": {HQ: ("SELECT",), WORKER: _ALL},
    # rules, imports, work, audit
    "rule_sets": {HQ: _EDIT, WORKER: ("SELECT", _update("rescored_at"))},
    "store_turns": {WORKER: _EDIT, HQ: _EDIT},
    "price_runs": {HQ: ("SELECT",), WORKER: _ALL},
    "desk_outlooks": {HQ: ("SELECT", _update("next_at")), WORKER: _EDIT},
    "threshold_reckonings": {HQ: ("SELECT",), WORKER: _APPEND},
    "replays": {HQ: (*_APPEND, _update("state", "stopped_by", "ended_at", "carried")), WORKER: (*_EDIT, "DELETE")},
    "replay_moves": {HQ: ("SELECT",), WORKER: (*_APPEND, "DELETE")},
    "replay_loads": {HQ: ("SELECT",), WORKER: (*_EDIT, "DELETE")},
    "replay_stops": {HQ: _APPEND, WORKER: ("SELECT", "DELETE")},
    "rescore_runs": {HQ: _EDIT, WORKER: _EDIT},
    "rescore_pages": {HQ: _APPEND, WORKER: _EDIT},
    "scorecard_fits": {HQ: _EDIT, WORKER: _EDIT},
    "scorecard_fit_steps": {HQ: _ALL, WORKER: _EDIT},
    "scorecard_fit_headings": {HQ: _EDIT},
    "lately_people": {HQ: ("SELECT",), WORKER: ("SELECT", "INSERT", "DELETE")},
    "imports": {HQ: _EDIT, WORKER: _EDIT},
    "import_rejects": {HQ: ("SELECT",), WORKER: ("SELECT", "INSERT", "DELETE")},
    "overview_figures": {HQ: _EDIT, WORKER: _EDIT},
    "import_samples": {HQ: ("SELECT", "DELETE"), WORKER: _ALL},
    "import_mappings": {HQ: _EDIT, WORKER: ("SELECT",)},
    "import_changes": {HQ: ("SELECT", _update("closed_at")), WORKER: _EDIT},
    "work_tries": {HQ: ("SELECT", "UPDATE", "DELETE"), WORKER: _ALL},
    "breadcrumbs": {HQ: ("SELECT",), WORKER: _ALL},
    "work_runs": {HQ: ("SELECT",), WORKER: _ALL, PUBLIC: ("SELECT",)},
    "audit_log": {HQ: _APPEND, WORKER: ("INSERT",), DEALER: ("INSERT",), PERSON: ("SELECT", "INSERT")},
    # messages; codes are written only by functions
    "sms_messages": {
        HQ: ("INSERT", _MESSAGES_SEEN, _update("state", "tries", "due_at", "expires_at")),
        WORKER: (*_APPEND, _update("state", "tries", "due_at", "answered_at", "answer", "aside_at"), "DELETE"),
    },
    "mail_messages": {
        HQ: (_MESSAGES_SEEN, _update("state", "tries", "due_at", "expires_at")),
        WORKER: (*_APPEND, _update("state", "tries", "due_at", "answered_at", "answer", "aside_at"), "DELETE"),
    },
    "mail_tries": {WORKER: (*_APPEND, _update("answer"), "DELETE")},
    "sms_codes": {HQ: ("SELECT (purge_at)",), WORKER: ("SELECT", "DELETE", _update("purge_at"))},
    # content
    "assets": {HQ: _EDIT, WORKER: ("SELECT",), DEALER: ("SELECT",)},
    "asset_versions": {HQ: _EDIT, WORKER: ("SELECT",), DEALER: ("SELECT",)},
    "publications": {HQ: _EDIT, WORKER: ("SELECT",), DEALER: ("SELECT",)},
    "shelf": {HQ: _ALL, WORKER: _APPEND, DEALER: ("SELECT",)},
    "pulls": {
        HQ: ("SELECT",),
        WORKER: ("SELECT",),
        DEALER: _APPEND,
    },
    "staged_files": {HQ: ("SELECT", "INSERT", "DELETE")},
}

# Tables without a dealer_id that dealers may read: their rows are shown by what lies on the dealer's own shelf.
_BY_SHELF: Final = tuple(_ON_OWN_SHELF)


@dataclass(frozen=True, slots=True)
class Policy:
    """One row policy; `using` and `check` are SQL conditions, None where the command has none."""

    table: str
    name: str
    command: str  # ALL, SELECT, INSERT, …
    role: str
    using: str | None
    check: str | None

    def sql(self) -> str:
        using = f" USING ({self.using})" if self.using else ""
        check = f" WITH CHECK ({self.check})" if self.check else ""
        return (
            f"CREATE POLICY {self.name} ON {self.table} AS PERMISSIVE FOR {self.command} TO {self.role}{using}{check}"
        )


def tenant_condition(table: str) -> str:
    """What a dealer's row of this table must fulfil."""
    if table in _ON_OWN_SHELF:
        return _ON_OWN_SHELF[table]
    return f"{TENANT} AND {_OWN_HOLD}" if table == "customer_cards" else TENANT


_THIS_PERSON: Final = "NULLIF(current_setting('app.contact_id', true), '')::uuid"


def _of_own(table: str) -> str:
    """The assignment of a row is one of the person's (asked under the person's own policy on assignments)."""
    return (
        f"EXISTS (SELECT 1 FROM assignments a WHERE a.dealer_id = {table}.dealer_id"
        f" AND a.assignment_id = {table}.assignment_id)"
    )


# table → what `koi_person` may see and end there; tables with a policy of their own for inserting take any row.
_OWN_ROWS: Final = {
    "assignments": f"contact_id = {_THIS_PERSON}",
    "holds": _of_own("holds"),
    "customer_cards": _of_own("customer_cards"),
    # By the key of assignments: an audit log is long.
    "audit_log": (
        "CASE WHEN subject ~ '^assignment:[0-9a-f-]{36}$' THEN EXISTS (SELECT 1 FROM assignments a"
        " WHERE a.dealer_id = audit_log.dealer_id AND a.assignment_id = substr(audit_log.subject, 12)::uuid)"
        " ELSE false END"
    ),
}


def _for_person(table: str) -> tuple[Policy, ...]:
    own = _OWN_ROWS.get(table)
    if own is None:
        return (Policy(table, "person", "ALL", PERSON, "true", "true"),)
    if "INSERT" not in GRANTS[table][PERSON]:
        return (Policy(table, "person", "ALL", PERSON, own, own),)
    return (
        Policy(table, "person", "SELECT", PERSON, own, None),
        Policy(table, "person_adds", "INSERT", PERSON, None, "true"),
    )


def policies(table: str) -> tuple[Policy, ...]:
    """The policies of a protected table."""
    condition = tenant_condition(table)
    house = tuple(
        Policy(table, role.removeprefix("koi_"), "ALL", role, "true", "true")
        for role in (OWNER, HQ, WORKER)
        if role == OWNER or role in GRANTS[table]
    )
    public = (Policy(table, "public_read", "SELECT", PUBLIC, "true", None),) if PUBLIC in GRANTS[table] else ()
    person = _for_person(table) if PERSON in GRANTS[table] else ()
    return (Policy(table, "tenant", "ALL", DEALER, condition, condition), *house, *public, *person)


def protected(tables_with_dealer: frozenset[str]) -> tuple[str, ...]:
    """The tables that have row level security: those with a `dealer_id`, and those shown by the shelf."""
    return tuple(sorted(tables_with_dealer | set(_BY_SHELF)))


def fingerprint() -> str:
    """Names this state of grants, policies and functions."""
    everything = [GRANTS, [policies(table) for table in sorted(GRANTS)], functions.STATEMENTS]
    return sha256(repr(everything).encode()).hexdigest()[:16]
