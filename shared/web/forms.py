"""Forms: WTForms with our words, and a tidy reading of text."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from shared.platform.errors import DomainError
from shared.web import words


class KoiForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A form. Its token is checked before the view for every form at once, so no field repeats it."""

    class Meta:
        """No token field of its own."""

        csrf = False

    def refuse(self, error: DomainError) -> None:
        """Show a refusal beside the field it is about, or above the form; what was typed stays."""
        name = str(error.params.get("field", ""))
        if name in self._fields:
            self._fields[name].errors = [*self._fields[name].errors, words.say(error.code, error.params)]
        else:
            self.form_errors.append(words.sentence(error.code, error.params))


def choices(*pairs: tuple[str, Any]) -> list[SelectChoice]:
    """Choices of a select or radio field, as (value, label)."""
    return [SelectChoice(value, label) for value, label in pairs]


def stripped(value: Any) -> Any:
    """A filter: text without space around it."""
    return value.strip() if isinstance(value, str) else value


def required() -> InputRequired:
    """The field must be filled in."""
    return InputRequired(_l("Fill this in"))


def at_most(length: int) -> Length:
    """The text has at most so many signs."""
    return Length(max=length, message=_l("At most %(max)d characters"))


def first_error(field: Field) -> str | None:
    """What to say below a field."""
    return str(field.errors[0]) if field.errors else None
