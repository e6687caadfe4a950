"""What people keep about lists: their views, and how they look at each list."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Key


class SavedView(Base):
    """A name for filters, sort and columns of a list: its owner's alone, or shared with everybody at headquarters."""

    __tablename__ = "saved_views"
    __table_args__ = (Index("ix_saved_views_list", "list_name", "owner_id"),)

    view_id: Mapped[Key]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("hq_users.user_id"))
    list_name: Mapped[str]
    name: Mapped[str]
    query: Mapped[str]  # a query string without place; holds no phone number
    shared: Mapped[bool]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]  # can be undone


class ListHabit(Base):
    """The columns and the row height that a person chose last for a list."""

    __tablename__ = "list_habits"

    user_id: Mapped[Key] = mapped_column(ForeignKey("hq_users.user_id"))
    list_name: Mapped[str] = mapped_column(primary_key=True)
    columns: Mapped[str]  # keys with commas; empty: as the list comes
    dense: Mapped[bool]
    changed_at: Mapped[datetime]
