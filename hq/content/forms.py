"""Forms of the content pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import Field, HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import DateTimeLocalField
from wtforms.validators import Optional, ValidationError

from content_library.pictures import MAX_BYTES
from content_library.release import Audience
from content_library.service import Draft
from shared.platform.clock import BEIJING
from shared.web.forms import KoiForm, at_most, choices, required, stripped


def _lines(value: Any) -> Any:
    """A filter: text with plain line ends, without space around it and signs that no database keeps."""
    return value.replace("\r\n", "\n").replace("\0", "").strip() if isinstance(value, str) else value


def _plausible(_form: KoiForm, field: Field) -> None:
    if field.data is not None and not 2000 <= field.data.year <= 2100:
        raise ValidationError(_l("Choose a year from 2000 to 2100"))


class AssetForm(KoiForm):
    """An asset and its next version. `seen` is the version that the author started from; empty for a new asset."""

    title = StringField(_l("Title"), filters=[_lines], validators=[required(), at_most(60)])
    campaign = SelectField(_l("Campaign"), choices=[])
    copy_text = TextAreaField(_l("Text"), filters=[_lines], validators=[at_most(2000)])
    picture = FileField(_l("Picture"))
    store = SelectField(_l("Look at it as"), choices=[], validate_choice=False)
    seen = HiddenField(filters=[stripped])

    @property
    def version_seen(self) -> int:
        """The version the author started from; 0 when the form does not say."""
        text = self.seen.data or ""
        return int(text) if text.isdecimal() and len(text) < 9 else 0

    def draft(self) -> Draft:
        """What the author hands in."""
        return Draft(
            title=self.title.data,
            copy_text=self.copy_text.data or "",
            picture=self.picture_bytes(),
            campaign_id=self.campaign_id(),
        )

    def campaign_id(self) -> UUID | None:
        """The chosen campaign."""
        return UUID(self.campaign.data) if self.campaign.data else None

    def picture_bytes(self) -> bytes | None:
        """The uploaded file, at most one byte more than is allowed; None when none was chosen."""
        upload = self.picture.data
        return upload.stream.read(MAX_BYTES + 1) if upload else None


class PublishForm(KoiForm):
    """Who gets an approved version, and when."""

    audience = RadioField(
        _l("For whom"),
        choices=lambda: choices(
            ("all", _l("All stores")), ("province", _l("Stores of provinces")), ("dealer", _l("Stores of dealers"))
        ),
        default="all",
    )
    provinces = SelectMultipleField(_l("Provinces"), choices=[])
    dealers = SelectMultipleField(_l("Dealers"), choices=[])
    starts_at = DateTimeLocalField(_l("From"), validators=[Optional(), _plausible])
    ends_at = DateTimeLocalField(_l("Until"), validators=[Optional(), _plausible])

    def chosen(self, now: datetime) -> Audience:
        """The audience; times are Beijing's, and without a start it begins now."""
        codes = {"province": self.provinces.data, "dealer": self.dealers.data}.get(self.audience.data) or []
        return Audience(
            kind=self.audience.data,
            codes=tuple(codes),
            starts_at=_beijing(self.starts_at.data) or now,
            ends_at=_beijing(self.ends_at.data),
        )


def _beijing(local: datetime | None) -> datetime | None:
    return local.replace(tzinfo=BEIJING) if local else None
