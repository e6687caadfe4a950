"""The limit that `intake` is compared with: a bare Flask route that does one insert, served by the same gunicorn."""

from __future__ import annotations

import os
import threading
from typing import Any

import psycopg
from flask import Flask, request
from psycopg.types.json import Jsonb

TABLE = "CREATE TABLE bare_signups (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body jsonb NOT NULL)"
_own = threading.local()


def make_app() -> Flask:
    """The application; KOI_BENCH_DATABASE names its database."""
    app = Flask("bare", static_folder=None)

    @app.post("/bare")
    def bare() -> tuple[dict[str, Any], int]:
        """Store the body as it is."""
        connection: psycopg.Connection[Any] | None = getattr(_own, "connection", None)
        if connection is None:
            connection = _own.connection = psycopg.connect(os.environ["KOI_BENCH_DATABASE"], autocommit=True)
        row = connection.execute(
            "INSERT INTO bare_signups (body) VALUES (%s) RETURNING id", [Jsonb(request.get_json())]
        ).fetchone()
        return {"id": row[0] if row else None}, 202

    return app
