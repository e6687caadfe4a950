"""The test servers themselves: every test begins with what the migrations left."""

from __future__ import annotations

import psycopg
import pytest
import redis

from shared.platform.settings import Settings


@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_finds_nothing_of_the_test_before(settings: Settings, superuser_url: str, turn: int) -> None:
    with psycopg.connect(superuser_url) as connection:
        assert connection.execute("SELECT count(*) FROM dealers").fetchone() == (0,)
        connection.execute(
            "INSERT INTO dealers (dealer_id, code, name, status, created_at) "
            "VALUES (gen_random_uuid(), 'D1', '一号', 'active', now())"
        )
    with redis.Redis.from_url(settings.redis_url) as client:
        assert client.incr("left-behind") == 1


def test_each_role_signs_in_with_its_own_password(settings: Settings) -> None:
    for role, url in settings.role_urls.items():
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user")
            assert row.fetchone() == (f"koi_{role}", False)


def test_chinese_can_be_searched(settings: Settings) -> None:
    with psycopg.connect(settings.owner_url) as connection:
        assert connection.execute("SELECT cardinality(show_trgm('中文')) > 0").fetchone() == (True,)
