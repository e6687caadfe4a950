"""100,000 deadlines that are due at once: claims, first contacts, reminders. Each fires exactly once; two workers.

A third of the assignments are offers past their deadline (they end, a breach, a notice, the lead goes back to the
rules), a third are held leads whose first contact is overdue (a breach, a line of the story, a notice), a third are
reminders. Keys are in order of time, as Koi's are. The bare limit is one UPDATE of the assignments alone, in the same
database.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from multiprocessing.sharedctypes import Synchronized
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import event

from hq.rules.defaults import defaults
from hq.rules.service import ensure_defaults
from shared.db.session import make_engine, now_of, unit_of_work
from shared.dealers.hours import ALL_DAY
from shared.platform.settings import Settings
from shared.work.drains import find
from shared.work.place import at_work
from shared.work.runs import run as run_drain
from tests.servers import migrated_environment, new_folder, new_servers
from wsgi import every

_ROWS = 100_000
_QUICK = 3_000
_STORES = 500
_DRAINS = ("hq.alarms", "hq.settle")
_LONGEST_S = 600.0
_DEALER = "00000000-0000-0000-0000-0000000000d1"

_ONCE = """
INSERT INTO dealers (dealer_id, code, name, status, created_at) VALUES (%(dealer)s, 'D1', 'D1', 'active', %(now)s);
INSERT INTO stores (dealer_id, store_id, code, name, address, hours, status, created_at, changed_at)
SELECT %(dealer)s, ('00000000-0000-0000-0001-' || lpad(n::text, 12, '0'))::uuid, 'S' || n, 'S' || n, '', %(hours)s,
       'active', %(now)s, %(now)s FROM generate_series(0, %(stores)s - 1) AS n;
INSERT INTO campaigns (campaign_id, code, name, status, phone_check, created_at)
VALUES (%(dealer)s, 'BENCH', 'BENCH', 'live', 'optional', %(now)s);
INSERT INTO consent_scopes (scope_id, created_at) VALUES (%(dealer)s, %(now)s);
INSERT INTO scopes (scope_id, dealer_id) VALUES (%(dealer)s, %(dealer)s);
INSERT INTO consent_texts (text_id, campaign_id, kind, version, body_zh, body_en, scope_id, created_at)
VALUES (%(dealer)s, %(dealer)s, 'share', 1, '', '', %(dealer)s, %(now)s);
"""
_FILL = """
CREATE TEMP TABLE kit AS
SELECT n %% 3 AS kind, ('01a1f6ae-9900-7000-8001-' || lpad(to_hex(n), 12, '0'))::uuid AS contact_id,
       ('01a1f6ae-9900-7000-8002-' || lpad(to_hex(n), 12, '0'))::uuid AS lead_id,
       ('01a1f6ae-9900-7000-8003-' || lpad(to_hex(n), 12, '0'))::uuid AS assignment_id,
       ('00000000-0000-0000-0001-' || lpad((n %% %(stores)s)::text, 12, '0'))::uuid AS store_id
FROM generate_series(1, %(rows)s) AS n;
INSERT INTO contacts (contact_id, name, created_at, changed_at) SELECT contact_id, '陈小明', %(now)s, %(now)s FROM kit;
INSERT INTO consents (contact_id, scope_id, text_id, signup_id, given_at)
SELECT contact_id, %(dealer)s, %(dealer)s, contact_id, %(now)s FROM kit;
INSERT INTO leads (lead_id, contact_id, campaign_id, scope_id, state, state_reason, grade, points, probability, reasons,
                   wish, place, hops, due_at, opened_at, changed_at)
SELECT lead_id, contact_id, %(dealer)s, %(dealer)s, 'placed', '{}', 'A', 160, 0.2, '[]', '{}', '{}', 0, %(now)s,
       %(now)s, %(now)s FROM kit;
INSERT INTO assignments (dealer_id, assignment_id, store_id, lead_id, contact_id, scope_id, stage, grade, offer, hop,
                         offered_at, deadline_at, moved_at, settled_at, end_reason, due_at, due_kind, remind_at,
                         recycle_at)
SELECT %(dealer)s, assignment_id, store_id, lead_id, contact_id, %(dealer)s,
       CASE kind WHEN 1 THEN 'claimed' ELSE 'offered' END, 'A', '{"phone": "138****0000"}', 1, %(before)s,
       CASE kind WHEN 0 THEN %(due)s ELSE %(later)s END, %(before)s, %(before)s, '{}',
       CASE kind WHEN 1 THEN %(due)s END, CASE kind WHEN 1 THEN 'contact' END, CASE kind WHEN 2 THEN %(due)s END,
       CASE kind WHEN 1 THEN %(later)s END
FROM kit;
INSERT INTO customer_cards (dealer_id, assignment_id, sealed) SELECT %(dealer)s, assignment_id, '\\x00' FROM kit;
INSERT INTO holds (lead_id, dealer_id, assignment_id, held_at)
SELECT lead_id, %(dealer)s, assignment_id, %(before)s FROM kit WHERE kind = 1;
DROP TABLE kit;
"""
# The rows of three kinds have other columns to change; a copy keeps the figures of both apart.
_BARE = """
UPDATE bare_assignments
SET stage = CASE WHEN stage = 'offered' AND deadline_at <= %(now)s THEN 'expired' ELSE stage END,
    ended_at = CASE WHEN stage = 'offered' AND deadline_at <= %(now)s THEN %(now)s::timestamptz END,
    breached_at = CASE WHEN due_at <= %(now)s THEN %(now)s::timestamptz END, remind_at = NULL
WHERE (stage = 'offered' AND deadline_at <= %(now)s) OR alarm_at <= %(now)s
"""
_COUNTED = """
SELECT (SELECT count(*) FROM assignments WHERE stage = 'expired'),
       (SELECT count(*) FROM breaches WHERE kind = 'claim'),
       (SELECT count(*) FROM breaches WHERE kind = 'contact'),
       (SELECT count(*) FROM notifications WHERE kind = 'claim_soon'),
       (SELECT count(*) FROM notifications WHERE kind = 'contact_late'),
       (SELECT count(*) FROM notifications WHERE kind = 'expired'),
       (SELECT count(*) FROM lead_events WHERE kind = 'breached'),
       (SELECT count(*) FROM lead_events WHERE kind = 'expired'),
       (SELECT count(*) FROM breaches WHERE due_at <> %(due)s),
       (SELECT count(*) FROM assignments WHERE alarm_at <= %(now)s OR (stage = 'offered' AND deadline_at <= %(now)s))
"""


def run(words: Sequence[str]) -> dict[str, Any]:
    """Measure; `--quick`: fewer rows."""
    for name in ("models", "jobs"):
        list(every(name))
    rows = _QUICK if "--quick" in words else _ROWS
    folder = new_folder()
    servers = new_servers(folder, durable=True)
    try:
        settings = Settings.from_env(migrated_environment(servers, folder))
        due = fill(settings, rows)
        bare = _bare(settings)
        seconds, memory, sent = _fired(settings)
        figures, notes = _counted(settings, due, rows)
    finally:
        servers.valkey.stop(kill=True)
        servers.postgres.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)
    measured = {
        "seconds": round(seconds, 1),
        "fired_per_s": round(figures["fired"] / seconds, 1),
        "statements_per_deadline": round(sent / rows, 4),
        "memory_mb": round(memory, 1),
    }
    return {
        "name": "deadlines",
        "figures": figures | measured,
        "limits": {"bare_update_s": round(bare, 2)},
        "ratios": {"to_bare_update": round(bare / seconds, 3)},
        "notes": [notes, f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"],
    }


def fill(settings: Settings, rows: int) -> datetime:
    """So many assignments of which something was due a minute ago; gives that moment."""
    engine = make_engine(settings.owner_url)
    with unit_of_work(engine) as session:
        now = now_of(session)
        ensure_defaults(session, defaults(), now=now)
    engine.dispose()
    due = now.replace(microsecond=0) - timedelta(minutes=1)
    values = {
        "dealer": _DEALER,
        "stores": _STORES,
        "rows": rows,
        "hours": Jsonb(ALL_DAY.to_json()),
        "now": now,
        "due": due,
        "before": due - timedelta(hours=1),
        "later": due + timedelta(days=1),
    }
    with psycopg.connect(_superuser(settings), autocommit=True) as connection:
        cursor = psycopg.ClientCursor(connection)
        cursor.execute(_ONCE, values)
        cursor.execute(_FILL, values)
        connection.execute("VACUUM ANALYZE")
    return due


def _superuser(settings: Settings) -> str:
    return settings.owner_url.replace("postgresql+psycopg://", "postgresql://", 1)


def _bare(settings: Settings) -> float:
    """Seconds of one UPDATE over a copy of the table with its indexes, as two sessions would not be faster."""
    with psycopg.connect(_superuser(settings), autocommit=True) as connection:
        connection.execute("CREATE TABLE bare_assignments (LIKE assignments INCLUDING ALL)")
        names = ", ".join(
            name
            for (name,) in connection.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = 'assignments'::regclass AND attnum > 0"
                " AND NOT attisdropped AND attgenerated = ''"
            )
        )
        connection.execute(f"INSERT INTO bare_assignments ({names}) SELECT {names} FROM assignments")
        connection.execute("VACUUM ANALYZE bare_assignments")
        started = time.perf_counter()
        psycopg.ClientCursor(connection).execute(_BARE, {"now": datetime.now().astimezone()})
        seconds = time.perf_counter() - started
        connection.execute("DROP TABLE bare_assignments")
    return seconds


def _fired(settings: Settings) -> tuple[float, float, int]:
    """Seconds, megabytes of the larger worker, statements of both, until nothing is due."""
    context = multiprocessing.get_context("fork")
    sent, memory = context.Value("l", 0), context.Value("l", 0)
    started = time.perf_counter()
    processes = [context.Process(target=_work, args=(settings, n, sent, memory)) for n in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(_LONGEST_S)
    return time.perf_counter() - started, memory.value / 1024, sent.value


def _work(settings: Settings, number: int, sent: Synchronized[int], memory: Synchronized[int]) -> None:
    """A worker: both drains until nothing is due; the second begins with the other one."""
    statements = 0

    def count(*_call: object) -> None:
        nonlocal statements
        statements += 1

    with at_work(settings.worker()) as place:
        event.listen(place.engine, "before_cursor_execute", count)
        names = _DRAINS if number == 0 else _DRAINS[::-1]
        while sum(run_drain(place, find(name)).rows for name in names):
            continue
    with sent.get_lock():
        sent.value += statements
    with memory.get_lock():
        memory.value = max(memory.value, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _counted(settings: Settings, due: datetime, rows: int) -> tuple[dict[str, int], str]:
    """What was fired, and what was told or written more often than once or not at the moment it was due."""
    with psycopg.connect(_superuser(settings)) as connection:
        values = {"due": due, "now": datetime.now().astimezone()}
        row = psycopg.ClientCursor(connection).execute(_COUNTED, values).fetchone()
    assert row is not None
    expired, claims, contacts, reminders, late, told, breached, stories, moments, left = row
    claims_due, contacts_due, reminders_due = rows // 3, (rows + 2) // 3, (rows + 1) // 3
    pairs = [
        (expired, claims_due),
        (claims, claims_due),
        (told, claims_due),
        (stories, claims_due),
        (contacts, contacts_due),
        (late, contacts_due),
        (breached, contacts_due),
        (reminders, reminders_due),
    ]
    figures = {
        "fired": claims + contacts + reminders,
        "twice": sum(max(0, found - wanted) for found, wanted in pairs),
        "missing": sum(max(0, wanted - found) for found, wanted in pairs) + left,
        "not_to_the_second": moments,
    }
    return (
        figures,
        f"{claims:,} offers past their deadline, {contacts:,} first contacts overdue, {reminders:,} reminders",
    )
