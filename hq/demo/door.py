"""The demo's people at the door: through the same statement as everybody else's sign-ups.

Those of the past are dated back, by the owner's login: the door knows no time but the database's.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from hashlib import sha256

import psycopg
from sqlalchemy import Engine, text

from hq.demo.crowd import Arrival
from shared.db.batch import Rows
from shared.platform.ids import new_id
from shared.platform.keys import PublicKeys
from shared.signups import acceptance
from shared.signups.acceptance import Accepted, Offer
from shared.signups.rows import Sealer

_DATES = Rows({"signup_id": "uuid", "at": "timestamptz"})
_DATE_BACK = (
    text(
        f"""
        UPDATE signups s SET accepted_at = t.at, occurred_at = t.at FROM {_DATES.source}
        WHERE s.signup_id = t.signup_id
        """  # noqa: S608 (names of this module)
    ),
    text(
        f"UPDATE receipts r SET accepted_at = t.at FROM {_DATES.source} WHERE r.signup_id = t.signup_id"  # noqa: S608
    ),
)
_ON_ITS_WAY = timedelta(milliseconds=400)


class Door:
    """Takes the demo's sign-ups: `connection` is of the public role, `owner` an engine of the owner's."""

    def __init__(self, connection: psycopg.Connection[tuple[object, ...]], owner: Engine, keys: PublicKeys) -> None:
        self._connection, self._owner, self._keys = connection, owner, keys
        self._sealer = Sealer(keys)

    def take(self, arrivals: Sequence[Arrival], token: bytes | None) -> int:
        """Take sign-ups of the past in one go; how many were stored.

        Args:
            token: SHA-256 of the mini-program's token; people without a WeChat session use the campaign's page.
        """
        stored = []
        with self._connection.transaction(), self._connection.cursor() as cursor:
            for arrival in arrivals:
                answer = acceptance.accept(cursor, self._offer(arrival, token))
                if isinstance(answer, Accepted) and not answer.replayed:
                    stored.append((answer.signup_id, arrival.at))
        if stored:
            with self._owner.begin() as owner:
                for statement in _DATE_BACK:
                    owner.execute(statement, _DATES.parameters(stored))
        return len(stored)

    def _offer(self, arrival: Arrival, token: bytes | None) -> Offer:
        said = arrival.submission
        key = f"demo-{said.openid}-{arrival.campaign}-{arrival.at:%m%d%H%M%S}"
        body = json.dumps(asdict(said), default=str).encode()
        return Offer(
            token_hash=token if said.phone_verified == "wechat" else None,
            campaign_code=arrival.campaign,
            key=key,
            body_hmac=hmac.digest(self._keys.idempotency, body, sha256),
            occurred_at=None,
            marketing_version=1 if arrival.marketing else None,
            share_version=1 if arrival.share else None,
            row=self._sealer.row(new_id(arrival.at - _ON_ITS_WAY), said),
        )
