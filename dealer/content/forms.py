"""Forms of the stores' content pages."""

from __future__ import annotations

from uuid import UUID

from wtforms import HiddenField, ValidationError
from wtforms.fields import Field

from shared.platform.errors import Invalid
from shared.web.forms import KoiForm


def _is_id(_form: KoiForm, field: Field) -> None:
    try:
        UUID(field.data or "")
    except ValueError:
        raise ValidationError from None


class PullForm(KoiForm):
    """A store takes something; `request_key` was made with the form, so that a double press counts once."""

    store = HiddenField(validators=[_is_id])
    request_key = HiddenField(validators=[_is_id])

    def checked(self) -> tuple[UUID, str]:
        """Store and request key.

        Raises:
            Invalid: the form is not one of ours.
        """
        if not self.validate():
            raise Invalid
        return UUID(self.store.data), str(UUID(self.request_key.data))
