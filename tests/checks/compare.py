"""Koi's database held against the truth of a folder: rows, phones, people, stores, leads."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

import psycopg

from hq.qualification.books import balance
from shared.contacts.crypto import BlindIndex
from shared.db.session import make_engine, unit_of_work
from shared.platform.settings import Settings
from shared.signups.reception import stored_key

Rows = Sequence[Mapping[str, str]]
Pair = tuple[str, str]

_ISSUES = {
    "short": "phone_length",
    "long": "phone_length",
    "bad_prefix": "phone_prefix",
    "landline": "phone_landline",
    "missing": "phone_missing",
}
_TOLD = "contact_id, outcome, phone_bidx, openid_bidx, unionid_bidx, phone_problem"
_STORED = {
    "file": f"SELECT external_id, {_TOLD} FROM signups",
    "jsonl": f"SELECT r.key, {_TOLD} FROM signups JOIN receipts r USING (signup_id)",
}
_OVER_ROOM = """
SELECT count(*) FROM (
    SELECT a.store_id, (a.offered_at AT TIME ZONE 'Asia/Shanghai')::date AS day, count(*) AS offers
    FROM assignments a GROUP BY 1, 2
) AS given JOIN stores s USING (store_id) WHERE given.offers > s.daily_capacity
"""
# What screening stopped: put into quarantine, or turned away for more than a number that cannot be used.
_STOPS = (
    "(d.outcome = 'quarantined' OR d.outcome = 'rejected'"
    """ AND NOT d.steps @? '$.screening.reasons[*] ? (@.code == "phone_unusable")')"""
)
_VERDICTS = {
    "file": f"SELECT s.external_id, bool_or(d.run = 1 AND {_STOPS}), bool_or(d.run = s.runs AND {_STOPS})"
    " FROM signups s JOIN signup_decisions d USING (signup_id) GROUP BY s.signup_id",
    "jsonl": f"SELECT r.key, bool_or(d.run = 1 AND {_STOPS}), bool_or(d.run = s.runs AND {_STOPS})"
    " FROM signups s JOIN receipts r USING (signup_id) JOIN signup_decisions d USING (signup_id) GROUP BY r.key",
}
# Nowhere in silence: every open lead says why it stands where it stands, and its story says so too.
_SILENT = """
SELECT count(*) FROM leads l WHERE l.closed_at IS NULL AND NOT (
    l.state_reason ? 'code'
    AND (l.state <> 'placed' OR EXISTS (SELECT 1 FROM assignments a WHERE a.lead_id = l.lead_id AND a.ended_at IS NULL))
    AND EXISTS (SELECT 1 FROM lead_events e WHERE e.lead_id = l.lead_id
                AND e.kind = CASE l.state WHEN 'placed' THEN 'offered' ELSE l.state END))
"""


def account(way: str, truth: Rows, facts: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """Figures, and under `wrong` every kind of difference with its number and first examples."""
    wrong = _Wrong()
    with psycopg.connect(settings.owner_url) as connection:
        connection.execute("SET app.dealer_id = ''")
        stored = connection.execute(_STORED["jsonl" if way == "jsonl" else "file"]).fetchall()
        verdicts = connection.execute(_VERDICTS["jsonl" if way == "jsonl" else "file"]).fetchall()
        rejected = _rejected(connection)
        over, silent = (_count(connection, query) for query in (_OVER_ROOM, _SILENT))
        leads = dict(connection.execute("SELECT state, count(*) FROM leads GROUP BY state").fetchall())
    found = {row[0]: row for row in stored}
    wrong.count("stored twice", [key for key, times in Counter(row[0] for row in stored).items() if times > 1])
    accepted = _rows(way, _as_stored(truth, settings), found, rejected, wrong)
    _phones(accepted, found, BlindIndex(settings.worker().keys.blind), wrong)
    people = _people(accepted, found)
    wrong.add("store-days over their room", over)
    wrong.add("leads in silence", silent)
    for name in ("precision", "recall"):
        wrong.add(f"matching {name} below 1", int(people[f"matching_{name}"] < 1))
    books = _books(settings)
    wrong.add("difference in the books", abs(books["difference"]))
    return {
        "matching": people,
        "screening": _screening(accepted, {key: (door, after) for key, door, after in verdicts}),
        "leads": leads,
        "books": books,
        "sign_ups_in_truth": facts["summary"]["sign_ups"],
        "wrong": wrong.found,
    }


def _as_stored(truth: Rows, settings: Settings) -> Rows:
    """The truth with request keys as Koi keeps them: of one that looks like a phone number only a digest."""
    secret = settings.worker().keys.idempotency
    return [{**row, "idempotency_key": stored_key(row["idempotency_key"], secret)} for row in truth]


class _Wrong:
    def __init__(self) -> None:
        self.found: dict[str, Any] = {}

    def count(self, what: str, examples: Iterable[object]) -> None:
        listed = [str(example) for example in examples]
        if listed:
            self.found[what] = {"count": len(listed), "first": listed[:5]}

    def add(self, what: str, count: int) -> None:
        if count:
            self.found[what] = {"count": count}


def _count(connection: psycopg.Connection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _rejected(connection: psycopg.Connection) -> dict[int, str]:
    query = """
        SELECT r.row, r.reason ->> 'code' FROM import_rejects r JOIN imports i USING (import_id)
        WHERE i.kind = 'signups'
    """
    return dict(connection.execute(query).fetchall())


def _rows(
    way: str, truth: Rows, found: Mapping[str, Any], rejected: Mapping[int, str], wrong: _Wrong
) -> list[tuple[str, Mapping[str, str]]]:
    """Every row is accepted or rejected as the truth says; returns the accepted ones by the key they are stored by."""
    accepted, lost, reasons, unexpected = [], [], [], []
    known = set()
    for row in truth:
        key = row["idempotency_key"] if way == "jsonl" else row["row_id"]
        expected = "accept" if way == "jsonl" else row[f"{way}_expect"]
        known.add(key)
        if expected.startswith("reject:"):
            said = rejected.get(int(row["csv_record" if way == "csv" else "xlsx_row"]))
            if key in found:
                unexpected.append(f"{row['row_id']} accepted, {expected}")
            elif said is None:
                lost.append(row["row_id"])
            elif said != expected.removeprefix("reject:"):
                reasons.append(f"{row['row_id']} {said}, {expected}")
        elif key in found:
            accepted.append((key, row))
        else:
            lost.append(f"{row['row_id']} {expected}")
    wrong.count("lost", lost)
    wrong.count("rejected for another reason", reasons)
    wrong.count("accepted although wrong", unexpected)
    wrong.count("stored without a row of the truth", set(found) - known)
    return accepted


def _phones(
    accepted: Sequence[tuple[str, Mapping[str, str]]], found: Mapping[str, Any], index: BlindIndex, wrong: _Wrong
) -> None:
    bad = []
    for key, row in accepted:
        _, _, _, phone, *_, problem = found[key]
        wanted = index.phone(row["phone_norm"]) if row["phone_norm"] else None
        code = _ISSUES.get(row["phone_issue"])
        if (None if phone is None else bytes(phone)) != wanted or problem != code:
            bad.append(f"{row['row_id']} {row['defect'] or row['phone_issue']}")
    wrong.count("phones read otherwise", bad)


def _people(accepted: Sequence[tuple[str, Mapping[str, str]]], found: Mapping[str, Any]) -> dict[str, Any]:
    """Pairs of one contact against pairs that share a phone, an openid or a unionid, directly or through others."""
    keys = {key: [bytes(part) for part in found[key][3:6] if part is not None] for key, _ in accepted}
    group = closure(keys)
    matched = _pairs(accepted, lambda key, _: found[key][1])
    joined = _pairs(accepted, lambda key, _: group[key])
    persons = _pairs(accepted, lambda _, row: row["person_id"])
    both = len(matched & joined)
    return {
        "pairs": len(matched),
        "matching_precision": _share(both, len(matched)),
        "matching_recall": _share(both, len(joined)),
        "recall_of_all_pairs_of_a_person": _share(len(matched & persons), len(persons)),
        "recall_that_keys_can_know": _share(len(joined & persons), len(persons)),
    }


def closure(keys: Mapping[str, Iterable[Hashable]]) -> dict[str, str]:
    """The name of each row's group: rows that share a key, directly or through others."""
    parent: dict[Hashable, Hashable] = {}

    def root(node: Hashable) -> Hashable:
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for row, shared in keys.items():
        for key in shared:
            parent[root(("key", key))] = root(("row", row))
    return {row: str(root(("row", row))) for row in keys}


def _pairs(
    accepted: Sequence[tuple[str, Mapping[str, str]]], name: Callable[[str, Mapping[str, str]], Any]
) -> set[Pair]:
    groups: dict[Any, list[str]] = defaultdict(list)
    for key, row in accepted:
        if (group := name(key, row)) is not None:
            groups[group].append(key)
    return {pair for members in groups.values() for pair in combinations(sorted(members), 2)}


def _screening(
    accepted: Sequence[tuple[str, Mapping[str, str]]], stopped: Mapping[str, tuple[bool, bool]]
) -> dict[str, Any]:
    """How well rings were told apart from people; figures, not a condition. `at_the_door`: by the first decision of
    each sign-up, `after`: by the last. Of fraud the share that was stopped, of honest people's sign-ups too, each also
    by kind."""
    fraud, honest = ([each for each in accepted if (each[1]["is_fraud"] == "1") is said] for said in (True, False))
    return {
        name: {
            "caught": _stopped(fraud, stopped, moment),
            "honest_stopped": _stopped(honest, stopped, moment),
            "by_ring": {kind: _stopped(rows, stopped, moment) for kind, rows in sorted(_by(fraud, _ring).items())},
            "by_lookalike": {
                kind: _stopped(rows, stopped, moment) for kind, rows in sorted(_by(honest, _lookalike).items())
            },
        }
        for moment, name in enumerate(("at_the_door", "after"))
    }


def _stopped(
    rows: Sequence[tuple[str, Mapping[str, str]]], stopped: Mapping[str, tuple[bool, bool]], moment: int
) -> float:
    return _share(sum(stopped[key][moment] for key, _ in rows), len(rows))


def _by(
    rows: Sequence[tuple[str, Mapping[str, str]]], name: Callable[[Mapping[str, str]], str]
) -> dict[str, list[tuple[str, Mapping[str, str]]]]:
    groups: dict[str, list[tuple[str, Mapping[str, str]]]] = defaultdict(list)
    for each in rows:
        groups[name(each[1])].append(each)
    return groups


def _ring(row: Mapping[str, str]) -> str:
    return " ".join(filter(None, (row.get("ring_kind"), row.get("ring_detail"))))


def _lookalike(row: Mapping[str, str]) -> str:
    return row.get("honest_lookalike") or "none"


def _books(settings: Settings) -> dict[str, Any]:
    engine = make_engine(settings.role_urls["hq"], pool_size=1)
    try:
        with unit_of_work(engine) as session:
            return balance(session).as_json()
    finally:
        engine.dispose()


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0
