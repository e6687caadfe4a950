"""What Koi is told from outside."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from shared.platform.keys import DealerKeys, database_password
from shared.platform.server_version import refusal
from shared.platform.settings import ROLES, BadSetting, Settings

SECRET = base64.b64encode(bytes(range(32))).decode()
GIVEN = {"DATABASE_URL": "postgres://owner:pw@db.example:5433/koi", "REDIS_URL": "redis://r", "KOI_SECRET_KEY": SECRET}


def test_each_face_gets_its_own_login_and_nothing_of_the_owner() -> None:
    settings = Settings.from_env(GIVEN)
    password = database_password(settings.secret, "koi_dealer")
    assert settings.dealer().database_url == f"postgresql://koi_dealer:{password}@db.example:5433/koi"
    for face in (settings.hq(), settings.dealer(), settings.public(), settings.worker()):
        assert "owner" not in face.database_url


def test_a_login_given_for_a_face_is_taken_as_it_is() -> None:
    settings = Settings.from_env({**GIVEN, "KOI_DATABASE_URL_HQ": "postgresql://somebody:else@pool/koi"})
    assert settings.hq().database_url == "postgresql://somebody:else@pool/koi"


def test_a_web_server_need_not_know_the_owners_login() -> None:
    logins = {f"KOI_DATABASE_URL_{role.upper()}": f"postgresql://{role}@db/koi" for role in ROLES}
    settings = Settings.from_env({**GIVEN, "DATABASE_URL": "", **logins})
    assert settings.owner_url == ""
    assert settings.hq().database_url == "postgresql://hq@db/koi"


def test_the_dealer_face_holds_no_key_of_contacts() -> None:
    assert isinstance(Settings.from_env(GIVEN).dealer().keys, DealerKeys)


def test_cookies_of_two_faces_are_signed_with_different_keys() -> None:
    settings = Settings.from_env(GIVEN)
    assert len({settings.hq().cookie_key, settings.dealer().cookie_key, settings.public().cookie_key}) == 3


def test_settings_show_no_secret_when_printed() -> None:
    settings = Settings.from_env(GIVEN)
    for shown in map(repr, (settings, settings.hq(), settings.dealer(), settings.public(), settings.worker())):
        assert "pw" not in shown
        assert SECRET not in shown


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATABASE_URL", "", "DATABASE_URL is not set"),
        ("DATABASE_URL", "mysql://x", "postgresql://owner"),
        ("KOI_SECRET_KEY", "short", "openssl rand"),
        ("KOI_PORT", "80a", "whole number"),
        ("KOI_PORT", "70000", "65535"),
    ],
)
def test_a_bad_setting_is_named(name: str, value: str, said: str) -> None:
    with pytest.raises(BadSetting, match=said):
        Settings.from_env({**GIVEN, name: value})


def test_files_go_where_koi_var_says() -> None:
    assert Settings.from_env({**GIVEN, "KOI_VAR": "/srv/koi"}).var == Path("/srv/koi")


@pytest.mark.parametrize("version", [150014, 160010, 170006, 180000, 190001])
def test_a_current_postgresql_is_taken(version: int) -> None:
    assert refusal(version) is None


@pytest.mark.parametrize("version", [140020, 150013, 160009, 170005, 90624])
def test_an_old_postgresql_is_refused_with_its_version(version: int) -> None:
    assert str(version // 10000) in (refusal(version) or "")
