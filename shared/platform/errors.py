"""What the domain refuses, as values: a code and parameters; words are found at the edge."""

from __future__ import annotations

from typing import ClassVar


class DomainError(Exception):
    """A refusal that a person can act on.

    Attributes:
        code: names the sentence to show; stable, snake_case.
        params: what the sentence needs, JSON values only.
        status: the HTTP status that a face answers with.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400

    def __init__(self, **params: object) -> None:
        super().__init__(self.code, params)
        self.params = params


class Missing(DomainError):
    """No such thing, or somebody else's: the two look alike on purpose."""

    code = "missing"
    status = 404


class Conflict(DomainError):
    """The thing has moved on since the person saw it."""

    code = "conflict"
    status = 409


class Invalid(DomainError):
    """The input cannot be used; `params["field"]` names what to correct where one field is to blame."""

    code = "invalid"
    status = 422


class Forbidden(DomainError):
    """The actor's role does not include this."""

    code = "forbidden"
    status = 403
