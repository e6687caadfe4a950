"""The form of what a campaign shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    DecimalField,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.validators import NumberRange, Optional, Regexp, ValidationError

from hq.campaigns.forms import FORMATS, moment
from shared.campaigns.face import MOST_PRIZES, TOP_VALUE, Face, Prize
from shared.platform.clock import BEIJING
from shared.web.forms import KoiForm, at_most, choices, stripped

_LONGEST_RULES = 8000
_WHOLE = _l("Write a whole number")


class PrizeForm(KoiForm):
    """One kind of prize; an empty row is none."""

    tier = StringField(_l("Tier"), filters=[stripped], validators=[at_most(12)])
    name = StringField(_l("Prize"), filters=[stripped], validators=[at_most(40)])
    value = DecimalField(
        _l("Market value of one, yuan"),
        places=None,
        validators=[
            Optional(),
            NumberRange(0, TOP_VALUE, _l("A prize may be worth ¥50,000 at most (SAMR Order 32, art. 17)")),
        ],
    )
    count = IntegerField(_l("How many"), validators=[Optional(), NumberRange(1, 1_000_000, _WHOLE)])

    def validate(self, extra_validators: object = None) -> bool:
        """A row is empty or complete."""
        good: bool = super().validate(extra_validators)
        given = [field for field in (self.tier, self.name, self.value, self.count) if field.data not in (None, "")]
        if given and (len(given) < 4):
            self.name.errors = [*self.name.errors, _l("Give tier, prize, value and number, or leave the row empty")]
            return False
        return good

    def prize(self) -> Prize | None:
        """What the row says."""
        if not self.name.data:
            return None
        return Prize(tier=self.tier.data, name=self.name.data, value=self.value.data, count=self.count.data)


class FaceForm(KoiForm):
    """What people see before they sign up. The picture is kept unless another one is given."""

    headline = StringField(_l("Headline"), filters=[stripped], validators=[at_most(24)])
    picture = FileField(_l("Picture"))
    no_picture = BooleanField(_l("Take the picture away"))
    prizes = FieldList(FormField(PrizeForm), min_entries=3, max_entries=MOST_PRIZES)
    draw_at = DateTimeLocalField(_l("Draw"), format=FORMATS, validators=[Optional()])
    draw_method = StringField(_l("How the winners are found"), filters=[stripped], validators=[at_most(200)])
    redemption = TextAreaField(
        _l("When, where and how prizes are handed over"), filters=[stripped], validators=[at_most(400)]
    )
    rules = TextAreaField(_l("Rules"), filters=[stripped], validators=[at_most(_LONGEST_RULES)])
    organiser = StringField(_l("Organiser"), filters=[stripped], validators=[at_most(60)])
    contact = StringField(_l("Contact"), filters=[stripped], validators=[at_most(60)])
    phone_check = RadioField(
        _l("Code by text message"),
        choices=lambda: choices(
            ("optional", _l("Asked for; who does not give it can sign up all the same")),
            ("required", _l("Needed: no sign-up without it")),
        ),
        default="optional",
    )
    seen_version = HiddenField(validators=[Regexp(r"^[0-9]{1,6}$")])

    def validate_picture(self, field: Any) -> None:
        """Something that was sent has a name."""
        if field.data is not None and not isinstance(field.data, str) and not field.data.filename:
            field.data = None

    def validate_prizes(self, field: Any) -> None:
        """Say at the list what is wrong in a row."""
        if any(entry.form.errors for entry in field.entries):
            raise ValidationError(str(_l("Look at the marked rows again")))

    @classmethod
    def of(cls, face: Face, *, phone_check: str, version: int) -> FaceForm:
        """The form filled with a version, and some empty rows for more prizes."""
        prizes: list[Mapping[str, Any]] = [
            {"tier": each.tier, "name": each.name, "value": each.value, "count": each.count} for each in face.prizes
        ]
        rows = min(MOST_PRIZES, max(3, len(prizes) + 1))
        return cls(
            formdata=None,
            data={
                "headline": face.headline,
                "prizes": prizes + [{}] * (rows - len(prizes)),
                "draw_at": face.draw_at.astimezone(BEIJING) if face.draw_at else None,
                "draw_method": face.draw_method,
                "redemption": face.redemption,
                "rules": face.rules,
                "organiser": face.organiser,
                "contact": face.contact,
                "phone_check": phone_check,
                "seen_version": str(version),
            },
        )

    def face(self, picture: str) -> Face:
        """What the form says, with the storage key of its picture."""
        rows = (entry.form.prize() for entry in self.prizes.entries)
        return Face(
            headline=self.headline.data,
            organiser=self.organiser.data,
            contact=self.contact.data,
            draw_at=moment(self.draw_at),
            draw_method=self.draw_method.data,
            redemption=_lines(self.redemption.data),
            rules=_lines(self.rules.data),
            prizes=tuple(prize for prize in rows if prize is not None),
            picture=picture,
        )


def _lines(text: str) -> str:
    """Browsers send two signs for a new line; what is stored has one."""
    return text.replace("\r\n", "\n")
