"""Many notices at once are one line."""

from __future__ import annotations

from datetime import timedelta

from shared.notifications.lines import lines
from shared.notifications.queries import Told
from shared.platform.ids import new_id
from tests.factories.counting import NOW


def told(kind: str, minutes_ago: float, *, read: bool = False, due_in: float | None = None) -> Told:
    at = NOW - timedelta(minutes=minutes_ago)
    details = {} if due_in is None else {"deadline": (NOW + timedelta(minutes=due_in)).isoformat()}
    return Told(notification_id=new_id(at), kind=kind, details=details, at=at, read=read)


def test_many_of_a_kind_within_an_hour_are_one_line_with_the_first_deadline():
    (line,) = lines(told("offered", ago, due_in=30 - ago) for ago in (0, 5, 59))
    assert (len(line.notices), line.earliest) == (3, NOW - timedelta(minutes=29))


def test_two_of_a_kind_are_two_lines():
    assert [line.is_one for line in lines([told("offered", 0), told("offered", 1)])] == [True, True]


def test_what_is_older_read_or_of_another_kind_stands_apart():
    mixed = [told("offered", ago) for ago in (0, 1, 2)]
    mixed += [told("offered", ago) for ago in (62, 63, 64)]
    mixed += [told("taken", ago) for ago in (65, 66, 67)]
    mixed += [told("taken", ago, read=True) for ago in (68, 69, 70)]
    assert [(line.kind, line.read, len(line.notices)) for line in lines(mixed)] == [
        ("offered", False, 3),
        ("offered", False, 3),
        ("taken", False, 3),
        ("taken", True, 3),
    ]
