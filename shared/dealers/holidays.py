"""China's public holidays and the make-up workdays that pay for them, as the State Council announces them.

The days come from the library `chinesecalendar`, which adds a year when it is announced, in November as a rule. Days
that nobody has announced yet are plain days: working time beyond them follows the week.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from chinese_calendar.constants import holidays as _announced
from chinese_calendar.constants import workdays as _made_up


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days that are not what their weekday says.

    Attributes:
        off: public holidays, the weekends among them too, with the English name of the holiday.
        make_up: Saturdays and Sundays on which people work for one.
    """

    off: Mapping[date, str] = field(default_factory=dict)
    make_up: Mapping[date, str] = field(default_factory=dict)

    @property
    def ends(self) -> int:
        """The last year whose holidays are known; 0 for a calendar that knows none."""
        return max((day.year for day in self.off), default=0)

    def ends_soon(self, today: date) -> bool:
        """Whether the holidays of next year are not known, or not even those of this one."""
        return self.ends <= today.year

    def ahead(self, today: date, most: int = 3) -> list[tuple[date, date, str]]:
        """The next holidays that are known, each with its first and last day and its name."""
        spans: list[tuple[date, date, str]] = []
        for day in sorted(each for each in self.off if each >= today):
            if spans and (day - spans[-1][1]).days == 1 and self.off[day] == spans[-1][2]:
                spans[-1] = (spans[-1][0], day, spans[-1][2])
            else:
                spans.append((day, day, self.off[day]))
        return spans[:most]


CHINA: Final = Calendar(dict(_announced), dict(_made_up))
