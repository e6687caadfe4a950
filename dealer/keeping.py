"""Pages that a phone may keep for the time without network, and for whom.

The service worker keeps only answers that carry the mark, for twelve hours at most, and forgets all of them when
somebody signs out or another person signs in. A page with a number in clear never carries it.
"""

from __future__ import annotations

from flask import Response, g, make_response
from flask.typing import ResponseReturnValue

HEADER = "X-Koi-Keep"


def keep(page: ResponseReturnValue) -> Response:
    """Let the reader's phone keep a page."""
    answer = make_response(page)
    if answer.status_code == 200:
        answer.headers[HEADER] = str(g.actor.user_id)
    return answer
