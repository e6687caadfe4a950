"""The servers of the default start: nothing committed is lost, whatever is done to them, wherever they live."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from shared.platform.embedded.servers import Servers, secret_of
from shared.platform.settings import Settings
from tests.servers import new_folder, new_servers


@pytest.fixture
def folder() -> Iterator[Path]:
    path = new_folder()
    yield path
    shutil.rmtree(path)


def started(folder: Path) -> tuple[Servers, Settings]:
    servers = new_servers(folder, durable=True)
    servers.start()
    return servers, Settings.from_env({**servers.environment(), "KOI_VAR": str(folder)})


@pytest.mark.parametrize("way", ["fast", "immediate", "kill"])
def test_what_was_committed_survives(folder: Path, way: str) -> None:
    servers, settings = started(folder)
    with psycopg.connect(settings.owner_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS n")
    servers.postgres.stop(way)
    servers.postgres.start()
    with psycopg.connect(settings.owner_url) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (42,)
    servers.stop()


def test_a_killed_valkey_still_has_its_queue(folder: Path) -> None:
    servers, settings = started(folder)
    with redis.Redis.from_url(settings.redis_url) as client:
        client.rpush("queue", *range(100))
        client.config_set("appendfsync", "always")
        client.rpush("queue", 100)
    servers.valkey.stop(kill=True)
    servers.valkey.start()
    with redis.Redis.from_url(settings.redis_url) as client:
        assert client.llen("queue") == 101
    servers.stop()


@pytest.mark.parametrize("name", ["a folder with spaces", "long" * 40, "锦鲤"])
def test_any_folder_will_do(folder: Path, name: str) -> None:
    servers, settings = started(folder / name)
    with psycopg.connect(settings.owner_url) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("koi_owner",)
    with redis.Redis.from_url(settings.redis_url) as client:
        assert len(client.client_list()) == 1
    servers.stop()
    servers.postgres.remove()
    servers.valkey.remove()


def test_the_owner_is_no_superuser_and_strangers_are_not_let_in(folder: Path) -> None:
    servers, settings = started(folder)
    with psycopg.connect(settings.owner_url) as connection:
        row = connection.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = 'koi_owner'").fetchone()
    assert row == (False, False)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(servers.postgres.url(password="guessed"))
    sockets = Path(settings.redis_url.removeprefix("unix://").partition("?")[0]).parent
    assert sockets.stat().st_mode & 0o077 == 0
    servers.stop()


def test_a_pid_file_left_behind_does_not_stop_the_next_start(folder: Path) -> None:
    servers, _ = started(folder)
    left = (servers.postgres.data / "postmaster.pid").read_bytes()
    servers.postgres.stop("fast")
    (servers.postgres.data / "postmaster.pid").write_bytes(left.replace(left.split(b"\n")[0], b"1", 1))
    servers.postgres.start()
    servers.stop()


def test_the_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = secret_of(tmp_path)
    assert secret_of(tmp_path) == first
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["secret.key"]
