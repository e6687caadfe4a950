"""The population of districts that headquarters has brought along: none is shipped."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Key


class PopulationTable(Base):
    """The table in force, if there is one: whose figures, of when, and who brought it."""

    __tablename__ = "population_tables"
    __table_args__ = (
        Index("uq_population_tables_only", text("(true)"), unique=True),
        CheckConstraint("people > 0", name="people_positive"),
    )

    table_id: Mapped[Key]
    source: Mapped[str]  # as headquarters names it
    as_of: Mapped[int]  # the year that the figures are of
    file_name: Mapped[str]
    counties: Mapped[int]  # with a figure
    people: Mapped[int] = mapped_column(BigInteger)  # of them all
    left_out: Mapped[int]  # rows of the file that could not be used
    brought_by: Mapped[str]
    brought_at: Mapped[datetime]


class DivisionPeople(Base):
    """A county, or a city or province that has none here, with its people."""

    __tablename__ = "division_people"
    __table_args__ = (CheckConstraint("people > 0", name="people_positive"),)

    table_id: Mapped[UUID] = mapped_column(ForeignKey("population_tables.table_id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)  # GB/T 2260, in force
    people: Mapped[int]
