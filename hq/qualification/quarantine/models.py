"""What headquarters judged: never changed, only taken back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Key
from shared.db.columns import one_of

VERDICTS = ("genuine", "fraud")


class ScreeningVerdict(Base):
    """Headquarters' word about one person, given together with others of one act.

    A person is whoever the sign-up belongs to now, so that the word follows when two customers are joined and when
    they are parted again. Of several words about one person that nobody took back the latest counts.
    """

    __tablename__ = "screening_verdicts"
    __table_args__ = (
        one_of("verdict", VERDICTS),
        Index("ix_screening_verdicts_act", "act_id"),
        Index("ix_screening_verdicts_at", "at", "act_id"),
        Index("ix_screening_verdicts_ring", "ring_key"),
        Index("ix_screening_verdicts_standing", "signup_id", "at", postgresql_where=text("undone_at IS NULL")),
    )

    verdict_id: Mapped[Key]
    act_id: Mapped[UUID]  # one act judges a ring, or the people ticked in it
    ring_key: Mapped[UUID]  # the ring's first sign-up when it was judged
    signup_id: Mapped[UUID] = mapped_column(ForeignKey("signups.signup_id"))  # one of the person's
    verdict: Mapped[str]
    codes: Mapped[list[str]] = mapped_column(ARRAY(Text()))  # the reasons for quarantine that were known
    note: Mapped[str]
    author: Mapped[str]
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]
