"""What both portals' inboxes read from an address and a form, and the words they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from flask import Blueprint, request
from sqlalchemy.orm import Session

from shared.identity.actor import Actor
from shared.identity.permissions import Role
from shared.notifications import queries, words
from shared.notifications.kinds import Audience, Topic, kinds_about, topics_of
from shared.notifications.queries import Told

UNREAD: Final = "unread"
_MOST_IDS: Final = 200


@dataclass(frozen=True, slots=True)
class Page:
    """A page of an inbox. `show`: empty for everything, `unread` or a topic; `older`: where the next page begins."""

    show: str
    topics: Sequence[Topic]
    told: Sequence[Told]
    older: UUID | None


def read_page(session: Session, actor: Actor) -> Page:
    """The page that the request's `show` and `before` ask for."""
    topics = topics_of(*_audiences(actor))
    show = request.args.get("show", "")
    show = show if show == UNREAD or show in topics else ""
    told = queries.latest(
        session,
        actor=actor,
        kinds=kinds_about(show) if show in topics else None,
        only_unread=show == UNREAD,
        before=request.args.get("before", type=UUID),
        limit=queries.PAGE + 1,
    )
    page = told[: queries.PAGE]
    return Page(show, topics, page, page[-1].notification_id if len(told) > queries.PAGE else None)


def chosen_ids() -> list[UUID]:
    """The notices that a form names; what is no id is left out."""
    found = (_id(text) for text in request.form.getlist("id")[:_MOST_IDS])
    return [each for each in found if each is not None]


def teach(bp: Blueprint) -> None:
    """Give templates of the face the filters `headline` and `more` for lines of an inbox."""
    bp.add_app_template_filter(words.headline, "notice_headline")
    bp.add_app_template_filter(words.more, "notice_more")


def _audiences(actor: Actor) -> tuple[Audience, ...]:
    if actor.dealer_id is None:
        return ("hq",)
    return ("store", "owner") if actor.role is Role.DEALER_OWNER else ("store",)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
