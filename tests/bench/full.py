"""A brand after two busy weeks, made by SQL in a minute or two: leads by the hundred thousand, thousands of stores.

Numbers are sealed and indexed as Koi does it, so that searches are real; states, grades, times and stores are spread
as they are in life: most leads are over, a few thousand are on offer, a few stores have very many.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from shared.contacts.crypto import BlindIndex, Vault
from shared.contacts.sealing import seal_phone
from shared.dealers.hours import ALL_DAY
from shared.leads.cards import Card, seal_card
from shared.platform.ids import new_id
from shared.platform.keys import CURRENT_KEY_ID, Keyring
from shared.regions.divisions import inside, provinces

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英玉兰建国志文海波晓东雪梅"
_PER_DEALER = 12

_HERE = Path(__file__).parent


def fill(url: str, keys: Keyring, *, leads: int, stores: int, user_id: UUID) -> None:
    """Fill an empty, migrated database.

    Args:
        url: of a superuser; foreign keys are not checked while it fills.
        leads: half as many people again sign up.
        user_id: does what stores did.
    """
    now = datetime.now(UTC)
    # CREATE TABLE AS takes no parameters, so the client writes them into the statement
    with psycopg.connect(url, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        connection.execute("SET work_mem = '256MB'; SET maintenance_work_mem = '512MB'")
        connection.execute((_HERE / "full_first.sql").read_text(encoding="utf-8"))
        campaign, scope, text = _network(connection, now, stores)
        people = leads * 3 // 2
        _people(connection, keys, people)
        given = {"now": now, "campaign": campaign, "scope": scope, "text": text, "user": user_id}
        sizes = {"people": people, "stores": stores}
        for statement in (_HERE / "full.sql").read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                connection.execute(_escaped(statement), {**given, **sizes})
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE bench_people, bench_plan, bench_stores")
        connection.execute("VACUUM ANALYZE")


def _escaped(statement: str) -> str:
    """`%` as the modulo sign, next to named parameters."""
    return re.sub(r"%(?!\()", "%%", statement)


def _network(connection: psycopg.Connection[Any], now: datetime, stores: int) -> tuple[UUID, UUID, UUID]:
    counties = [county for province in provinces() for city in inside(province.code) for county in inside(city.code)]
    chance = random.Random(5)
    dealers = [new_id(now) for _number in range(max(1, stores // _PER_DEALER))]
    campaign, scope, text = new_id(now), new_id(now), new_id(now)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO dealers (dealer_id, code, name, status, created_at) VALUES (%s, %s, %s, 'active', %s)",
            [(dealer, f"BD{number}", f"经销商{number}", now) for number, dealer in enumerate(dealers)],
        )
        hours = json.dumps(ALL_DAY.to_json())
        rows = []
        for number in range(stores):
            county = chance.choice(counties)
            code = county.code
            place = (f"{code[:2]}0000", f"{code[:4]}00", code, county.lng, county.lat)
            name = f"{county.name}{number}店"
            rows.append((dealers[number % len(dealers)], new_id(now), f"B{number:05}", name, *place, hours, now, now))
        cursor.executemany(
            "INSERT INTO stores (dealer_id, store_id, code, name, province_code, city_code, county_code, lng, lat,"
            " hours, created_at, changed_at, address, status, daily_capacity)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '', 'active', 50)",
            rows,
        )
        cursor.execute(
            "INSERT INTO store_days (dealer_id, store_id, day, cap, taken)"
            " SELECT dealer_id, store_id, current_date - d, 50, 3 FROM stores CROSS JOIN generate_series(0, 7) d"
        )
        cursor.execute(
            "INSERT INTO store_weeks (dealer_id, store_id, week, cap, taken) SELECT dealer_id, store_id,"
            " date_trunc('week', day)::date, NULL, sum(taken) FROM store_days GROUP BY 1, 2, 3"
        )
        cursor.execute("CREATE TABLE bench_stores AS SELECT *, row_number() OVER (ORDER BY code) - 1 AS i FROM stores")
        cursor.execute("CREATE UNIQUE INDEX ON bench_stores (i)")
        cursor.execute(
            "INSERT INTO campaigns (campaign_id, code, name, status, starts_at, phone_check, created_at)"
            " VALUES (%s, 'bench', '锦鲤星期五', 'live', %s::timestamptz - interval '15 days', 'optional', %s)",
            (campaign, now, now),
        )
        cursor.execute("INSERT INTO consent_scopes VALUES (%s, %s)", (scope, now))
        cursor.execute("INSERT INTO scopes SELECT %s, dealer_id FROM dealers", (scope,))
        cursor.execute(
            "INSERT INTO consent_texts (text_id, campaign_id, kind, version, body_zh, body_en, scope_id, created_at)"
            " VALUES (%s, %s, 'share', 1, '同意', 'Agreed', %s, %s)",
            (text, campaign, scope, now),
        )
    return campaign, scope, text


def _people(connection: psycopg.Connection[Any], keys: Keyring, count: int) -> None:
    with connection.cursor() as cursor, cursor.copy("COPY bench_people FROM STDIN") as copy:
        for row in _sealed(keys, count):
            copy.write_row(row)


def _sealed(keys: Keyring, count: int) -> Iterator[tuple[object, ...]]:
    vault, index, chance = Vault(keys.contacts, CURRENT_KEY_ID), BlindIndex(keys.blind), random.Random(7)
    for number in range(count):
        sealed = seal_phone(f"+861{33_000_000_00 + number * 7:010}", vault=vault, index=index)
        name = chance.choice(_SURNAMES) + "".join(chance.choices(_GIVEN, k=1 + (number % 3 > 0)))
        yield (number, sealed.phone_bidx, sealed.last4_bidx, sealed.sealed, sealed.masked, name)


def seal_cards(url: str, keys: Keyring, store_ids: list[UUID]) -> None:
    """Customer cards for what these stores hold, so that their people can read them."""
    vault = Vault(keys.cards, CURRENT_KEY_ID)
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        rows = connection.execute(
            "SELECT a.dealer_id, a.assignment_id, c.name FROM assignments a"
            " JOIN holds h USING (dealer_id, assignment_id) JOIN contacts c USING (contact_id)"
            " WHERE a.store_id = ANY(%s)",
            [store_ids],
        ).fetchall()
        cards = [(dealer, each, Card(name, ("+8613300000000",))) for dealer, each, name in rows]
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO customer_cards (dealer_id, assignment_id, sealed) VALUES (%s, %s, %s)",
                [
                    (dealer, each, seal_card(vault, card, dealer_id=dealer, assignment_id=each))
                    for dealer, each, card in cards
                ],
            )
