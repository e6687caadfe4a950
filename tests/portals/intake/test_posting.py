"""`./koi signups post` against the real API, served over a socket."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from hq.intake.api.cli import post
from hq.intake.api.posting import CannotPost, Poster
from shared.campaigns.models import Campaign
from shared.platform.settings import Settings
from shared.signups.models import Signup
from tests.portals.conftest import Faces
from tests.portals.intake.calling import SAID, TOKEN


class Unsteady:
    """The API behind a line that fails now and then: before the answer, and after the work was done."""

    def __init__(self, app: Flask, *, every: int) -> None:
        self._app, self._every, self._calls = app, every, 0

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        self._calls += environ["REQUEST_METHOD"] == "POST"
        if environ["REQUEST_METHOD"] == "POST" and self._calls % self._every == 0:
            list(self._app(environ, lambda *_answer: lambda _body: None))  # done, but the answer is lost
            start("502 Bad Gateway", [("Content-Length", "0")])
            return [b""]
        return self._app(environ, start)


@pytest.fixture
def address(faces: Faces, settings: Settings, event: Campaign) -> Iterator[str]:
    """Where the API answers, losing every seventh answer."""
    server = make_server("127.0.0.1", 0, Unsteady(faces.public, every=7), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def event_line(number: int, **changes: Any) -> bytes:
    """A line as the generator writes it: consents without versions."""
    consents = {"marketing": number % 2 == 0, "share_with_dealer": True}
    body = {"idempotency_key": f"k{number}", "campaign_code": "FRI", **SAID, "consents": consents, **changes}
    return json.dumps(body, ensure_ascii=False).encode() + b"\n"


def test_every_line_arrives_once_whatever_answers_are_lost(address: str, rows: Session) -> None:
    lines = [event_line(number) for number in range(40)]
    lines += [event_line(3), event_line(4, name="别人"), b"\n", event_line(50, touchpoint="billboard")]
    report = Poster(address, TOKEN, connections=4, pause=lambda _seconds: None).send(lines)
    assert report.lines == 43
    assert report.accepted + report.replayed == 41
    assert report.conflicts == [42]
    assert dict(report.refused) == {"422 body_invalid": 1}
    assert report.refused_lines == [44]
    assert report.unsent == []
    assert report.retries >= 5
    assert rows.scalar(select(func.count()).select_from(Signup)) == 40
    with_marketing = select(func.count()).where(Signup.marketing_text_id.is_not(None))
    assert rows.scalar(with_marketing) == 20


def test_an_address_that_nobody_answers_is_given_up(settings: Settings) -> None:
    with pytest.raises(CannotPost, match="does not answer"):
        Poster("http://127.0.0.1:1", TOKEN, connections=1, pause=lambda _seconds: None).send([event_line(1)])


@pytest.mark.parametrize(
    ("line", "said"), [(b"{}\n", "Line 1"), (b"not json\n", "Line 1"), (event_line(1, campaign_code="NO"), "NO")]
)
def test_what_is_no_event_stops_it_with_a_sentence(address: str, line: bytes, said: str) -> None:
    with pytest.raises(CannotPost, match=said):
        Poster(address, TOKEN, connections=2).send([line])


def test_the_command_counts_for_people_and_programs(address: str, tmp_path: Path) -> None:
    file = tmp_path / "signups.jsonl"
    file.write_bytes(b"".join(event_line(number) for number in range(5)) + event_line(1, name="别人"))
    words = [str(file), "--url", address, "--token", TOKEN]
    told = CliRunner().invoke(post, [*words, "--json"])
    assert told.exit_code == 0, told.output
    counted = json.loads(told.stdout.splitlines()[-1])  # after what the server in this process logs
    assert (counted["lines"], counted["accepted"] + counted["replayed"], counted["conflicts"]) == (6, 5, [6])
    read = CliRunner().invoke(post, words)
    assert "6 lines" in read.output
    assert "line 6" in read.output
    assert CliRunner().invoke(post, [str(file), "--url", address, "--token", "wrong"]).exit_code == 1
