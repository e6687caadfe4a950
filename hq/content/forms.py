"""Forms of the content pages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    Field,
    FloatField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import DateTimeLocalField
from wtforms.validators import Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from content_library import copy
from content_library.kinds import MAX_LINK, Kind
from content_library.pictures import MAX_BYTES
from content_library.places import BadPlace, Box, Places
from content_library.release import Audience
from content_library.store_values import SampleStore
from shared.campaigns.queries import CampaignFacts
from shared.platform.clock import BEIJING
from shared.web.forms import KoiForm, at_most, choices, required, stripped
from shared.web.words import say

MAX_COPY = 2000
AUDIENCES = ("all", "province", "city", "dealer", "store", "campaign")
# Where code and name stand until somebody moves them: at the foot, side by side.
_START = {
    "code_left": 70.0,
    "code_top": 79.0,
    "code_width": 26.0,
    "name_left": 4.0,
    "name_top": 84.0,
    "name_width": 62.0,
}


def _lines(value: Any) -> Any:
    """A filter: text with plain line ends, without space around it and signs that no database keeps."""
    return value.replace("\r\n", "\n").replace("\0", "").strip() if isinstance(value, str) else value


def _copy(value: Any) -> Any:
    return copy.tidy(_lines(value)) if isinstance(value, str) else value


def _plausible(_form: KoiForm, field: Field) -> None:
    if field.data is not None and not 2000 <= field.data.year <= 2100:
        raise ValidationError(_l("Choose a year from 2000 to 2100"))


class PercentField(FloatField):  # type: ignore[misc]  # WTForms has no types
    """A number from 0 to 100, or nothing."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was sent."""
        self.data = None
        text = (valuelist[0] if valuelist else "").strip().replace(",", ".")
        if not text:
            return
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not 0 <= number <= 100:
            raise ValueError(_l("A number from 0 to 100"))
        self.data = round(number, 1)


def _percent(label: Any, name: str) -> PercentField:
    return PercentField(label, default=_START[name], render_kw={"inputmode": "decimal"})


class AssetForm(KoiForm):
    """An asset and its next version. `seen` is the version that the author started from; empty for a new asset."""

    all_campaigns: Sequence[CampaignFacts] = ()
    all_stores: Sequence[SampleStore] = ()

    kind = RadioField(
        _l("Kind"),
        choices=lambda: choices(*((kind.value, say(f"kind.{kind}")) for kind in Kind)),
        default=Kind.POSTER.value,
    )
    title = StringField(_l("Title"), filters=[_lines], validators=[required(), at_most(60)])
    campaign = SelectField(_l("Campaign"), choices=[])
    copy_text = TextAreaField(_l("Text"), filters=[_copy], validators=[at_most(MAX_COPY)])
    link = StringField(_l("Link"), filters=[_lines], validators=[at_most(MAX_LINK)])
    picture = FileField(_l("Picture"))
    picture_file = HiddenField(filters=[stripped])
    video = FileField(_l("Video"))
    video_file = HiddenField(filters=[stripped])
    layout = RadioField(
        _l("Code and store name"),
        choices=lambda: choices(("below", _l("In a strip below the picture")), ("on", _l("On the picture"))),
        default="below",
    )
    code_left = _percent(_l("from the left"), "code_left")
    code_top = _percent(_l("from the top"), "code_top")
    code_width = _percent(_l("wide"), "code_width")
    with_name = BooleanField(_l("Store name and address on the picture"), default=True)
    name_left = _percent(_l("from the left"), "name_left")
    name_top = _percent(_l("from the top"), "name_top")
    name_width = _percent(_l("wide"), "name_width")
    store = SelectField(_l("Look at it as"), choices=[], validate_choice=False)
    seen = HiddenField(filters=[stripped])
    base = HiddenField(filters=[stripped])

    @property
    def version_seen(self) -> int:
        """The version the author started from; 0 when the form does not say."""
        return _version(self.seen.data)

    @property
    def version_base(self) -> int:
        """The version before the one that overtook the author; 0 when nobody did."""
        return _version(self.base.data)

    @property
    def chosen_kind(self) -> Kind:
        """The kind; a poster where the form says none."""
        return Kind(self.kind.data) if self.kind.data in set(Kind) else Kind.POSTER

    def campaign_id(self) -> UUID | None:
        """The chosen campaign."""
        return _id(self.campaign.data)

    @property
    def picture_id(self) -> UUID | None:
        """The picture that was uploaded before the form was sent."""
        return _id(self.picture_file.data)

    @property
    def video_id(self) -> UUID | None:
        """The video that was uploaded before the form was sent."""
        return _id(self.video_file.data)

    def picture_bytes(self) -> bytes | None:
        """The uploaded file, at most one byte more than is allowed; None when none was chosen."""
        upload = self.picture.data
        return upload.stream.read(MAX_BYTES + 1) if upload else None

    def places(self) -> Places | None:
        """Where code and name stand; None: below the picture.

        Raises:
            BadPlace: on the picture, but without a place for the code, or a place of the name that is half told.
        """
        if self.layout.data != "on":
            return None
        code = _box(self.code_left, self.code_top, self.code_width)
        if code is None:
            raise BadPlace(reason="no_code", field="code_left")
        if not self.with_name.data:
            return Places(code, None)
        name = _box(self.name_left, self.name_top, self.name_width)
        if name is None:
            raise BadPlace(reason="no_name", field="name_left")
        return Places(code, name)


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _version(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else 0


def _box(left: Field, top: Field, width: Field) -> Box | None:
    if left.data is None or top.data is None or width.data is None:
        return None
    return Box(left.data, top.data, width.data)


class ChecklistField(SelectMultipleField):  # type: ignore[misc]  # WTForms has no types
    """Several of a list, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class PublishForm(KoiForm):
    """Who gets an approved version, and when."""

    audience = RadioField(
        _l("For whom"),
        choices=lambda: choices(
            ("all", _l("All stores")),
            ("province", _l("Stores of provinces")),
            ("city", _l("Stores of cities")),
            ("dealer", _l("Stores of dealers")),
            ("store", _l("Single stores")),
            ("campaign", _l("Stores of a campaign's dealers")),
        ),
        default="all",
    )
    provinces = ChecklistField(_l("Provinces"), choices=[])
    cities = ChecklistField(_l("Cities"), choices=[])
    dealers = ChecklistField(_l("Dealers"), choices=[])
    stores = TextAreaField(_l("Stores"), filters=[_lines], validators=[at_most(20_000)])
    campaigns = ChecklistField(_l("Campaigns"), choices=[])
    starts_at = DateTimeLocalField(_l("From"), validators=[Optional(), _plausible])
    ends_at = DateTimeLocalField(_l("Until"), validators=[Optional(), _plausible])

    @property
    def lists(self) -> dict[str, ChecklistField]:
        """The field of each kind of audience that is ticked in a list."""
        return {
            "province": self.provinces,
            "city": self.cities,
            "dealer": self.dealers,
            "campaign": self.campaigns,
        }

    @property
    def store_lines(self) -> list[str]:
        """The stores that were written down, one a line."""
        return [line.strip() for line in (self.stores.data or "").split("\n") if line.strip()]

    def chosen(self, now: datetime, *, stores: Sequence[str] = (), started_at: datetime | None = None) -> Audience:
        """The audience; times are Beijing's, and without a start it begins now.

        Args:
            stores: codes of the stores that were written down.
            started_at: the start of a publication that is changed; kept when the form shows the same minute.
        """
        listed = self.lists.get(self.audience.data)
        starts_at = _beijing(self.starts_at.data) or started_at or now
        if started_at is not None and started_at.replace(second=0, microsecond=0) == starts_at:
            starts_at = started_at
        codes = tuple(stores) if self.audience.data == "store" else tuple(listed.data or ()) if listed else ()
        return Audience(self.audience.data, codes, starts_at, _beijing(self.ends_at.data))


def _beijing(local: datetime | None) -> datetime | None:
    return local.replace(tzinfo=BEIJING) if local else None
