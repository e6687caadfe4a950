"""What the API refuses, and the words for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from pydantic_core import ErrorDetails

from shared.platform.errors import DomainError
from shared.web import words


class ApiProblem(DomainError):
    """A refused call. `fields`: (JSON pointer, code, parameters) of what is wrong in the body."""

    def __init__(self, code: str, status: int, *, fields: Iterable[tuple[str, str, Mapping[str, Any]]] = ()) -> None:
        super().__init__()
        self.problem = code
        self.http_status = status
        self.fields = tuple(fields)


#: Every problem of the API with its status; `/api/docs` lists them.
STATUS: Mapping[str, int] = {
    "body_unreadable": 400,
    "key_missing": 400,
    "key_unusable": 400,
    "bad_token": 401,
    "campaign_unknown": 404,
    "campaign_closed": 409,
    "campaign_not_started": 409,
    "too_large": 413,
    "json_needed": 415,
    "body_invalid": 422,
    "key_reused": 422,
    "busy": 503,
}


def problem(code: str, fields: Iterable[tuple[str, str, Mapping[str, Any]]] = ()) -> ApiProblem:
    """The problem with its status."""
    return ApiProblem(code, STATUS[code], fields=fields)


def pointer(location: Iterable[str | int]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


# pydantic's error types → our codes; everything else about a value is `malformed`.
_CODES = {
    "missing": "required",
    "extra_forbidden": "unknown_field",
    "string_too_long": "too_long",
    "literal_error": "not_allowed",
    "string_pattern_mismatch": "malformed",
    "timezone_aware": "offset_needed",
}
_RANGES = frozenset({"greater_than_equal", "less_than_equal", "finite_number", "int_parsing_size"})
_SHOWN = ("expected", "max_length", "ge", "le")


def field_problem(error: ErrorDetails) -> tuple[str, str, Mapping[str, Any]]:
    """One of pydantic's errors as pointer, code and parameters; never the value itself."""
    kind = error["type"]
    code = _CODES.get(kind) or ("wrong_type" if kind.endswith("_type") else "malformed")
    context = error.get("ctx", {})
    shown = {name: context[name] for name in _SHOWN if name in context}
    return pointer(error["loc"]), "out_of_range" if kind in _RANGES else code, shown


def sentence(code: str, params: Mapping[str, Any]) -> str:
    """What is wrong with one field."""
    return words.say(f"field_{code}", params)


words.tell("body_unreadable", _l("The body is not JSON"), _l("Send one JSON object in UTF-8."))
words.tell(
    "key_missing",
    _l("Idempotency-Key is missing"),
    _l("Send a key of your own with every sign-up, such as a UUID; send the same key again when you try again."),
)
words.tell("key_unusable", _l("Idempotency-Key cannot be used"), _l("Use 1 to 128 visible ASCII characters."))
words.tell(
    "bad_token",
    _l("The token is not valid"),
    _l("Send “Authorization: Bearer …” with a token that headquarters gave you and has not revoked."),
)
words.tell(
    "campaign_unknown",
    _l("There is no such campaign"),
    _l("Check the code in the address. A token for one campaign sees no other."),
)
words.tell("campaign_closed", _l("The campaign is over"), _l("It takes no sign-ups any more. Nothing was stored."))
words.tell(
    "campaign_not_started", _l("The campaign has not begun"), _l("It takes no sign-ups yet. Nothing was stored.")
)
words.tell("json_needed", _l("The body must be JSON"), _l("Send “Content-Type: application/json”."))
words.tell("body_invalid", _l("Some fields cannot be used"), _l("“errors” names each. Nothing was stored."))
words.tell(
    "key_reused",
    _l("This key came with another body before"),
    _l("A key stands for one sign-up. Send a new key for a new sign-up; nothing was changed."),
)
words.tell(
    "busy", _l("Not available at the moment"), _l("Send the same sign-up with the same key again; it is stored once.")
)
words.tell("field_required", _l("This field is needed"))
words.tell("field_unknown_field", _l("There is no such field"))
words.tell("field_too_long", _l("At most %(max_length)s characters"))
words.tell("field_not_allowed", _l("One of: %(expected)s"))
words.tell("field_wrong_type", _l("A value of another type is needed"))
words.tell("field_out_of_range", _l("The value is out of range"))
words.tell("field_offset_needed", _l("The time needs its offset, such as +08:00"))
words.tell("field_malformed", _l("The value cannot be read"))
words.tell("field_version_unknown", _l("This campaign has no such version of the text"))
words.tell("field_in_future", _l("The time is more than 5 minutes ahead of ours"))
