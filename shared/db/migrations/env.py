"""Alembic's environment: `shared.db.migrate` hands over a connection that already acts as `koi_owner`."""

from __future__ import annotations

from alembic import context

from shared.db.base import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
