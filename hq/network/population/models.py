"""A population table that was uploaded and is looked at; nothing is in force of it yet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from shared.db.base import Base, Key


class PopulationDraft(Base):
    """An upload; its file is sealed in the storage, as somebody may have taken the wrong one."""

    __tablename__ = "population_drafts"
    __table_args__ = (Index("ix_population_drafts_purge_at", "purge_at"),)

    draft_id: Mapped[Key]
    file_key: Mapped[str]
    file_name: Mapped[str]
    columns: Mapped[dict[str, Any]]  # field → column (from 0); see hq.network.population.columns
    unit: Mapped[int | None]  # people that one stands for; NULL: neither the file nor anybody says so
    source: Mapped[str]
    as_of: Mapped[int | None]
    uploaded_by: Mapped[str]
    uploaded_at: Mapped[datetime]
    purge_at: Mapped[datetime]
    aside_at: Mapped[datetime | None]
