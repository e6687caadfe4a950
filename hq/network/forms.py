"""Forms of stores and dealers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, Field, HiddenField, RadioField, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import Optional, Regexp, ValidationError

from hq.network.days import (
    read_closed_days,
    read_holidays,
    read_week,
    write_closed_days,
    write_holidays,
    write_week,
)
from hq.network.editing import Wanted
from hq.network.errors import NoSeries
from hq.network.place import SYSTEMS, placed, read_division, read_point
from shared.dealers.hours import DAY_KEYS, HolidayRule, OnHolidays, WeeklyHours
from shared.dealers.models import Series, Store
from shared.dealers.series import SeriesBook, UnknownSeries
from shared.platform.clock import BEIJING
from shared.platform.errors import Invalid
from shared.regions import divisions
from shared.regions.fitting import Fit, fit
from shared.web.forms import KoiForm, at_most, choices, required, stripped
from shared.web.holidays import holiday_choices
from shared.web.words import listing, say

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_NINE = time(9)
_MOST_MODELS, _LONGEST_MODEL = 100, 64


class StoreForm(KoiForm):
    """What is written about a store."""

    changed_at = HiddenField()
    sure = HiddenField()  # the doubt that was shown before, and the point it was about
    name = StringField(_l("Name of the store"), filters=[stripped], validators=[required(), at_most(60)])
    division = StringField(_l("Province, city, district"), filters=[stripped], validators=[at_most(80)])
    address = StringField(_l("Address"), filters=[stripped], validators=[at_most(200)])
    lng = StringField(_l("Longitude"), filters=[stripped], validators=[at_most(24)])
    lat = StringField(_l("Latitude"), filters=[stripped], validators=[at_most(24)])
    system = SelectField(
        _l("Coordinates of"),
        choices=lambda: choices(*((name, say(f"system.{name}")) for name in SYSTEMS)),
        default="WGS-84",
    )
    capacity = StringField(_l("Leads a day"), filters=[stripped], validators=[at_most(6)])
    weekly = StringField(_l("Leads a week"), filters=[stripped], validators=[at_most(6)])
    weight = StringField(_l("Weight"), filters=[stripped], validators=[at_most(6)], default="1")
    series = StringField(_l("Series it may sell"), filters=[stripped], validators=[at_most(400)])
    mon = StringField(_l("Mon"), filters=[stripped], validators=[at_most(60)])
    tue = StringField(_l("Tue"), filters=[stripped], validators=[at_most(60)])
    wed = StringField(_l("Wed"), filters=[stripped], validators=[at_most(60)])
    thu = StringField(_l("Thu"), filters=[stripped], validators=[at_most(60)])
    fri = StringField(_l("Fri"), filters=[stripped], validators=[at_most(60)])
    sat = StringField(_l("Sat"), filters=[stripped], validators=[at_most(60)])
    sun = StringField(_l("Sun"), filters=[stripped], validators=[at_most(60)])
    holidays = SelectField(
        _l("On public holidays"), choices=lambda: choices(*holiday_choices()), default=OnHolidays.SUNDAY.value
    )
    holiday_hours = StringField(_l("Hours on public holidays"), filters=[stripped], validators=[at_most(60)])
    make_up = SelectField(
        _l("On make-up workdays"),
        choices=lambda: choices(
            ("yes", _l("Open, if shut on that day of the week")), ("no", _l("As on that day of the week"))
        ),
        default="yes",
    )
    closed_days = TextAreaField(_l("Days shut"), filters=[stripped], validators=[at_most(2000)])

    @classmethod
    def of(cls, store: Store, series: SeriesBook) -> StoreForm:
        """The form as the store is now."""
        given = store.point_source == "as_given"
        hours = WeeklyHours.from_json(store.hours)
        return cls(
            formdata=None,
            changed_at=store.changed_at.isoformat(),
            name=store.name,
            division=division_words(store),
            address=store.address,
            lng=f"{store.lng:.6f}" if given and store.lng is not None else "",
            lat=f"{store.lat:.6f}" if given and store.lat is not None else "",
            system="WGS-84",
            capacity=_number_words(store.daily_capacity),
            weekly=_number_words(store.weekly_capacity),
            weight=str(store.weight),
            series=series.write(store.series),
            closed_days=write_closed_days([date.fromisoformat(day) for day in store.closed_days or ()]),
            **write_week(hours),
            **write_holidays(hours),
        )

    def validate_capacity(self, field: Field) -> None:
        """Nothing for no limit, else a whole number."""
        if field.data and not re.fullmatch(r"[0-9]{1,5}", field.data):
            raise ValidationError(_l("A whole number, or nothing for no limit"))

    validate_weekly = validate_capacity

    def validate_weight(self, field: Field) -> None:
        """A whole number from 1 on."""
        if not re.fullmatch(r"[1-9][0-9]{0,2}", field.data or "1"):
            raise ValidationError(_l("A whole number from 1 to 999"))

    def wanted(self, *, today: date, series: SeriesBook) -> Wanted:
        """What the form asks for.

        Raises:
            BadPlace, BadPoint, BadDay, NoSeries: see there; `field` names the field.
        """
        division = read_division(self.division.data or "")
        point = read_point(self.lng.data or "", self.lat.data or "", self.system.data)
        return Wanted(
            name=self.name.data,
            address=self.address.data or "",
            place=placed(division, point),
            capacity=int(self.capacity.data) if self.capacity.data else None,
            weekly=int(self.weekly.data) if self.weekly.data else None,
            weight=int(self.weight.data or 1),
            series=read_series(self.series.data or "", series),
            hours=read_week({key: self[key].data or "" for key in DAY_KEYS}).with_holidays(self._holidays()),
            closed_days=read_closed_days(self.closed_days.data or "", today=today),
        )

    def _holidays(self) -> HolidayRule:
        made_up = self.make_up.data != "no"
        return read_holidays(self.holidays.data, self.holiday_hours.data or "", make_up=made_up)

    def doubt(self) -> Fit | None:
        """What speaks against the point that is written, held against the division that is."""
        point = read_point(self.lng.data or "", self.lat.data or "", self.system.data)
        found = fit(*point, read_division(self.division.data or "")) if point is not None else None
        return found if found is not None and found.misfit is not None else None

    def swap(self) -> None:
        """Put longitude and latitude in each other's place."""
        self.lng.data, self.lat.data = self.lat.data, self.lng.data

    @property
    def days(self) -> Sequence[Field]:
        """The fields of the week, Monday first."""
        return [self[key] for key in DAY_KEYS]


class NewStoreForm(StoreForm):
    """A store that is not there yet."""

    dealer = SelectField(_l("Dealer"), validators=[required()])
    code = StringField(
        _l("Code"),
        filters=[stripped],
        validators=[required(), Regexp(_CODE, message=_l("Letters, digits, - and _; at most 32"))],
    )


class DealerForm(KoiForm):
    """A dealer's name; `seen` is the name that the form knew."""

    seen = HiddenField()
    name = StringField(_l("Name of the dealer"), filters=[stripped], validators=[required(), at_most(60)])


class NewDealerForm(DealerForm):
    """A dealer that is not there yet."""

    code = StringField(
        _l("Code"),
        filters=[stripped],
        validators=[required(), Regexp(_CODE, message=_l("Letters, digits, - and _; at most 32"))],
    )


class SeriesForm(KoiForm):
    """A series of the brand; `seen`: when it had been changed last as the form knew it."""

    seen = HiddenField()
    name = StringField(_l("Name of the series"), filters=[stripped], validators=[required(), at_most(40)])
    models = TextAreaField(_l("Models"), filters=[stripped], validators=[at_most(2000)])

    @classmethod
    def of(cls, series: Series) -> SeriesForm:
        """The form as the series is now."""
        models = "\n".join(series.models)
        return cls(formdata=None, seen=series.changed_at.isoformat(), name=series.name, models=models)

    def validate_models(self, field: Field) -> None:
        """At most 100, each of 64 characters."""
        if len(self.listed) > _MOST_MODELS or any(len(model) > _LONGEST_MODEL for model in self.listed):
            raise ValidationError(_l("At most 100 models of 64 characters"))

    @property
    def listed(self) -> list[str]:
        """The models, one from each line, each once."""
        return list(dict.fromkeys(filter(None, map(str.strip, (self.models.data or "").splitlines()))))


class NewSeriesForm(SeriesForm):
    """A series that is not there yet."""

    code = StringField(
        _l("Code"),
        filters=[stripped],
        validators=[required(), Regexp(_CODE, message=_l("Letters, digits, - and _; at most 32"))],
    )


class PauseForm(KoiForm):
    """Why, until when, and what becomes of open offers."""

    reason = StringField(_l("Why"), filters=[stripped], validators=[required(), at_most(200)])
    day = DateField(_l("Opens again on"), validators=[Optional()])
    clock = TimeField(_l("At"), validators=[Optional()])
    offers = RadioField(
        _l("Open offers"),
        choices=lambda: choices(
            ("keep", _l("Stay: the store may claim them")), ("reroute", _l("Go to other stores now"))
        ),
        default="keep",
    )

    def until(self) -> datetime | None:
        """When the pause ends.

        Raises:
            Invalid: a time without a day.
        """
        if self.day.data is None:
            if self.clock.data is not None:
                raise Invalid(field="day")
            return None
        return datetime.combine(self.day.data, self.clock.data or _NINE, BEIJING)


class CloseForm(KoiForm):
    """Why a store is closed for good."""

    reason = StringField(_l("Why"), filters=[stripped], validators=[required(), at_most(200)])


def read_series(text: str, series: SeriesBook) -> Sequence[str] | None:
    """The codes that words name; None: all.

    Raises:
        NoSeries: one names none.
    """
    try:
        return series.read(text)
    except UnknownSeries as unknown:
        known = listing(series.names.values())
        raise NoSeries(field="series", text=unknown.args[0], known=known, reason="" if known else "none") from None


def _number_words(limit: int | None) -> str:
    return "" if limit is None else str(limit)


def division_words(store: Any) -> str:
    """A store's division as `read_division` reads it."""
    codes = dict.fromkeys(code for code in (store.province_code, store.city_code, store.county_code) if code)
    return " ".join(dict.fromkeys(divisions.names_of(codes).values()))
