"""Whose turn it is."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base


class StoreTurn(Base):
    """How far a store has come in taking turns with its equals (`policy.Room.turns`)."""

    __tablename__ = "store_turns"

    store_id: Mapped[UUID] = mapped_column(ForeignKey("stores.store_id"), primary_key=True)
    turn: Mapped[float]
