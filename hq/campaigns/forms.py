"""Forms of the campaigns' pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateTimeLocalField, Field, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Optional

from shared.campaigns.opening import BRAND
from shared.campaigns.wording import Wording
from shared.platform.clock import BEIJING
from shared.web.forms import KoiForm, at_most, choices, required, stripped

FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
_LONGEST_TEXT = 60_000


def moment(field: Field) -> datetime | None:
    """What was chosen, as a time of Beijing."""
    chosen: datetime | None = field.data
    return chosen.replace(tzinfo=BEIJING) if chosen else None


def _whom() -> Any:
    """Whether a consent names every dealer; where it does not, `dealers` has their codes."""
    return RadioField(
        _l("Dealers that the consent names"),
        choices=lambda: choices(("all", _l("Every dealer")), ("some", _l("Only these"))),
        default="all",
        validate_choice=False,
    )


class _NamesDealers(KoiForm):
    """A form that says which dealers a consent names."""

    def named(self) -> str:
        """The dealers as `shared.campaigns.opening` takes them: codes with commas between them, or `all`."""
        codes: str = self["dealers"].data or ""
        return codes or "all"

    def validate(self, extra_validators: object = None) -> bool:
        """Codes where only some are named, and only there: who writes some down does not mean every dealer."""
        good: bool = super().validate(extra_validators)
        whom, codes = self["whom"].data, self["dealers"].data
        if (whom == "some" and not codes) or (whom == "all" and codes):
            said = (
                _("Codes stand here: choose “only these”, or take them away.")
                if codes
                else _("Write at least one code.")
            )
            self["dealers"].errors = [*self["dealers"].errors, said]
            return False
        return good


class CampaignForm(_NamesDealers):
    """A new campaign."""

    code = StringField(_l("Code"), filters=[stripped], validators=[required(), at_most(32)])
    name = StringField(_l("Name of the campaign"), filters=[stripped], validators=[required(), at_most(60)])
    brand = StringField(_l("Organiser, as the consent texts call it"), filters=[stripped], default=BRAND)
    whom = _whom()
    dealers = StringField(_l("Codes of the dealers"), filters=[stripped])
    starts_at = DateTimeLocalField(_l("Begins"), format=FORMATS, validators=[Optional()])
    ends_at = DateTimeLocalField(_l("Ends"), format=FORMATS, validators=[Optional()])

    def begin(self) -> datetime | None:
        """When it begins."""
        return moment(self.starts_at)

    def end(self) -> datetime | None:
        """When it ends."""
        return moment(self.ends_at)


class TextForm(_NamesDealers):
    """A new version of a consent text; with no words of one's own it gets the usual ones."""

    kind = RadioField(
        _l("Consent"),
        choices=lambda: choices(("share", _l("Giving the number to dealers")), ("marketing", _l("Marketing"))),
        default="share",
    )
    whom = _whom()
    dealers = StringField(_l("Codes of the dealers"), filters=[stripped])
    brand = StringField(_l("Organiser, as the consent texts call it"), filters=[stripped], default=BRAND)
    zh = TextAreaField(_l("Words in Chinese"), filters=[stripped], validators=[at_most(_LONGEST_TEXT)])
    en = TextAreaField(_l("Words in English"), filters=[stripped], validators=[at_most(_LONGEST_TEXT)])

    def validate(self, extra_validators: object = None) -> bool:
        """Both languages, or neither."""
        good: bool = super().validate(extra_validators)
        if bool(self.zh.data) != bool(self.en.data):
            missing = self.en if self.zh.data else self.zh
            missing.errors = [*missing.errors, _l("Write both languages, or leave both empty for the usual words")]
            return False
        return good

    def own(self) -> Wording | None:
        """The words of one's own."""
        return Wording(self.zh.data, self.en.data) if self.zh.data and self.en.data else None


class TokenForm(KoiForm):
    """A token for somebody who posts sign-ups."""

    used_by = StringField(_l("Who uses it"), filters=[stripped], validators=[required(), at_most(60)])
    campaign = SelectField(_l("Which campaign"))
