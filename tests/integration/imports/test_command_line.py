"""`./koi signups import` and `./koi stores import`: counts as JSON, words for people, a status for scripts."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from hq.intake.imports.cli import signups, stores
from tests import factories as make
from tests.unit.intake.workbooks import ANNA, BORIS, HEADINGS, csv_bytes

BAD = ["S3", "DRAW", "王短", "1380013", *ANNA[4:]]


@pytest.fixture
def koi(settings, tmp_path):
    """`koi(group, content, *options)`: as in a shell that names these servers."""
    environment = {
        "DATABASE_URL": settings.owner_url,
        "REDIS_URL": settings.redis_url,
        "KOI_SECRET_KEY": settings.secret_text,
        "KOI_VAR": str(settings.var),
    }

    def run(group, content: bytes, *options: str) -> Result:
        path = tmp_path / "名单.csv"
        path.write_bytes(content)
        return CliRunner().invoke(group, ["import", str(path), *options], env=environment)

    return run


@pytest.fixture(autouse=True)
def draw(rows):
    make.campaign(rows, code="DRAW", name="金秋抽奖季")
    rows.commit()


def test_every_row_is_accounted_for_in_json(koi):
    done = koi(signups, csv_bytes([HEADINGS, ANNA, BORIS, BAD]), "--campaign", "DRAW", "--json")
    said = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (said["state"], said["rows"], said["accepted"], said["rejected"]) == ("done", 3, 2, 1)
    assert (said["reasons"], said["refused"]) == ({"phone_length": 1}, None)


def test_people_get_words(koi):
    done = koi(signups, csv_bytes([HEADINGS, ANNA, BAD]))
    assert done.exit_code == 0
    assert "1 accepted" in done.stdout
    assert "The phone number has too few or too many digits" in done.stdout


def test_a_refused_file_has_its_code_and_a_status(koi):
    done = koi(signups, b"<html></html>", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["refused"]["code"] == "web_page"
    again = koi(signups, b"<html></html>")
    assert again.exit_code == 1
    assert "web page" in again.stderr


@pytest.mark.parametrize(("options", "code"), [(("--campaign", "NOPE"), "campaign_unknown"), ((), "already_imported")])
def test_what_stores_nothing_is_refused_too(koi, options, code):
    content = csv_bytes([HEADINGS, ANNA])
    koi(signups, content)
    done = koi(signups, content, *options, "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["refused"]["code"] == code


def test_the_same_file_again_when_wanted(koi):
    content = csv_bytes([HEADINGS, ANNA])
    koi(signups, content)
    assert json.loads(koi(signups, content, "--again", "--json").stdout)["accepted"] == 1


def test_stores_too(koi):
    done = koi(stores, csv_bytes([["经销商编码", "门店编码", "省", "市"], ["D1", "QJ1", "广东", "广州"]]), "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["accepted"] == 1
